/// What a transaction would do to a map.
struct TransactionEvaluation {
  /// ``Outcome/committed(_:)`` or ``Outcome/aborted(_:)``.
  var outcome: Outcome
  /// The keys that change, with what they will hold; empty when it aborts.
  var changes: [Bytes: Cell]
}

extension StateMachine {
  /// Carries a transaction out on paper: the caller installs the changes, so nothing has to be undone when it aborts.
  /// - Parameter index: the entry that carries the transaction.
  func evaluate(_ transaction: Transaction, at index: LogIndex) -> TransactionEvaluation {
    if let snapshot = transaction.unchangedSince, isAnyChanged(transaction.writtenKeys, since: snapshot) {
      return TransactionEvaluation(outcome: .aborted(.conflict), changes: [:])
    }
    var run = Execution(machine: self, index: index)
    for operation in transaction.operations {
      if let reason = run.step(operation) { return TransactionEvaluation(outcome: .aborted(reason), changes: [:]) }
    }
    return TransactionEvaluation(outcome: .committed(run.reads), changes: run.changes)
  }

  private func isAnyChanged(_ keys: Set<Bytes>, since index: LogIndex) -> Bool {
    keys.contains { key in cells[key].map { $0.modifiedAt > index } ?? false }
  }
}

/// A transaction while it runs: its own effects lie over the map.
private struct Execution {
  let machine: StateMachine
  let index: LogIndex
  var changes: [Bytes: Cell] = [:]
  var reads: [StoredValue?] = []
  private var readBytes = 0

  init(machine: StateMachine, index: LogIndex) {
    self.machine = machine
    self.index = index
  }

  /// - Returns: why the transaction cannot go on; nil when it can.
  mutating func step(_ operation: MicroOperation) -> AbortReason? {
    switch operation {
    case .read(let key): return read(key)
    case .write(let key, let value):
      changes[key] = Cell(key: key, register: value, at: index)
      return nil
    case .append(let key, let element): return append(element, to: key)
    case .add(let key, let amount): return add(amount, to: key)
    case .atLeast(let key, let amount):
      guard let balance = integer(at: key) else { return .wrongType }
      return balance >= amount ? nil : .insufficient
    }
  }

  private func cell(_ key: Bytes) -> Cell? { changes[key] ?? machine.cells[key] }

  private mutating func read(_ key: Bytes) -> AbortReason? {
    let cell = cell(key)
    readBytes += cell?.byteCount ?? 0
    guard readBytes <= Transaction.readBytesMax else { return .tooLarge }
    reads.append(cell?.value)
    return nil
  }

  private mutating func append(_ element: Bytes, to key: Bytes) -> AbortReason? {
    let present = cell(key)
    guard
      let longer = present == nil ? Cell(key: key, first: element, at: index) : present?.appending(element, at: index)
    else { return .wrongType }
    guard !longer.exceedsListLimits else { return .tooLarge }
    changes[key] = longer
    return nil
  }

  private mutating func add(_ amount: Int64, to key: Bytes) -> AbortReason? {
    guard let balance = integer(at: key) else { return .wrongType }
    let (sum, overflow) = balance.addingReportingOverflow(amount)
    guard !overflow else { return .tooLarge }
    changes[key] = Cell(key: key, register: Bytes(String(sum).utf8), at: index)
    return nil
  }

  /// The register as a decimal integer, 0 when the key is absent; nil when it is none.
  private func integer(at key: Bytes) -> Int64? {
    guard let cell = cell(key) else { return 0 }
    guard case .register(let text) = cell.value else { return nil }
    return Int64(String(decoding: text, as: UTF8.self))
  }
}
