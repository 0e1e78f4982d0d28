import Histories

/// An operation of `SetObject` on one interned element.
@frozen public struct SetObjectOperation: Hashable, Sendable, BitwiseCopyable {
  @frozen public enum Kind: Hashable, Sendable {
    case add, remove, contains
  }

  public var kind: Kind
  public var element: UInt32
  /// What it answered: whether the set held the element, or whether the operation changed the set; nil if it did not
  /// say.
  public var answer: Bool?

  @inlinable public init(_ kind: Kind, _ element: UInt32, answer: Bool?) {
    self.kind = kind
    self.element = element
    self.answer = answer
  }

  /// Whether the element must be in the set before the operation; nil if the operation does not tell.
  @inlinable public var needsPresent: Bool? {
    switch kind {
    case .add: answer.map { !$0 }
    case .remove, .contains: answer
    }
  }

  /// Whether the element is in the set after it; nil if that is as before.
  @inlinable public var leavesPresent: Bool? { kind == .contains ? nil : kind == .add }
}

/// One set with `add`, `remove` and `contains` of single elements.
///
/// Shapes (DESIGN 2, without the key): `add` v, `remove` v, `contains` v → [v, bool]. Where `add` or `remove` answers
/// [v, bool], the truth value says whether it changed the set; v or null say nothing but "done".
public struct SetObject: SequentialModel {
  public let initialElements: [Value]

  public init(initial: [Value] = []) { initialElements = initial }

  @inlinable public var name: String { "set-object" }

  /// A bit for each element, in words without trailing zeros.
  public func initial(_ values: inout ValueTable) -> [UInt64] {
    var state: [UInt64] = []
    for element in initialElements { Self.set(values.intern(element), true, &state) }
    return state
  }

  static func isPresent(_ element: UInt32, _ state: [UInt64]) -> Bool {
    let word = Int(element / 64)
    return word < state.count && state[word] >> UInt64(element % 64) & 1 == 1
  }

  private static func set(_ element: UInt32, _ isPresent: Bool, _ state: inout [UInt64]) {
    let word = Int(element / 64)
    while state.count <= word { state.append(0) }
    let bit: UInt64 = 1 << UInt64(element % 64)
    if isPresent { state[word] |= bit } else { state[word] &= ~bit }
    while state.last == 0 { state.removeLast() }
  }

  public func step(_ state: [UInt64], _ operation: SetObjectOperation) -> [UInt64]? {
    let isPresent = Self.isPresent(operation.element, state)
    if let needed = operation.needsPresent, needed != isPresent { return nil }
    guard let left = operation.leavesPresent, left != isPresent else { return state }
    var next = state
    Self.set(operation.element, left, &next)
    return next
  }

  public func traits(of operation: SetObjectOperation) -> OperationTraits<[UInt64]> {
    let changes = operation.leavesPresent.map { $0 != operation.needsPresent } ?? false
    return OperationTraits(
      isObserver: !changes, condition: operation.needsPresent == nil ? .always : .unknown, result: nil)
  }

  public func lower(
    _ call: RecordedCall, _ values: inout ValueTable
  ) throws(MalformedOperation) -> SetObjectOperation? {
    let element = values.intern(call.input)
    switch call.function {
    case "add": return SetObjectOperation(.add, element, answer: try change(call, element, &values))
    case "remove": return SetObjectOperation(.remove, element, answer: try change(call, element, &values))
    case "contains":
      if call.outcome != .ok { return nil }
      guard let answer = answer(call, element, &values) else {
        throw MalformedOperation(
          "'contains' of \(values[element]) answers [\(values[element]), true or false], not "
            + "\(values.value(call.output))", isAnswer: true)
      }
      return SetObjectOperation(.contains, element, answer: answer)
    default:
      throw MalformedOperation("unknown function '\(call.function)': \(name) knows add, remove, contains")
    }
  }

  /// Whether it changed the set, if it said so.
  private func change(
    _ call: RecordedCall, _ element: UInt32, _ values: inout ValueTable
  ) throws(MalformedOperation) -> Bool? {
    if let answer = answer(call, element, &values) { return answer }
    try call.requireEcho(values)
    return nil
  }

  /// The truth value of [v, bool] with the invocation's v.
  private func answer(_ call: RecordedCall, _ element: UInt32, _ values: inout ValueTable) -> Bool? {
    guard call.outcome == .ok, let (word, answer) = values.pair(call.output), let answer = values.bool(answer),
      values.intern(call.output) != element, values.intern(word) == element
    else { return nil }
    return answer
  }

  /// Elements added once and removed once: `SetObjectElements`.
  public func decide(
    _ history: ObjectHistory<SetObjectOperation>, initial: [UInt64], _ values: ValueTable
  ) -> RuleDecision? {
    SetObjectElements.decide(history, initial: initial, elementCount: values.count)
  }

  public func value(of state: [UInt64], _ values: ValueTable) -> Value {
    let ids = (0..<UInt32(state.count * 64)).filter { Self.isPresent($0, state) }
    return .list(ids.map { values[$0] })
  }

  public func anomaly(
    of violation: UInt32, in history: ObjectHistory<SetObjectOperation>, initial: [UInt64], _ values: ValueTable
  ) -> NamedAnomaly? {
    SetObjectAnomalies(
      around: ViolatedHistory(history: history, violation: violation),
      isInitial: { Self.isPresent($0, initial) }, text: { "\(values[$0])" }
    ).find()
  }

  public func label(_ operation: SetObjectOperation, _ values: ValueTable) -> String {
    let answer = operation.answer.map { " → \($0)" } ?? ""
    return "\(operation.kind) \(values[operation.element])\(answer)"
  }

  public func refusal(of operation: SetObjectOperation, in state: [UInt64], _ values: ValueTable) -> String {
    guard let needed = operation.needsPresent else { return "can always happen" }
    let element = values[operation.element]
    return needed ? "needs \(element) in the set, which is not there" : "needs \(element) to be absent, but it is there"
  }
}
