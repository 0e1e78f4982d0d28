import Histories

/// Registers that transactions read and write together, all at once.
///
/// Shape (DESIGN 2): `txn` [["r", k, null], ["w", k, v], …] → the same with the reads filled in; `read` and `write` are
/// names for `r` and `w`, as Knossos has them. A read sees the writes before it in its transaction. A register that
/// nobody wrote holds null.
public struct MultiRegister: SequentialModel {
  /// A part of a transaction, over ids of values.
  @frozen public struct Step: Hashable, Sendable, BitwiseCopyable {
    public var isWrite: Bool
    public var key: UInt32
    /// `MultiRegister.null` for null.
    public var value: UInt32

    @inlinable public init(isWrite: Bool, key: UInt32, value: UInt32) {
      self.isWrite = isWrite
      self.key = key
      self.value = value
    }
  }

  /// A register that does not hold null.
  @frozen public struct Register: Hashable, Sendable, BitwiseCopyable {
    public var key: UInt32
    public var value: UInt32

    @inlinable public init(key: UInt32, value: UInt32) {
      self.key = key
      self.value = value
    }
  }

  /// Null, whatever its id: a register that holds it is not in the state.
  @inlinable public static var null: UInt32 { .max }

  public let initialValues: [String: Value]

  /// - Parameter initial: what registers hold at first; those not named hold null.
  public init(initial: [String: Value] = [:]) { initialValues = initial }

  public var name: String { "multi-register" }

  /// By key.
  public func initial(_ values: inout ValueTable) -> [Register] {
    var state: [Register] = []
    for (key, value) in initialValues.sorted(by: { $0.key < $1.key }) where !value.isNull {
      state.append(Register(key: values.intern(.string(key)), value: values.intern(value)))
    }
    return state.sorted { $0.key < $1.key }
  }

  @inlinable public func step(_ state: [Register], _ operation: [Step]) -> [Register]? {
    var next = state
    for step in operation {
      let place = next.firstIndex { $0.key >= step.key } ?? next.count
      let isThere = place < next.count && next[place].key == step.key
      if !step.isWrite {
        if (isThere ? next[place].value : Self.null) != step.value { return nil }
      } else if step.value == Self.null {
        if isThere { next.remove(at: place) }
      } else if isThere {
        next[place].value = step.value
      } else {
        next.insert(Register(key: step.key, value: step.value), at: place)
      }
    }
    return next
  }

  /// A transaction of reads only observes; one of writes only always happens.
  @inlinable public func traits(of operation: [Step]) -> OperationTraits<[Register]> {
    let isBlind = operation.allSatisfy(\.isWrite)
    return OperationTraits(
      isObserver: !operation.contains(where: \.isWrite), condition: isBlind ? .always : .unknown, result: nil)
  }

  /// Of a transaction of unknown outcome, only the writes are known; without any it constrains nothing.
  public func lower(_ call: RecordedCall, _ values: inout ValueTable) throws(MalformedOperation) -> [Step]? {
    guard call.function == "txn" else {
      throw MalformedOperation("unknown function '\(call.function)': \(name) knows txn")
    }
    let isKnown = call.outcome == .ok
    let word = isKnown ? call.output : call.input
    guard let parts = values.list(word) else { throw malformed(word, values) }
    var operation: [Step] = []
    for part in parts {
      let step = try step(part, values.list(part) ?? [], &values)
      if isKnown || step.isWrite { operation.append(step) }
    }
    return operation.isEmpty ? nil : operation
  }

  private func step(
    _ part: ValueWord, _ words: [ValueWord], _ values: inout ValueTable
  ) throws(MalformedOperation) -> Step {
    guard words.count == 3, let function = values.string(words[0]), ["r", "w", "read", "write"].contains(function)
    else { throw malformed(part, values) }
    return Step(
      isWrite: function.hasPrefix("w"), key: values.intern(words[1]),
      value: words[2].isNull ? Self.null : values.intern(words[2]))
  }

  private func malformed(_ word: ValueWord, _ values: ValueTable) -> MalformedOperation {
    MalformedOperation("'txn' takes [[\"r\", key, null], [\"w\", key, value], …], not \(values.value(word))")
  }

  /// A map; keys that are no strings by their JSON.
  public func value(of state: [Register], _ values: ValueTable) -> Value {
    var registers: [String: Value] = [:]
    for register in state { registers[text(register.key, values)] = values[register.value] }
    return .map(registers)
  }

  public func label(_ operation: [Step], _ values: ValueTable) -> String {
    let parts = operation.map { step in
      "\(step.isWrite ? "w" : "r") \(text(step.key, values))\(step.isWrite ? "=" : " → ")\(value(step.value, values))"
    }
    return parts.joined(separator: ", ")
  }

  public func refusal(of operation: [Step], in state: [Register], _ values: ValueTable) -> String {
    var seen = state
    for step in operation {
      if let next = self.step(seen, [step]) {
        seen = next
      } else {
        let held = seen.first { $0.key == step.key }?.value ?? Self.null
        return "needs \(text(step.key, values)) = \(value(step.value, values)), but it holds \(value(held, values))"
      }
    }
    return "can happen"
  }

  private func text(_ key: UInt32, _ values: ValueTable) -> String { values[key].string ?? "\(values[key])" }

  private func value(_ id: UInt32, _ values: ValueTable) -> Value { id == Self.null ? .null : values[id] }
}
