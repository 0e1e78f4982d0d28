import Histories

/// An operation of `CASRegister` over interned values.
@frozen public enum RegisterOperation: Hashable, Sendable, BitwiseCopyable {
  /// A read that answered this value.
  case read(UInt32)
  case write(UInt32)
  /// A compare-and-set that found the first value and left the second.
  case cas(UInt32, UInt32)
}

/// One register with `read`, `write` and `cas` (compare-and-set), of any values.
///
/// Shapes (DESIGN 2, without the key): `read` null → v, `write` v, `cas` [from, to]. A read of null is an observation:
/// the register held nothing. A compare that found another value is recorded as `fail` and constrains nothing.
public struct CASRegister: SequentialModel {
  public let initialValue: Value

  public init(initial: Value = .null) { initialValue = initial }

  @inlinable public var name: String { "cas-register" }

  @inlinable public func initial(_ values: inout ValueTable) -> UInt32 { values.intern(initialValue) }

  @inlinable public func step(_ state: UInt32, _ operation: RegisterOperation) -> UInt32? {
    switch operation {
    case .read(let value): state == value ? state : nil
    case .write(let value): value
    case .cas(let from, let to): state == from ? to : nil
    }
  }

  /// Value ids stay far below 2^31: a history has fewer events.
  @inlinable public func code(of operation: RegisterOperation) -> UInt64? {
    switch operation {
    case .read(let value): UInt64(value) << 2
    case .write(let value): UInt64(value) << 2 | 1
    case .cas(let from, let to): UInt64(from) << 33 | UInt64(to) << 2 | 2
    }
  }

  /// A `cas` that leaves what it found only observes.
  @inlinable public func traits(of operation: RegisterOperation) -> OperationTraits<UInt32> {
    switch operation {
    case .read(let value): OperationTraits(isObserver: true, condition: .only(value), result: value)
    case .write(let value): OperationTraits(isObserver: false, condition: .always, result: value)
    case .cas(let from, let to): OperationTraits(isObserver: from == to, condition: .only(from), result: to)
    }
  }

  public func lower(
    _ call: RecordedCall, _ values: inout ValueTable
  ) throws(MalformedOperation) -> RegisterOperation? {
    switch call.function {
    case "read":
      try call.requireNoKey(values)
      return call.outcome == .ok ? .read(values.intern(call.output)) : nil
    case "write":
      try call.requireEcho(values)
      return .write(values.intern(call.input))
    case "cas":
      try call.requireEcho(values)
      guard let (from, to) = values.pair(call.input) else {
        throw MalformedOperation("'cas' takes [from, to], not \(values.value(call.input))")
      }
      return .cas(values.intern(from), values.intern(to))
    default:
      throw MalformedOperation("unknown function '\(call.function)': \(name) knows read, write, cas")
    }
  }

  /// Unique written values: `RegisterZones`.
  public func decide(
    _ history: ObjectHistory<RegisterOperation>, initial: UInt32, _ values: ValueTable
  ) -> RuleDecision? {
    RegisterZones.decide(history, initial: initial, valueCount: values.count)
  }

  public var holdsWrittenValues: Bool { true }

  public func value(of state: UInt32, _ values: ValueTable) -> Value { values[state] }

  public func label(_ operation: RegisterOperation, _ values: ValueTable) -> String {
    switch operation {
    case .read(let value): "r → \(values[value])"
    case .write(let value): "w \(values[value])"
    case .cas(let from, let to): "cas \(values[from])→\(values[to])"
    }
  }

  public func refusal(of operation: RegisterOperation, in state: UInt32, _ values: ValueTable) -> String {
    switch operation {
    case .read(let value): "needs \(values[value]), but the register holds \(values[state])"
    case .cas(let from, _): "needs \(values[from]), but the register holds \(values[state])"
    case .write: "can always happen"
    }
  }
}
