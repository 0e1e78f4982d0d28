import Histories

/// An operation of `GrowSet` over interned elements.
@frozen public enum GrowSetOperation: Hashable, Sendable {
  case add(UInt32)
  /// A read that answered these elements, sorted by id; an element stands as often as it was listed.
  case read([UInt32])
}

/// One set that only grows, with `add` and reads of the whole set.
///
/// Shapes (DESIGN 2, without the key): `add` v, `read` null → [v, …] in any order. A set holds an element once: a read
/// that lists one twice is an answer that no state gives, hence a violation. Adding what is there already is allowed.
public struct GrowSet: SequentialModel {
  public let initialElements: [Value]

  public init(initial: [Value] = []) { initialElements = initial }

  @inlinable public var name: String { "grow-set" }

  /// The elements, sorted by id.
  public func initial(_ values: inout ValueTable) -> [UInt32] {
    Set(initialElements.map { values.intern($0) }).sorted()
  }

  public func step(_ state: [UInt32], _ operation: GrowSetOperation) -> [UInt32]? {
    switch operation {
    case .read(let elements): return state == elements ? state : nil
    case .add(let element):
      let place = state.partitioningIndex { $0 >= element }
      if place < state.count, state[place] == element { return state }
      var next = state
      next.insert(element, at: place)
      return next
    }
  }

  @inlinable public func traits(of operation: GrowSetOperation) -> OperationTraits<[UInt32]> {
    switch operation {
    case .add: OperationTraits(isObserver: false, condition: .always, result: nil)
    case .read(let elements): OperationTraits(isObserver: true, condition: .only(elements), result: elements)
    }
  }

  public func lower(
    _ call: RecordedCall, _ values: inout ValueTable
  ) throws(MalformedOperation) -> GrowSetOperation? {
    switch call.function {
    case "add":
      try call.requireEcho(values)
      return .add(values.intern(call.input))
    case "read":
      try call.requireNoKey(values)
      if call.outcome != .ok { return nil }
      guard let words = values.list(call.output) else {
        throw MalformedOperation("'read' answers a list of elements, not \(values.value(call.output))", isAnswer: true)
      }
      return .read(Self.sorted(words.map { values.intern($0) }))
    default:
      throw MalformedOperation("unknown function '\(call.function)': \(name) knows add, read")
    }
  }

  /// Most systems list elements in the order of their additions, which is the order of ids.
  private static func sorted(_ elements: [UInt32]) -> [UInt32] {
    let isSorted = elements.indices.dropFirst().allSatisfy { elements[$0 - 1] <= elements[$0] }
    return isSorted ? elements : elements.sorted()
  }

  /// Elements added once: `GrowSetLevels`.
  public func decide(
    _ history: ObjectHistory<GrowSetOperation>, initial: [UInt32], _ values: ValueTable
  ) -> RuleDecision? {
    GrowSetLevels.decide(history, initial: initial, elementCount: values.count)
  }

  public func value(of state: [UInt32], _ values: ValueTable) -> Value { .list(state.map { values[$0] }) }

  public func anomaly(
    of violation: UInt32, in history: ObjectHistory<GrowSetOperation>, initial: [UInt32], _ values: ValueTable
  ) -> NamedAnomaly? {
    GrowSetAnomalies(
      around: ViolatedHistory(history: history, violation: violation), initial: initial, text: { "\(values[$0])" }
    ).find()
  }

  public func label(_ operation: GrowSetOperation, _ values: ValueTable) -> String {
    switch operation {
    case .add(let element): "add \(values[element])"
    case .read(let elements): "r → \(value(of: elements, values))"
    }
  }

  public func refusal(of operation: GrowSetOperation, in state: [UInt32], _ values: ValueTable) -> String {
    switch operation {
    case .add: return "can always happen"
    case .read(let elements):
      if let missing = state.first(where: { !elements.contains($0) }) {
        return "does not show \(values[missing]), which the set holds"
      }
      if let extra = elements.first(where: { !state.contains($0) }) {
        return "shows \(values[extra]), which the set does not hold"
      }
      return "shows an element twice"
    }
  }
}
