import Histories

/// One key of a map of strings, with `get`, `put` and `append`.
///
/// Shapes (without the key): `get` null → v, `put` v, `append` v. An appended string goes behind the one that is there; a
/// value that is not a string (null, where nothing was put) counts as the empty string then.
public struct KV: SequentialModel {
  /// What the key holds.
  ///
  /// An append makes texts that no operation of the history has, and a later read must find its own equal to one: so
  /// texts are compared, byte by byte (`String` calls texts equal that only look the same), not ids.
  @frozen public enum State: Hashable, Sendable {
    case text(String)
    case other(Value)

    @inlinable public static func == (left: State, right: State) -> Bool {
      switch (left, right) {
      case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
      case (.other(let left), .other(let right)): left == right
      default: false
      }
    }

    @inlinable public func hash(into hasher: inout Hasher) {
      switch self {
      case .text(let text): hasher.combine(text)
      case .other(let value): hasher.combine(value)
      }
    }
  }

  @frozen public struct Operation: Hashable, Sendable {
    @frozen public enum Kind: Hashable, Sendable, BitwiseCopyable {
      case get
      case put
      case append
    }

    public var kind: Kind
    /// What was read, written or appended.
    public var value: State

    @inlinable public init(kind: Kind, value: State) {
      self.kind = kind
      self.value = value
    }
  }

  public let initialValue: Value

  public init(initial: Value = "") { initialValue = initial }

  public var name: String { "kv" }

  public func initial(_ values: inout ValueTable) -> State { Self.state(initialValue) }

  @inlinable public func step(_ state: State, _ operation: Operation) -> State? {
    switch operation.kind {
    case .get: return state == operation.value ? state : nil
    case .put: return operation.value
    case .append:
      guard case .text(let suffix) = operation.value else { return nil }
      guard case .text(let text) = state else { return operation.value }
      return .text(text + suffix)
    }
  }

  /// Texts of up to six bytes and integers of 32 bits, as most histories have.
  public func code(of operation: Operation) -> UInt64? {
    let kind: UInt64 =
      switch operation.kind {
      case .get: 0
      case .put: 1
      case .append: 2
      }
    switch operation.value {
    case .text(let text):
      let bytes = text.utf8
      guard bytes.count <= 6 else { return nil }
      return bytes.reduce(UInt64(bytes.count)) { $0 << 8 | UInt64($1) } << 3 | kind << 1
    case .other(.int(let number)):
      guard let small = Int32(exactly: number) else { return nil }
      return UInt64(UInt32(bitPattern: small)) << 3 | kind << 1 | 1
    case .other: return nil
    }
  }

  /// An append tells nothing: what it leaves depends on what was there.
  @inlinable public func traits(of operation: Operation) -> OperationTraits<State> {
    switch operation.kind {
    case .get: OperationTraits(isObserver: true, condition: .only(operation.value), result: operation.value)
    case .put: OperationTraits(isObserver: false, condition: .always, result: operation.value)
    case .append: OperationTraits(isObserver: false, condition: .always, result: nil)
    }
  }

  public func lower(_ call: RecordedCall, _ values: inout ValueTable) throws(MalformedOperation) -> Operation? {
    switch call.function {
    case "get":
      try call.requireNoKey(values)
      return call.outcome == .ok ? Operation(kind: .get, value: Self.state(values.value(call.output))) : nil
    case "put":
      try call.requireEcho(values)
      return Operation(kind: .put, value: Self.state(values.value(call.input)))
    case "append":
      try call.requireEcho(values)
      guard let text = values.string(call.input) else {
        throw MalformedOperation("'append' takes a string, not \(values.value(call.input))")
      }
      return Operation(kind: .append, value: .text(text))
    default:
      throw MalformedOperation("unknown function '\(call.function)': \(name) knows get, put, append")
    }
  }

  public var holdsWrittenValues: Bool { true }

  public func value(of state: State, _ values: ValueTable) -> Value {
    switch state {
    case .text(let text): .string(text)
    case .other(let value): value
    }
  }

  public func label(_ operation: Operation, _ values: ValueTable) -> String {
    let text = "\(value(of: operation.value, values))"
    return switch operation.kind {
    case .get: "get → \(text)"
    case .put: "put \(text)"
    case .append: "append \(text)"
    }
  }

  public func refusal(of operation: Operation, in state: State, _ values: ValueTable) -> String {
    guard operation.kind == .get else { return "can always happen" }
    return "needs \(value(of: operation.value, values)), but the key holds \(value(of: state, values))"
  }

  private static func state(_ value: Value) -> State {
    if case .string(let text) = value { return .text(text) }
    return .other(value)
  }
}
