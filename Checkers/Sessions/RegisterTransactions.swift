import Histories

/// The operations of registers as transactions: `read` is one read, `write` one write, `cas` a read and a write.
///
/// What is known of transactions then holds of registers: a transaction of one operation is atomic by itself, so that
/// the levels that speak of sessions and of causality mean what they mean for objects.
enum RegisterTransactions {
  /// The object's name, where the history has one register only.
  static let onlyKey = Value.string("register")
  /// Shown by a read of null where null is not the first value: nobody wrote it.
  fileprivate static let nothing = Value.string("null (nothing)")

  /// One operation as the list of its micro-operations, as results show it.
  static func microOperations(_ history: History, invocation: Int, completion: Int?) -> Value {
    let asked = history[invocation].value
    let (key, input) = (history.keyed ? asked.keyedPair : nil) ?? (onlyKey, asked)
    switch history.function(at: invocation) {
    case "read":
      let shown = completion.map { history[$0].value } ?? .null
      return [["r", key, (history.keyed ? shown.keyedPair?.value : nil) ?? shown]]
    case "cas": return [["r", key, input.list?.first ?? .null], ["w", key, input.list?.last ?? .null]]
    default: return [["w", key, input]]
    }
  }
}

extension Transactions {
  /// Lowers the operations of registers.
  ///
  /// - Parameter initial: what each register holds at first; a read of it is a read of nothing.
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is none of a register, and for a write of
  ///   null, of the first value or of a list or map.
  init(ofRegisters history: History, initial: Value) throws {
    var lowering = try RegisterLowering(history, initial: initial)
    let rows = try Operations(history)
    self.init(history, lowering.values)
    reserveCapacity(rows.count, operations: rows.count + rows.count / 2)
    try history.values.withLists { lists throws(MalformedHistory) in
      for position in 0..<rows.count {
        let first = operations.count
        let transaction = UInt32(truncatingIfNeeded: count)
        try lowering.append(rows, position, lists, of: transaction, to: &operations)
        link(from: first, keys: lowering.keys.count)
        end(rows, position, &lowering.sessions)
      }
    }
    (keys, values) = (lowering.keys, lowering.values)
  }
}

/// Reads the operations of one history of registers.
private struct RegisterLowering {
  /// With words for what the history's own store has none.
  private(set) var values: ValueStore
  private(set) var keys: [ValueWord] = []
  var sessions = SessionNumbers()
  /// Nil where the first value is nowhere in the history.
  private let initial: ValueWord?
  private let nothing: ValueWord
  /// By key id of the history: the id here plus one, in order of first use.
  private var keyIDs: [UInt32]
  private let keyNames: SymbolTable<Value>

  init(_ history: History, initial: Value) throws(MalformedHistory) {
    guard initial.list == nil, initial.map == nil else {
      throw MalformedHistory(index: 0, message: "the first value must be a scalar, not \(initial)")
    }
    values = history.values
    self.initial = initial == .null ? .null : history.values.find(initial)
    nothing = initial == .null ? .null : values.word(RegisterTransactions.nothing)
    keyNames = history.keys
    keyIDs = Array(repeating: 0, count: history.keys.count + 1)
  }

  mutating func append(
    _ rows: Operations, _ position: Int, _ lists: ListWords, of transaction: UInt32,
    to operations: inout [Transactions.MicroOperation]
  ) throws(MalformedHistory) {
    let operation = try RegisterAccess(rows, position, lists)
    let key = try key(rows, position)
    let isDone = rows.outcome(position) == .ok
    if let value = operation.seen {
      operations.append(
        Transactions.MicroOperation(
          value: isDone ? seen(value) : .null, key: key, transaction: transaction, kind: .read, isKnown: isDone))
    }
    if let value = operation.written {
      operations.append(
        Transactions.MicroOperation(
          value: try written(value, rows, position), key: key, transaction: transaction, kind: .write, isKnown: false))
    }
  }

  /// The number of the operation's key.
  private mutating func key(_ rows: Operations, _ position: Int) throws(MalformedHistory) -> UInt32 {
    let id = rows.keyID(position).map { Int($0) } ?? keyIDs.count - 1
    if keyIDs[id] > 0 { return keyIDs[id] - 1 }
    let name = id < keyNames.count ? keyNames[UInt32(id)] : RegisterTransactions.onlyKey
    guard name.list == nil, name.map == nil else {
      throw MalformedHistory(
        index: Int(rows.invocations[position]), message: "expected a key that is a scalar, not \(name)")
    }
    keys.append(values.word(name))
    keyIDs[id] = UInt32(keys.count)
    return UInt32(keys.count - 1)
  }

  private func seen(_ value: ValueWord) -> ValueWord {
    if value == initial { return .null }
    return value.isNull ? nothing : value
  }

  private func written(
    _ value: ValueWord, _ rows: Operations, _ position: Int
  ) throws(MalformedHistory) -> ValueWord {
    if !value.isNull, value != initial, value.isScalar { return value }
    let what = value == initial ? "it is the first value" : "expected a number, a string or a truth value"
    throw MalformedHistory(
      index: Int(rows.invocations[position]),
      message:
        "\(values.value(value)) is written (\(what)): what a read saw is only known if every write has a value of "
        + "its own")
  }
}
