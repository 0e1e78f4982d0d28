import Histories

extension Transactions {
  /// Which functions the micro-operations of a history have.
  enum Flavor: Sendable {
    /// `append` to lists and `r` of whole lists.
    case listAppend
    /// `w` and `r` of single values.
    case register

    var write: String { self == .listAppend ? "append" : "w" }
  }

  /// Lowers all client operations of the history.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is no list of micro-operations of this
  ///   flavor, or whose completion has other micro-operations than its invocation.
  init(_ history: History, _ flavor: Flavor) throws {
    self.init(history, history.values)
    let rows = try Operations(history)
    reserveCapacity(rows.count, operations: 4 * rows.count)
    var lowering = TransactionLowering(history.values, flavor)
    try history.values.withLists { lists throws(MalformedHistory) in
      for position in 0..<rows.count {
        do throws(MalformedOperation) { try append(rows, position, lists, &lowering) } catch {
          throw MalformedHistory(index: lowering.event, message: error.message)
        }
      }
    }
    keys = lowering.keys
  }

  mutating func reserveCapacity(_ count: Int, operations operationCount: Int) {
    invocations.reserveCapacity(count)
    completions.reserveCapacity(count)
    processes.reserveCapacity(count)
    outcomes.reserveCapacity(count)
    starts.reserveCapacity(count + 1)
    operations.reserveCapacity(operationCount)
  }

  private mutating func append(
    _ rows: Operations, _ position: Int, _ lists: ListWords, _ lowering: inout TransactionLowering
  ) throws(MalformedOperation) {
    let outcome = rows.outcome(position)
    lowering.event = Int(rows.invocations[position])
    let transaction = UInt32(truncatingIfNeeded: count)
    let first = operations.count
    if outcome == .ok, let completion = rows.completion(position) {
      let isSame = lowering.isSame(rows.input(position), rows.output(position), lists)
      // Only where it is wrong, or written in another way, the invocation is read for what it says.
      if !isSame { try lowering.read(invoked: rows.input(position), lists, of: transaction) }
      lowering.event = completion
      try lowering.append(rows.output(position), lists, of: transaction, isCommitted: true, to: &operations)
      if !isSame { try lowering.requireInvoked(operations, from: first) }
    } else {
      try lowering.read(invoked: rows.input(position), lists, of: transaction)
      operations.append(contentsOf: lowering.invoked)
    }
    link(from: first, keys: lowering.keys.count)
    end(rows, position, &lowering.sessions)
  }

  /// Ends the transaction of which all micro-operations are there.
  mutating func end(_ rows: Operations, _ position: Int, _ sessions: inout SessionNumbers) {
    let outcome = rows.outcome(position)
    invocations.append(rows.invocations[position])
    completions.append(
      outcome == .ok ? rows.completion(position).map { UInt32(truncatingIfNeeded: $0) } ?? Self.never : Self.never)
    processes.append(
      sessions.session(rows.process(position).rawValue, isAnswered: outcome == .ok || outcome == .fail))
    outcomes.append(outcome == .ok ? .ok : outcome == .fail ? .failed : .unknown)
    starts.append(UInt32(truncatingIfNeeded: operations.count))
  }
}

/// Numbers of sessions: what comes after an operation that was never answered may have happened before it, so that it is
/// another session.
struct SessionNumbers {
  /// By process that goes on after an operation of unknown outcome: the number that it has since. Processes are not
  /// negative, and the nemesis is no client.
  private var renamed: [Int32: Int32] = [:]
  private var next = Int32.min

  /// The session of a process's next operation.
  mutating func session(_ process: Int32, isAnswered: Bool) -> Int32 {
    let session = renamed.isEmpty ? process : renamed[process] ?? process
    if !isAnswered {
      renamed[process] = next
      next += 1
    }
    return session
  }
}

/// Reads the micro-operations of one history.
struct TransactionLowering {
  private let values: ValueStore
  private let flavor: Transactions.Flavor
  private let read: ValueWord?
  private let write: ValueWord?
  private var keyIDs = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  private(set) var keys: [ValueWord] = []
  /// The micro-operations of the last invocation.
  private(set) var invoked: [Transactions.MicroOperation] = []
  /// The event that is being read, for errors.
  var event = 0
  var sessions = SessionNumbers()

  init(_ values: ValueStore, _ flavor: Transactions.Flavor) {
    self.values = values
    self.flavor = flavor
    read = values.find(.string("r"))
    write = values.find(.string(flavor.write))
  }

  /// Reads an invocation into `invoked`.
  mutating func read(
    invoked value: ValueWord, _ lists: ListWords, of transaction: UInt32
  ) throws(MalformedOperation) {
    var micro: [Transactions.MicroOperation] = []
    swap(&micro, &invoked)
    defer { swap(&micro, &invoked) }
    micro.removeAll(keepingCapacity: true)
    try append(value, lists, of: transaction, isCommitted: false, to: &micro)
  }

  /// Whether an invocation asks, word by word, for what its completion did: then it has the shape that the completion is
  /// about to be found to have.
  func isSame(_ invocation: ValueWord, _ completion: ValueWord, _ lists: ListWords) -> Bool {
    guard let asked = lists[invocation], let done = lists[completion], asked.count == done.count else { return false }
    for place in 0..<asked.count {
      guard let before = lists[ValueWord(rawValue: asked[place])], let after = lists[ValueWord(rawValue: done[place])],
        before.count == 3, after.count == 3, before[0] == after[0], before[1] == after[1],
        before[2] == after[2] || after[0] == read?.rawValue
      else { return false }
    }
    return true
  }

  mutating func append(
    _ value: ValueWord, _ lists: ListWords, of transaction: UInt32, isCommitted: Bool,
    to operations: inout [Transactions.MicroOperation]
  ) throws(MalformedOperation) {
    guard let list = lists[value] else {
      throw MalformedOperation("a transaction is a list of micro-operations, not \(values.value(value))")
    }
    for raw in list {
      let micro = ValueWord(rawValue: raw)
      guard let parts = lists[micro], parts.count == 3 else { throw malformed(micro) }
      let (function, key) = (ValueWord(rawValue: parts[0]), ValueWord(rawValue: parts[1]))
      guard key.isScalar, function == read || function == write else { throw malformed(micro) }
      let id = keyIDs.intern(key.rawValue, next: UInt32(keys.count))
      if id == keys.count { keys.append(key) }
      operations.append(
        Transactions.MicroOperation(
          value: try checked(ValueWord(rawValue: parts[2]), isRead: function == read, isCommitted, micro), key: id,
          transaction: transaction, kind: function == read ? .read : .write,
          isKnown: function == read && isCommitted))
    }
  }

  /// The value of a micro-operation, if it has the shape of its function.
  private func checked(
    _ value: ValueWord, isRead: Bool, _ isCommitted: Bool, _ micro: ValueWord
  ) throws(MalformedOperation) -> ValueWord {
    let isFine =
      if isRead {
        !isCommitted || value.isNull || (flavor == .listAppend ? value.isList : value.isScalar)
      } else {
        value.isScalar && !value.isNull
      }
    if isFine { return isRead && !isCommitted ? .null : value }
    if !isRead, value.isNull {
      throw MalformedOperation("\(values.value(micro)) writes null, which is what a read of nothing shows")
    }
    throw malformed(micro)
  }

  private func malformed(_ micro: ValueWord) -> MalformedOperation {
    let read = flavor == .listAppend ? "[\"r\", key, [element, …]]" : "[\"r\", key, value]"
    return MalformedOperation(
      "expected [\"\(flavor.write)\", key, value] or \(read) with a scalar key, not \(values.value(micro))")
  }

  /// The completion, of which these are the micro-operations, did what was invoked.
  func requireInvoked(
    _ operations: [Transactions.MicroOperation], from first: Int
  ) throws(MalformedOperation) {
    var isSame = invoked.count == operations.count - first
    for place in 0..<min(invoked.count, operations.count - first) {
      let (before, after) = (invoked[place], operations[first + place])
      if before.kind != after.kind || before.key != after.key { isSame = false }
      if before.kind == .write, before.value != after.value { isSame = false }
    }
    if !isSame { throw MalformedOperation("the completion has other micro-operations than its invocation") }
  }
}
