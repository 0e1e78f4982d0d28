import Histories

/// Why transactions on registers contradict a level, in words.
struct RegisterExplanation {
  private let graphs: RegisterGraphs
  private let claim: OrderClaim

  init(_ graphs: RegisterGraphs, _ claim: OrderClaim) { (self.graphs, self.claim) = (graphs, claim) }

  private var history: RegisterHistory { graphs.history }
  private var transactions: Transactions { history.transactions }
  private func event(_ node: UInt32) -> Int {
    Int(transactions.invocations[Int(history.committed[Int(node)])])
  }
  private func key(_ version: UInt32) -> String { transactions.key(history.keys[Int(version)]).json }
  private func value(_ version: UInt32) -> String {
    if history.isInitial(version) { return "nothing" }
    return transactions.history.values.value(transactions.operations[Int(history.places[Int(version)])].value).json
  }

  // MARK: Anomalies

  /// The anomaly that the cycle is.
  ///
  /// - Parameter derived: steps that no rule gives, but that follow where the level is claimed.
  func anomaly(
    _ cycle: TransactionCycle, _ derived: Set<OrderSolver.DerivedLink>, _ level: IsolationLevel
  ) -> IsolationReport.Anomaly {
    let nodes = cycle.steps.map(\.source)
    let steps = cycle.steps.enumerated().map { place, link in
      step(link, place, (place + 1) % cycle.steps.count, derived)
    }
    let name = RegisterCycleName(graphs, claim, level).name(cycle, derived)
    return IsolationReport.Anomaly(
      name: name,
      summary: "\(name): \(IsolationReport.circle(of: nodes.count))",
      transactions: nodes.map(event), steps: steps)
  }

  /// A read of nothing in spite of a write that it must see.
  func anomaly(_ missed: MissedWrite, _ level: IsolationLevel) -> IsolationReport.Anomaly {
    let name = level == .monotonicAtomicView ? "observed-transaction-vanishes" : "fractured-read"
    let writer = history.writers[Int(missed.version)]
    return IsolationReport.Anomaly(
      name: name,
      summary: "\(name): a transaction saw a write of another, but found nothing in key \(key(missed.version)), to "
        + "which that one wrote \(value(missed.version))",
      transactions: [event(missed.reader), event(writer)], steps: [])
  }

  /// Transactions whose versions have no good order.
  func anomaly(_ nodes: [UInt32], _ level: IsolationLevel) -> IsolationReport.Anomaly {
    let name = RegisterCycleName(graphs, claim, level).leastName
    return IsolationReport.Anomaly(
      name: name,
      summary:
        "\(name): every order of the versions that these \(nodes.count) transactions wrote makes a cycle of them",
      transactions: nodes.map(event), steps: [])
  }

  // MARK: Steps

  private func step(
    _ step: TransactionCycle.Step, _ source: Int, _ target: Int, _ derived: Set<OrderSolver.DerivedLink>
  ) -> IsolationReport.Step {
    .init(step.link, from: source, to: target) { kind, from, to in
      let isDerived = derived.contains(.init(source: step.source, kind: kind, target: step.target))
      let (version, reason) = dependency(kind, step.source, step.target, from, to, isDerived)
      return (version.map { transactions.key(history.keys[Int($0)]) }, reason)
    }
  }

  private func dependency(
    _ kind: TransactionGraph.Kind, _ source: UInt32, _ target: UInt32, _ from: String, _ to: String, _ isDerived: Bool
  ) -> (version: UInt32?, reason: String) {
    switch kind {
    case .writeRead:
      let read = history.reads(of: Int(target)).first { history.writers[Int($0)] == source }
      guard let read else { return (nil, "\(to) read what \(from) wrote") }
      return (read, "\(to) read \(value(read)) of key \(key(read)), which \(from) wrote")
    case .writeWrite: return writeWrite(source, target, from, to, isDerived)
    case .readWrite: return readWrite(source, target, from, to, isDerived)
    }
  }

  private func writeWrite(
    _ source: UInt32, _ target: UInt32, _ from: String, _ to: String, _ isDerived: Bool
  ) -> (version: UInt32?, reason: String) {
    let because = VersionEvidence(graphs, claim)
    for earlier in history.writes(of: Int(source)) {
      let later = history.version(of: history.keys[Int(earlier)], by: Int(target))
      if later == RegisterHistory.none { continue }
      let pair = VersionPair(before: earlier, after: later)
      guard let reason = because.reason(pair, isDerived: isDerived) else { continue }
      return (
        earlier,
        "\(from) wrote \(value(earlier)) to key \(key(earlier)) before \(to) wrote \(value(later)): \(reason)"
      )
    }
    return (nil, "\(to) wrote after \(from)")
  }

  private func readWrite(
    _ source: UInt32, _ target: UInt32, _ from: String, _ to: String, _ isDerived: Bool
  ) -> (version: UInt32?, reason: String) {
    let because = VersionEvidence(graphs, claim)
    for read in history.reads(of: Int(source)) {
      let later = history.version(of: history.keys[Int(read)], by: Int(target))
      if later == RegisterHistory.none || later == read { continue }
      if history.isInitial(read) {
        return (read, "\(from) found nothing in key \(key(read)), to which \(to) wrote \(value(later))")
      }
      guard let reason = because.reason(VersionPair(before: read, after: later), isDerived: isDerived) else {
        continue
      }
      return (
        read, "\(from) read \(value(read)) of key \(key(read)), after which \(to) wrote \(value(later)): \(reason)"
      )
    }
    return (nil, "\(from) read what \(to) replaced")
  }
}
