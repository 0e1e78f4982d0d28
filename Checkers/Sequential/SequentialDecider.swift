/// Ways to decide, for tests that force the rarely taken ones: they change how an answer is found, never the answer.
@usableFromInline struct SequentialTuning: Sendable {
  /// Answer "valid" where every object is linearizable.
  var usesLinearizations = true
  /// Saturate what follows from known sources.
  var usesConstraints = true
  /// Order what the constraints leave open, where every source is known.
  var usesUpdateOrders = true
  /// Search configurations.
  var usesPositions = true

  @usableFromInline init() {}
}

/// Decides one problem, by constraints where values tell what was seen, else by search.
struct SequentialDecider {
  enum Way: String, CaseIterable {
    case linearizations = "linearizability of every object"
    case constraints = "saturated order constraints"
    case updateOrders = "saturated order constraints, both orders of what they leave open"
    case positions = "search over process positions"
  }

  enum Answer {
    /// Ids of the problem.
    case order([UInt32], Way)
    case cycle(CoreCycle)
    /// An operation needs a state that nothing leaves; what shows that it happened is in the core.
    case unexplained(UInt32, core: [UInt32])
    case exhausted(Way)
    /// With how far it got.
    case stopped(StopReason, String)
  }

  /// A contradiction and the operations that it rests on: ids of the problem.
  struct CoreCycle {
    var edges: [ConstraintEdge]
    /// What the edges of the cycle follow from, each from those before it.
    var premises: [ConstraintEdge]
    /// With every operation what it may have seen: the others can be left out.
    var core: [UInt32]
  }

  let limits: SearchLimits
  /// Of the search for orders of updates, which leaves the rest to the search over positions.
  let updateOrderLimits: SearchLimits
  var tuning = SequentialTuning()

  func decide(_ problem: SequentialProblem) -> Answer {
    var members = problem.withoutIdle
    if tuning.usesConstraints, problem.automaton.isTransparent {
      let reads = ReadsFrom(problem)
      if let answer = decide(problem, reads) { return answer }
      members = reads.live.map { problem.member($0) }
    }
    guard tuning.usesPositions else { return .stopped(.work, "the constraints do not contradict each other") }
    return search(problem, members)
  }

  // MARK: Constraints

  private func decide(_ problem: SequentialProblem, _ reads: ReadsFrom) -> Answer? {
    if let unexplained = reads.unexplained { return .unexplained(unexplained, core: reads.closed([unexplained])) }
    let certain = SequentialProblem(problem, reads.certain.map { problem.member($0) })
    guard ConstraintGraph.bytes(certain) * 2 <= limits.bytesMax else { return nil }
    let graph = ConstraintGraph(certain, source: reads.sourcesAmongCertain)
    guard reads.isComplete, tuning.usesUpdateOrders else {
      return graph.saturate().map { .cycle(cycle($0, graph, reads)) }
    }
    let search = UpdateOrderSearch(graph, updateOrderLimits)
    switch search.run() {
    case .order(let order):
      return .order(order.map { reads.certain[Int($0)] }, search.deepest == 0 ? .constraints : .updateOrders)
    case .cycle(let conflict): return .cycle(cycle(conflict, graph, reads))
    case .exhausted: return .exhausted(.updateOrders)
    case .stopped: return nil
    }
  }

  private func cycle(_ conflict: ConstraintConflict, _ graph: ConstraintGraph, _ reads: ReadsFrom) -> CoreCycle {
    let proof = CycleProof(conflict, in: graph)
    return CoreCycle(
      edges: proof.cycle.map { $0.mapped { reads.certain[Int($0)] } },
      premises: proof.premises.map { $0.mapped { reads.certain[Int($0)] } },
      core: reads.closed(proof.core.map { reads.certain[Int($0)] }))
  }

  // MARK: Search

  private func search(_ problem: SequentialProblem, _ members: [SequentialProblem.Member]) -> Answer {
    let search = PositionSearch(SequentialProblem(problem, members), limits)
    switch search.run() {
    case .order(let order): return .order(order.map { members[Int($0)].id }, .positions)
    case .exhausted: return .exhausted(.positions)
    case .stopped(let reason):
      let progress =
        "placed at most \(search.deepest) of \(members.count) operations "
        + "(\(search.configurations) configurations, \(search.bytes >> 20) MiB)"
      return .stopped(reason, progress)
    }
  }
}

extension SequentialProblem {
  func member(_ id: UInt32) -> Member { Member(id: id, isRequired: operations[Int(id)].isRequired) }
}

extension ReadsFrom {
  /// The sources of the certain operations, all as numbers among them.
  var sourcesAmongCertain: [UInt32] {
    var number = [UInt32](repeating: Self.none, count: source.count)
    for (place, id) in certain.enumerated() { number[Int(id)] = UInt32(place) }
    return certain.map { id in
      let source = source[Int(id)]
      return source < Self.unclear ? number[Int(source)] : source
    }
  }
}

extension ConstraintEdge {
  func mapped(_ transform: (UInt32) -> UInt32) -> ConstraintEdge {
    let reason: Reason =
      switch reason {
      case .before(let reader): .before(reader: transform(reader))
      case .overwritten(let source): .overwritten(source: transform(source))
      case .process, .source, .initial, .assumed: reason
      }
    return ConstraintEdge(from: transform(from), to: transform(to), reason: reason)
  }
}
