import Histories

/// From an exhausted search to what a report draws.
struct CounterexampleBuilder {
  static let claim = "linearizable"

  let object: LoweredObject
  let operations: Operations
  let key: Value?
  let limits: SearchLimits

  /// The counterexample of a search that was stuck, with its finding.
  ///
  /// - Parameter core: what was searched; nil for the whole object.
  func build(from search: Search, of core: Evidence?) -> (Finding, Counterexample) {
    let stuck = search.schedule.returns[search.deepest]
    let violation = core.map { $0.members[Int(stuck)].id } ?? stuck
    let explanation = Explanation(object, operations, key: key, violation: violation)
    let evidence = reduced(search, core, violation, explanation.staleRead)
    let shown = Search(evidence.problem, object.automaton, unbounded)
    // Evidence that was too large to search again shows how far the search came, until it was stopped.
    _ = shown.run()
    let counterexample = ShownPart(counterexample(evidence, explanation, StuckPaths(shown).paths())).result
    return (finding(counterexample, explanation), counterexample)
  }

  private var unbounded: SearchLimits {
    var limits = limits
    limits.configurationsMax = Reducer.workMax
    return limits
  }

  private func reduced(_ search: Search, _ core: Evidence?, _ violation: UInt32, _ staleRead: StaleRead?) -> Evidence {
    let evidence = core ?? Evidence(object.problem, violation: violation)
    var pinned: Set<UInt32> = [violation]
    if let staleRead, evidence.members.contains(where: { $0.id == staleRead.overwriter }) {
      pinned.insert(staleRead.overwriter)
    }
    var reducer = Reducer(object.automaton, limits, pinned: pinned)
    return reducer.reduce(evidence, ReachableStates(search: search, members: core?.members))
  }

  private func counterexample(
    _ evidence: Evidence, _ explanation: Explanation, _ paths: [Counterexample.Path]
  ) -> Counterexample {
    let earlier = object.problem.operations.count { $0.completion < evidence.cutTime }
    let values = evidence.initialStates.map { object.automaton.value(of: $0) }
    return Counterexample(
      claim: Self.claim, anomaly: explanation.anomaly.rawValue, key: key, summary: explanation.summary(),
      explanation: explanation.sentences(evidence, earlier: earlier, paths: paths), initialStates: values,
      earlierOperations: earlier, operations: evidence.members.map(operation),
      violation: evidence.members.firstIndex { $0.id == explanation.violation } ?? 0, paths: paths)
  }

  private func operation(_ member: Evidence.Member) -> Counterexample.Operation {
    let recorded = operations[Int(object.positions[Int(member.id)])]
    let completion = member.operation.completion
    let returned = completion == SearchOperation.never ? nil : Int(completion)
    return Counterexample.Operation(
      index: recorded.invocation, completion: returned, process: recorded.process.description, node: recorded.node,
      f: recorded.function, input: recorded.input, output: recorded.output, type: recorded.outcome.name,
      role: member.operation.isRequired ? .required : .optional, invokeTime: recorded.invokeTime,
      completeTime: returned.map { operations.history.time(at: $0) },
      label: object.automaton.words.label(member.operation.kind))
  }

  /// The fingerprint is the claim, the anomaly and the violating function: the same in every run with this fault.
  private func finding(_ counterexample: Counterexample, _ explanation: Explanation) -> Finding {
    let failed = explanation.failedWriter.map { [Int(operations.invocations[Int($0.position)])] } ?? []
    let function = counterexample.operations[counterexample.violation].f
    return Finding(
      anomaly: counterexample.anomaly, summary: counterexample.summary,
      operations: counterexample.operations.map(\.index) + failed,
      fingerprint: "\(Self.claim)/\(counterexample.anomaly)/\(function)")
  }
}
