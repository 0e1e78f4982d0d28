import Histories

/// Decides whether registers are causally consistent in the weak sense: what a read shows fits the operations in its own
/// causal past, in some order of its own (Bouajjani and others, "On Verifying Causal Consistency", POPL 2017, CC).
///
/// The causal order is the order of each session and of each write before the reads that saw it. As every value is
/// written once, the history is consistent exactly if it has none of four patterns (Theorem 1 there): a value that
/// nobody wrote, a circle in the causal order (`CyclicCO`), a read of the first value with a write of the register in
/// its past (`WriteCOInitRead`), and a read of a value that another write in its past certainly replaced
/// (`WriteCORead`). Replicas may disagree for ever about writes that are concurrent; where they must agree, the claim is
/// `causal` (CCv).
///
/// O(n·k) for k sessions, by vector clocks (Møldrup and Pavlogiannis, "AWDIT", PLDI 2025, section 4).
public struct WeakCausalChecker {
  public static let name = "weak-causal"
  /// The claim's id.
  public static let claim = "weak-causal"
  /// Recorded in the result.
  public static let algorithm = "bad patterns of causal consistency (Bouajjani et al.), by vector clocks"

  private let history: RegisterHistory
  private let graph: TransactionGraph
  private var log: FindingLog

  /// - Parameters:
  ///   - initial: what each register holds at first.
  ///   - budget: of its bytes, as many as the clocks need.
  /// - Throws: `PairingError`; `MalformedHistory` as `RegisterConsistency.result` does.
  public static func report(
    _ history: History, initial: Value = .null, budget: CheckBudget = CheckBudget()
  ) throws -> InvariantReport {
    let registers = try RegisterHistory(Transactions(ofRegisters: history, initial: initial), knowsInitial: true)
    var checker = WeakCausalChecker(registers, named: history)
    return checker.report(bytesMax: budget.bytesMax)
  }

  private init(_ registers: RegisterHistory, named history: History) {
    self.history = registers
    let graphs = RegisterGraphs(registers, .init())
    graph = TransactionGraph(graphs.readDependencies, graphs.rows)
    log = FindingLog(history)
  }

  private mutating func report(bytesMax: Int) -> InvariantReport {
    let reads = findReads()
    var unknown = reads == 0 ? "no read completed" : nil
    if let clocks = CausalClocks(history, graph, bytesMax: bytesMax) {
      if clocks.isComplete { findReplaced(clocks) } else { findCycle() }
    } else {
      unknown = "too many processes for a clock of each in every operation: raise --memory-budget"
    }
    return log.report(
      checker: Self.name, algorithm: Self.algorithm, unknown: unknown, statistics: [("reads", .int(Int64(reads)))])
  }

  // MARK: Reads of nothing that was written

  /// - Returns: how many reads are known.
  private mutating func findReads() -> Int {
    var reads = 0
    for (place, operation) in history.transactions.operations.enumerated() where operation.isKnown {
      reads += 1
      let source = history.links[place]
      if source == RegisterHistory.nothing { continue }
      let transactions = history.transactions
      let isWritten = source != RegisterHistory.none
      if isWritten, transactions.outcomes[Int(transactions.operations[Int(source)].transaction)] != .failed { continue }
      let (reader, value) = (events(ofTransaction: operation.transaction), text(operation))
      log.add(isWritten ? .abortedRead : .thinAirRead, key: key(operation)) { witnesses in
        let why = isWritten ? "which only a failed operation wrote" : "which nobody wrote"
        let summary = "\(witnesses.name(reader.0, reader.1)) saw \(value), \(why)"
        return (summary, [reader.0], [reader.0, reader.1].compactMap { $0 })
      }
    }
    return reads
  }

  // MARK: Patterns

  private mutating func findReplaced(_ clocks: CausalClocks) {
    let order = clocks.order
    for missed in order.missed {
      add(.writeCOInitRead, reader: missed.reader, seen: nil, replacement: missed.version)
    }
    for pair in order.pairs where clocks.sees(history.writers[Int(pair.before)], history.writers[Int(pair.after)]) {
      guard let reader = reader(of: pair.after, seeing: history.writers[Int(pair.before)], clocks) else { continue }
      add(.writeCORead, reader: reader, seen: pair.after, replacement: pair.before)
    }
  }

  /// The first to read the version although it sees the writer of another.
  private func reader(of version: UInt32, seeing writer: UInt32, _ clocks: CausalClocks) -> UInt32? {
    history.readers(of: Int(version)).first { clocks.sees($0, writer) }
  }

  private mutating func add(_ anomaly: InvariantAnomaly, reader: UInt32, seen: UInt32?, replacement: UInt32) {
    let place = Int(history.places[Int(replacement)])
    let written = history.transactions.operations[place]
    let (read, writer) = (events(of: reader), events(of: history.writers[Int(replacement)]))
    let before = seen.map { events(of: history.writers[Int($0)]) }
    let old = seen.map { text(history.transactions.operations[Int(history.places[Int($0)])]) } ?? "the first value"
    let new = text(written)
    log.add(anomaly, key: key(written)) { witnesses in
      let past = "\(witnesses.name(writer.0, writer.1)) of \(new) is in its causal past"
      let replaced = seen == nil ? "" : ", and \(old) in that write's"
      return (
        "\(witnesses.name(read.0, read.1)) saw \(old), but \(past)\(replaced)",
        [before?.0, writer.0, read.0].compactMap { $0 },
        [before?.0, writer.0, writer.1, read.0, read.1].compactMap { $0 }
      )
    }
  }

  private mutating func findCycle() {
    let view = GraphView(graph, .plain, [.writeRead], .process)
    var search = CycleSearch(view, SearchBudget())
    for component in Components(view).members {
      guard let cycle = search.shortest(in: component) else { continue }
      let steps = cycle.steps
      let nodes = steps.map { events(of: $0.source) }
      log.add(.cyclicCO) { witnesses in
        let way = zip(steps, nodes).map { step, node in
          let link = step.link == .dependency(.writeRead) ? "was seen by" : "came before"
          return "\(witnesses.name(node.0, node.1)) \(link)"
        }
        return (
          way.joined(separator: " ") + " the first again", nodes.map { $0.0 },
          nodes.flatMap { [$0.0, $0.1].compactMap { $0 } }
        )
      }
    }
  }

  // MARK: Names

  private func events(of node: UInt32) -> (Int, Int?) { events(ofTransaction: history.committed[Int(node)]) }

  private func events(ofTransaction transaction: UInt32) -> (Int, Int?) {
    let completion = history.transactions.completions[Int(transaction)]
    return (
      Int(history.transactions.invocations[Int(transaction)]),
      completion == Transactions.never ? nil : Int(completion)
    )
  }

  private func text(_ operation: Transactions.MicroOperation) -> String {
    history.transactions.values.value(operation.value).json
  }

  /// Nil where the history has one register only.
  private func key(_ operation: Transactions.MicroOperation) -> Value? {
    let key = history.transactions.key(operation.key)
    return key == RegisterTransactions.onlyKey ? nil : key
  }
}
