import Histories

/// Why transactions on registers contradict a level, in words.
struct RegisterExplanation {
  typealias Derived = [OrderSolver.DerivedLink: DerivedOrder]

  let graphs: RegisterGraphs
  let claim: OrderClaim

  init(_ graphs: RegisterGraphs, _ claim: OrderClaim) { (self.graphs, self.claim) = (graphs, claim) }

  var history: RegisterHistory { graphs.history }
  private var transactions: Transactions { history.transactions }
  func event(_ node: UInt32) -> Int {
    Int(transactions.invocations[Int(history.committed[Int(node)])])
  }
  func key(_ version: UInt32) -> String { transactions.key(history.keys[Int(version)]).json }
  func value(_ version: UInt32) -> String {
    if history.isInitial(version) { return "the initial value" }
    return transactions.values.value(transactions.operations[Int(history.places[Int(version)])].value).json
  }

  // MARK: Anomalies

  /// The anomaly that the cycle is.
  ///
  /// - Parameters:
  ///   - derived: steps that no rule gives, but that follow where the level is claimed, and why.
  ///   - name: what it is called, if not after what it is made of.
  func anomaly(
    _ cycle: TransactionCycle, _ derived: Derived, _ level: IsolationLevel, name: String? = nil
  ) -> IsolationReport.Anomaly {
    let nodes = cycle.steps.map(\.source)
    let steps = cycle.steps.enumerated().map { place, link in
      step(link, place, (place + 1) % cycle.steps.count, derived)
    }
    let name = name ?? RegisterCycleName(graphs, claim, level).name(cycle, derived)
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
      summary: "\(name): a transaction saw a write of another, but read the initial value of key "
        + "\(key(missed.version)), to which that one wrote \(value(missed.version))",
      transactions: [event(missed.reader), event(writer)], steps: [])
  }

  // MARK: Steps

  private func step(
    _ step: TransactionCycle.Step, _ source: Int, _ target: Int, _ derived: Derived
  ) -> IsolationReport.Step {
    .init(step.link, from: source, to: target) { kind, from, to in
      let known = derived[.init(source: step.source, kind: kind, target: step.target)]
      let (version, reason) = dependency(kind, step.source, step.target, from, to, known)
      return (version.map { transactions.key(history.keys[Int($0)]) }, reason)
    }
  }

  func dependency(
    _ kind: TransactionGraph.Kind, _ source: UInt32, _ target: UInt32, _ from: String, _ to: String,
    _ derived: DerivedOrder?
  ) -> (version: UInt32?, reason: String) {
    switch kind {
    case .writeRead: return writeRead(source, target, from, to)
    case .writeWrite: return writeWrite(source, target, from, to, derived)
    case .readWrite: return readWrite(source, target, from, to, derived)
    }
  }

  private func writeRead(
    _ source: UInt32, _ target: UInt32, _ from: String, _ to: String
  ) -> (version: UInt32?, reason: String) {
    if let read = history.reads(of: Int(target)).first(where: { history.writers[Int($0)] == source }) {
      return (read, "\(to) read \(value(read)) of key \(key(read)), which \(from) wrote")
    }
    // What it read was replaced by its writer: the version is another one.
    let place = transactions.micro(Int(history.committed[Int(target)])).first { place in
      let shown = history.links[place]
      return transactions.operations[place].isKnown && shown < UInt32(transactions.operations.count)
        && history.nodes[Int(transactions.operations[Int(shown)].transaction)] == source
    }
    guard let place else { return (nil, "\(to) read what \(from) wrote") }
    let operation = transactions.operations[place]
    let read = transactions.values.value(operation.value).json
    return (
      history.version(of: operation.key, by: Int(source)),
      "\(to) read \(read) of key \(transactions.key(operation.key).json), which \(from) wrote"
    )
  }

  private func writeWrite(
    _ source: UInt32, _ target: UInt32, _ from: String, _ to: String, _ derived: DerivedOrder?
  ) -> (version: UInt32?, reason: String) {
    let because = VersionEvidence(graphs, claim)
    func text(_ pair: VersionPair, _ reason: String) -> (UInt32?, String) {
      (
        pair.before,
        "\(from) wrote \(value(pair.before)) to key \(key(pair.before)) before \(to) wrote \(value(pair.after)): "
          + reason
      )
    }
    if let derived { return text(derived.pair, derived.reason) }
    for earlier in history.writes(of: Int(source)) {
      let later = history.version(of: history.keys[Int(earlier)], by: Int(target))
      if later == RegisterHistory.none { continue }
      let pair = VersionPair(before: earlier, after: later)
      if let reason = because.reason(pair) { return text(pair, reason) }
    }
    return (nil, "\(to) wrote after \(from)")
  }

  private func readWrite(
    _ source: UInt32, _ target: UInt32, _ from: String, _ to: String, _ derived: DerivedOrder?
  ) -> (version: UInt32?, reason: String) {
    let because = VersionEvidence(graphs, claim)
    func text(_ pair: VersionPair, _ reason: String) -> (UInt32?, String) {
      (
        pair.before,
        "\(from) read \(value(pair.before)) of key \(key(pair.before)), after which \(to) wrote "
          + "\(value(pair.after)): \(reason)"
      )
    }
    for read in history.reads(of: Int(source)) where history.isInitial(read) {
      let later = history.version(of: history.keys[Int(read)], by: Int(target))
      if later == RegisterHistory.none { continue }
      return (read, "\(from) read the initial value of key \(key(read)), to which \(to) wrote \(value(later))")
    }
    if let derived { return text(derived.pair, derived.reason) }
    for read in history.reads(of: Int(source)) {
      let later = history.version(of: history.keys[Int(read)], by: Int(target))
      if later == RegisterHistory.none || later == read { continue }
      let pair = VersionPair(before: read, after: later)
      if let reason = because.reason(pair) { return text(pair, reason) }
    }
    return (nil, "\(from) read what \(to) replaced")
  }
}
