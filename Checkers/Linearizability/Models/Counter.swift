import Histories

/// An operation of `Counter`.
@frozen public enum CounterOperation: Hashable, Sendable, BitwiseCopyable {
  case add(Int64)
  /// A read that answered this number.
  case read(Int64)
}

/// One counter with `add` of any integer, negative ones too, and `read`.
///
/// Shapes (DESIGN 2, without the key): `add` n, `read` null → n. An `add` answers nothing: n again, or null.
public struct Counter: SequentialModel {
  public let initialValue: Int64

  public init(initial: Int64 = 0) { initialValue = initial }

  @inlinable public var name: String { "counter" }

  /// 128 bits: no history has enough operations for an overflow.
  @inlinable public func initial(_ values: inout ValueTable) -> Int128 { Int128(initialValue) }

  @inlinable public func step(_ state: Int128, _ operation: CounterOperation) -> Int128? {
    switch operation {
    case .add(let number): state + Int128(number)
    case .read(let number): state == Int128(number) ? state : nil
    }
  }

  @inlinable public func traits(of operation: CounterOperation) -> OperationTraits<Int128> {
    switch operation {
    case .add(let number): OperationTraits(isObserver: number == 0, condition: .always, result: nil)
    case .read(let number):
      OperationTraits(isObserver: true, condition: .only(Int128(number)), result: Int128(number))
    }
  }

  public func lower(
    _ call: RecordedCall, _ values: inout ValueTable
  ) throws(MalformedOperation) -> CounterOperation? {
    switch call.function {
    case "add":
      guard let number = values.int(call.input) else {
        throw MalformedOperation("'add' takes an integer of 64 bits, not \(values.value(call.input))")
      }
      try call.requireEcho(values)
      return .add(number)
    case "read":
      try call.requireNoKey(values)
      if call.outcome != .ok { return nil }
      guard let number = values.int(call.output) else {
        throw MalformedOperation(
          "'read' answers an integer of 64 bits, not \(values.value(call.output))", isAnswer: true)
      }
      return .read(number)
    default:
      throw MalformedOperation("unknown function '\(call.function)': \(name) knows add, read")
    }
  }

  /// Additions of one size: `CounterSlots`. Others: `CounterBounds`.
  public func decide(
    _ history: ObjectHistory<CounterOperation>, initial: Int128, _ values: ValueTable
  ) -> RuleDecision? {
    CounterSlots.decide(history, initial: initial) ?? CounterBounds.decide(history, initial: initial)
  }

  public func value(of state: Int128, _ values: ValueTable) -> Value {
    Int64(exactly: state).map { .int($0) } ?? .string("\(state)")
  }

  public func anomaly(
    of violation: UInt32, in history: ObjectHistory<CounterOperation>, initial: Int128, _ values: ValueTable
  ) -> NamedAnomaly? {
    CounterAnomalies(around: ViolatedHistory(history: history, violation: violation), initial: initial).find()
  }

  public func label(_ operation: CounterOperation, _ values: ValueTable) -> String {
    switch operation {
    case .add(let number): number < 0 ? "\(number)" : "+\(number)"
    case .read(let number): "r → \(number)"
    }
  }

  public func refusal(of operation: CounterOperation, in state: Int128, _ values: ValueTable) -> String {
    switch operation {
    case .read(let number): "needs \(number), but the counter stands at \(state)"
    case .add: "can always happen"
    }
  }
}
