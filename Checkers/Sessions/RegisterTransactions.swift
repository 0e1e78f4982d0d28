import Histories

/// Turns a history of registers into one of transactions, event by event: `read` is one read, `write` one write, `cas` a
/// read and a write.
///
/// What is known of transactions then holds of registers: a transaction of one operation is atomic by itself, so that
/// the levels that speak of sessions and of causality mean what they mean for objects.
struct RegisterTransactions {
  /// The object's name, where the history has one register only.
  static let onlyKey = Value.string("register")

  private let source: History
  private let initial: Value
  /// Shown by a read of null where null is not the first value: nobody wrote it.
  private let nothing: Value

  /// - Parameter initial: what each register holds at first; a read of it is a read of nothing.
  init(_ source: History, initial: Value) {
    (self.source, self.initial) = (source, initial)
    nothing = .string("null (nothing)")
  }

  /// The transactions, with the indices, times and processes of the operations.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is none of a register, and for a write of
  ///   null, of the first value or of a list or map.
  func history() throws -> History {
    let invocations = try invocationOfEach()
    var history = History()
    for index in 0..<source.count {
      history.append(try transaction(source[index], invokedBy: source[Int(invocations[index])]))
    }
    return history
  }

  /// By event: that of its operation's invocation; of the nemesis' its own.
  private func invocationOfEach() throws -> [UInt32] {
    let rows = try Operations(source)
    var invocations = (0..<UInt32(source.count)).map { $0 }
    for position in 0..<rows.count {
      if let completion = rows.record(position).completion { invocations[Int(completion)] = rows.invocations[position] }
    }
    return invocations
  }

  private func transaction(_ event: Event, invokedBy invocation: Event) throws(MalformedHistory) -> Event {
    if event.process.isNemesis { return event }
    let (key, input) = split(invocation) ?? (Self.onlyKey, invocation.value)
    guard Self.isScalar(key) else {
      throw MalformedHistory(index: invocation.index, message: "expected a key that is a scalar, not \(key)")
    }
    let answer = event.type == .ok ? split(event)?.value ?? event.value : nil
    var transaction = event
    transaction.function = "txn"
    transaction.value = .list(
      try operations(invocation, input, answer).map { .list([.string($0.function), key, $0.value]) })
    return transaction
  }

  /// The key and the rest, in a history of many registers.
  private func split(_ event: Event) -> (key: Value, value: Value)? { source.keyed ? event.value.keyedPair : nil }

  /// - Parameter answer: what it completed with; nil where it did not, or not with `ok`. Only a read's says something:
  ///   what was written is what the invocation asked for.
  private func operations(
    _ invocation: Event, _ input: Value, _ answer: Value?
  ) throws(MalformedHistory) -> [(function: String, value: Value)] {
    switch invocation.function {
    case "read": return [("r", answer.map(seen) ?? .null)]
    case "write": return [("w", try written(input, invocation))]
    case "cas":
      guard let (from, to) = input.keyedPair else {
        throw MalformedHistory(index: invocation.index, message: "expected [from, to], not \(input)")
      }
      return [("r", answer == nil ? .null : seen(from)), ("w", try written(to, invocation))]
    default:
      throw MalformedHistory(
        index: invocation.index,
        message: "expected the operations 'read', 'write' and 'cas', not '\(invocation.function)'")
    }
  }

  private func seen(_ value: Value) -> Value {
    if value == initial { return .null }
    return value == .null ? nothing : value
  }

  private func written(_ value: Value, _ event: Event) throws(MalformedHistory) -> Value {
    if value != .null, value != initial, Self.isScalar(value) { return value }
    let what = value == initial ? "it is the first value" : "expected a number, a string or a truth value"
    throw MalformedHistory(
      index: event.index,
      message: "\(value) is written (\(what)): what a read saw is only known if every write has a value of its own")
  }

  private static func isScalar(_ value: Value) -> Bool { value.list == nil && value.map == nil }
}
