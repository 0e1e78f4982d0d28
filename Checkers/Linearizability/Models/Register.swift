import Histories

/// One register with `read` and `write`, of any values: a `CASRegister` without `cas`.
///
/// Shapes (DESIGN 2, without the key): `read` null → v, `write` v.
public struct Register: SequentialModel {
  @usableFromInline let register: CASRegister

  public init(initial: Value = .null) { register = CASRegister(initial: initial) }

  @inlinable public var name: String { "register" }

  @inlinable public func initial(_ values: inout ValueTable) -> UInt32 { register.initial(&values) }

  public func lower(
    _ call: RecordedCall, _ values: inout ValueTable
  ) throws(MalformedOperation) -> RegisterOperation? {
    if call.function != "read", call.function != "write" {
      throw MalformedOperation("unknown function '\(call.function)': \(name) knows read, write")
    }
    return try register.lower(call, &values)
  }

  @inlinable public func step(_ state: UInt32, _ operation: RegisterOperation) -> UInt32? {
    register.step(state, operation)
  }

  @inlinable public func traits(of operation: RegisterOperation) -> OperationTraits<UInt32> {
    register.traits(of: operation)
  }

  public func decide(
    _ history: ObjectHistory<RegisterOperation>, initial: UInt32, _ values: ValueTable
  ) -> RuleDecision? {
    register.decide(history, initial: initial, values)
  }

  public var holdsWrittenValues: Bool { true }

  public func value(of state: UInt32, _ values: ValueTable) -> Value { register.value(of: state, values) }

  public func label(_ operation: RegisterOperation, _ values: ValueTable) -> String {
    register.label(operation, values)
  }

  public func refusal(of operation: RegisterOperation, in state: UInt32, _ values: ValueTable) -> String {
    register.refusal(of: operation, in: state, values)
  }
}
