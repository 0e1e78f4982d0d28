/// Why one version of a key comes before another, in words: the rule that says so, looked up again.
struct VersionEvidence {
  private let graphs: RegisterGraphs
  private let claim: OrderClaim
  private var history: RegisterHistory { graphs.history }

  init(_ graphs: RegisterGraphs, _ claim: OrderClaim) { (self.graphs, self.claim) = (graphs, claim) }

  /// What the order of two versions rests on.
  enum Rule {
    case follows
    case seenTogether(reader: UInt32)
    case process
    case realtime(first: UInt32, last: UInt32)
  }

  func rule(_ pair: VersionPair) -> Rule? {
    let writer = history.writers[Int(pair.after)]
    if history.reads(of: Int(writer)).contains(pair.before) { return .follows }
    let earlier = history.writers[Int(pair.before)]
    let reader = history.readers(of: Int(pair.after)).first { reader in
      history.reads(of: Int(reader)).contains { history.writers[Int($0)] == earlier }
    }
    if let reader { return .seenTogether(reader: reader) }
    if claim.order == .process { return graphs.ofProcesses?.pairs.contains(pair) == true ? .process : nil }
    if claim.order == .realtime, graphs.realtime.precedes(pair.before, pair.after) {
      let ends = graphs.realtime.evidence(pair)
      return .realtime(first: ends.first, last: ends.last)
    }
    return nil
  }

  func reason(_ pair: VersionPair) -> String? {
    switch rule(pair) {
    case .follows: return "its writer had read the former"
    case .seenTogether(let reader):
      return "the transaction at event \(event(reader)) saw another write of the former's writer and read the latter"
    case .process: return process(pair)
    case .realtime(let first, let last):
      return "the transaction at event \(event(first)), which had the former, had completed before that at event "
        + "\(event(last)), which had the latter, was invoked"
    case nil: return claim.order == .realtime && graphs.saturated.contains(pair) ? saturated(pair) : nil
    }
  }

  /// A reader of the later version comes after the writer of the earlier one: by which way.
  private func saturated(_ pair: VersionPair) -> String? {
    var pairs = graphs.readDependencies
    for rule in [graphs.follows, graphs.seen, graphs.realtime.order] {
      for pair in rule.pairs { graphs.add(pair, &pairs) }
    }
    let view = GraphView(TransactionGraph(pairs, graphs.rows), .plain, [.writeWrite, .writeRead], .none)
    return way(from: pair, in: view).map { "\($0), which read the latter" }
  }

  /// A way from the writer of the earlier version to a reader of the later one, in words.
  func way(from pair: VersionPair, in view: GraphView) -> String? {
    var search = CycleSearch(view, SearchBudget())
    search.enter(0..<UInt32(view.count))
    let writer = history.writers[Int(pair.before)]
    for reader in history.readers(of: Int(pair.after)) where reader != writer {
      guard let way = search.way(from: writer, to: reader) else { continue }
      return "the former leads to the transaction at event \(event(reader)) (\(text(way)))"
    }
    return nil
  }

  /// `event 2 wr→ 4 ww→ 6`.
  private func text(_ steps: [TransactionCycle.Step]) -> String {
    guard let first = steps.first else { return "" }
    return steps.reduce("event \(event(first.source))") { "\($0) \($1.link.name)→ \(event($1.target))" }
  }

  /// Who had the one and then, in the same process, the other.
  private func process(_ pair: VersionPair) -> String {
    func having(_ version: UInt32) -> [UInt32] {
      Array(history.readers(of: Int(version))) + [history.writers[Int(version)]]
    }
    for first in having(pair.before) {
      for last in having(pair.after).sorted()
      where last > first && graphs.rows[Int(first)].process == graphs.rows[Int(last)].process {
        return "a process had the former at event \(event(first)), and then, at event \(event(last)), the latter"
      }
    }
    return "a process had them in this order"
  }

  private func event(_ node: UInt32) -> UInt32 {
    history.transactions.invocations[Int(history.committed[Int(node)])]
  }
}

/// What to call a cycle.
struct RegisterCycleName {
  private let graphs: RegisterGraphs
  private let claim: OrderClaim
  private let level: IsolationLevel

  init(_ graphs: RegisterGraphs, _ claim: OrderClaim, _ level: IsolationLevel) {
    (self.graphs, self.claim, self.level) = (graphs, claim, level)
  }

  /// Adya's name (1999, sections 3 and 4), or Elle's for what lies between.
  ///
  /// A step that follows only where the level is claimed is as strong as the level: under another order of versions the
  /// same transactions make a cycle with more anti-dependencies, so that the name is at least that of the level's own
  /// phenomenon.
  func name(_ cycle: TransactionCycle, _ derived: [OrderSolver.DerivedLink: DerivedOrder]) -> String {
    switch level {
    case .monotonicAtomicView: return "observed-transaction-vanishes"
    case .readAtomic: return "fractured-read"
    default: break
    }
    let suffix = max(cycle.order, ruleOrder(cycle)).rawValue
    if derived.isEmpty || level == .causal, isOfOneKey(cycle) { return "cyclic-versions" + suffix }
    let own = cycle.anomaly
    return (derived.isEmpty ? own : max(own, least)).rawValue + suffix
  }

  /// The name where one of these cycles is there under any order of the versions: that of the strongest.
  func name(_ cycles: [(cycle: TransactionCycle, derived: Set<OrderSolver.DerivedLink>)]) -> String {
    let shape = cycles.map(\.cycle.anomaly).reduce(TransactionAnomaly.single) { max($0, $1) }
    let order = cycles.map { max($0.cycle.order, ruleOrder($0.cycle, $0.derived)) }.reduce(CycleOrder.none) {
      max($0, $1)
    }
    return shape.rawValue + order.rawValue
  }

  /// The name where no single cycle shows what is wrong.
  var leastName: String { least.rawValue + claim.order.rawValue }

  /// The weakest phenomenon that the claim forbids and the claims below it do not.
  private var least: TransactionAnomaly {
    switch claim.mode {
    case .cursor: .lostUpdate
    case .parallel, .prefix: .single
    case .snapshot: .nonadjacent
    case .update, .serial: level == .causal ? .single : .antiDependencyCycle
    }
  }

  private func max(_ first: TransactionAnomaly, _ second: TransactionAnomaly) -> TransactionAnomaly {
    let order = TransactionAnomaly.allCases
    return (order.firstIndex(of: first) ?? 0) < (order.firstIndex(of: second) ?? 0) ? second : first
  }

  private func max(_ first: CycleOrder, _ second: CycleOrder) -> CycleOrder { first < second ? second : first }

  /// The order that the versions rest on.
  ///
  /// - Parameter derived: steps that rest on other cycles.
  private func ruleOrder(
    _ cycle: TransactionCycle, _ derived: Set<OrderSolver.DerivedLink> = []
  ) -> CycleOrder {
    if claim.order == .none { return level == .causal && hasWrites(cycle) ? .process : .none }
    let isRuled = cycle.steps.contains { step in
      guard case .dependency(let kind) = step.link, kind != .writeRead else { return false }
      let link = OrderSolver.DerivedLink(source: step.source, kind: kind, target: step.target)
      return !derived.contains(link) && !restsOnReads(step, kind)
    }
    return isRuled ? claim.order : .none
  }

  private func hasWrites(_ cycle: TransactionCycle) -> Bool {
    cycle.steps.contains { $0.link == .dependency(.writeWrite) }
  }

  /// Whether reads alone show the order of versions of the step.
  private func restsOnReads(_ step: TransactionCycle.Step, _ kind: TransactionGraph.Kind) -> Bool {
    let history = graphs.history
    let evidence = VersionEvidence(graphs, OrderClaim(mode: claim.mode, order: .none))
    let earlier = kind == .writeWrite ? history.writes(of: Int(step.source)) : history.reads(of: Int(step.source))
    return earlier.contains { version in
      let later = history.version(of: history.keys[Int(version)], by: Int(step.target))
      if later == RegisterHistory.none || later == version { return false }
      return history.isInitial(version) || evidence.rule(VersionPair(before: version, after: later)) != nil
    }
  }

  /// Whether the inferred orders of the versions of one key contradict each other.
  private func isOfOneKey(_ cycle: TransactionCycle) -> Bool {
    let history = graphs.history
    guard cycle.steps.allSatisfy({ $0.link == .dependency(.writeWrite) }) else { return false }
    var keys = Set(history.writes(of: Int(cycle.steps[0].source)).map { history.keys[Int($0)] })
    for step in cycle.steps {
      keys.formIntersection(history.writes(of: Int(step.source)).map { history.keys[Int($0)] })
    }
    return !keys.isEmpty
  }
}
