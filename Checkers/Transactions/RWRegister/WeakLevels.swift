/// The levels whose verdict takes no search, although the order of versions is not known: each demands certain pairs of
/// versions in a certain order, and any order of transactions that keeps these and the read dependencies will do (Biswas
/// and Enea, "On the complexity of checking transactional consistency", OOPSLA 2019; Møldrup and Pavlogiannis, "AWDIT",
/// PLDI 2025).
struct WeakLevels {
  enum Outcome {
    case holds
    /// With the pairs of versions' writers that are in it since the level demands them.
    case cycle(TransactionCycle, [OrderSolver.DerivedLink: DerivedOrder])
    /// A read of nothing, although the level lets it see somebody's write.
    case missed(MissedWrite)
    case unknown(String)
  }

  private let history: RegisterHistory
  private let graphs: RegisterGraphs
  private let bytesMax: Int

  init(_ history: RegisterHistory, _ graphs: RegisterGraphs, bytesMax: Int) {
    (self.history, self.graphs, self.bytesMax) = (history, graphs, bytesMax)
  }

  func decide(_ level: IsolationLevel) -> Outcome {
    switch level {
    case .readCommitted: return decide(InferredOrder(), .none)
    case .monotonicAtomicView: return decide(VersionInference.neverVanishing(history), .none)
    case .readAtomic: return decide(graphs.seen, .none)
    case .causal: return causal()
    default: return .unknown("not a level that is decided without a search")
    }
  }

  private func decide(_ demanded: InferredOrder, _ order: CycleOrder) -> Outcome {
    if let missed = demanded.missed.first { return .missed(missed) }
    var pairs = graphs.readDependencies
    for pair in demanded.pairs { graphs.add(pair, &pairs) }
    let graph = TransactionGraph(pairs, graphs.rows)
    guard let cycle = shortestCycle(GraphView(graph, .plain, [.writeWrite, .writeRead], order)) else { return .holds }
    return .cycle(cycle, derived(cycle, demanded, order))
  }

  /// Why the versions in the cycle come in this order: somebody who sees the former's writer read the latter.
  private func derived(
    _ cycle: TransactionCycle, _ demanded: InferredOrder, _ order: CycleOrder
  ) -> [OrderSolver.DerivedLink: DerivedOrder] {
    let reads = TransactionGraph(graphs.readDependencies, graphs.rows)
    let view = GraphView(reads, .plain, [.writeRead], order)
    let because = VersionEvidence(graphs, OrderClaim(mode: .serial, order: order))
    var found: [OrderSolver.DerivedLink: DerivedOrder] = [:]
    for step in cycle.steps where step.link == .dependency(.writeWrite) {
      let pair = demanded.pairs.first {
        history.writers[Int($0.before)] == step.source && history.writers[Int($0.after)] == step.target
      }
      guard let pair else { continue }
      let reason =
        because.reason(pair) ?? because.way(from: pair, in: view).map { "\($0), which read the latter" }
        ?? "somebody who saw the former's writer read the latter"
      found[.init(source: step.source, kind: .writeWrite, target: step.target)] = DerivedOrder(
        pair: pair, reason: reason)
    }
    return found
  }

  private func shortestCycle(_ view: GraphView) -> TransactionCycle? {
    let components = Components(view).members
    var search = CycleSearch(view, SearchBudget())
    var best: TransactionCycle?
    for component in components.sorted(by: { $0.count < $1.count }) {
      if let found = search.shortest(in: component), found.steps.count < best?.steps.count ?? .max { best = found }
      if best?.steps.count == 2 { break }
    }
    return best
  }

  // MARK: Causality

  /// Whoever sees a transaction, by read dependencies and the order of processes, sees all of it: what it shows of a key
  /// is no older than any version that it sees (Bouajjani and others, POPL 2017, CCv).
  private func causal() -> Outcome {
    let graph = TransactionGraph(graphs.readDependencies, graphs.rows)
    let view = GraphView(graph, .plain, [.writeRead], .process)
    guard let clocks = CausalClocks(history, graph, bytesMax: bytesMax) else {
      return .unknown("too many processes for a clock of each in every transaction")
    }
    if !clocks.isComplete {
      return shortestCycle(view).map { .cycle($0, [:]) }
        ?? .unknown("a cycle is there, but was not found within the limit")
    }
    let demanded = clocks.order
    if let missed = demanded.missed.first {
      var search = CycleSearch(view, SearchBudget())
      search.enter(0..<UInt32(view.count))
      let writer = history.writers[Int(missed.version)]
      guard let way = search.way(from: writer, to: missed.reader) else { return .missed(missed) }
      let step = TransactionCycle.Step(
        source: missed.reader, link: .dependency(.readWrite), target: writer)
      return .cycle(TransactionCycle(steps: [step] + way), [:])
    }
    return decide(demanded, .process)
  }
}
