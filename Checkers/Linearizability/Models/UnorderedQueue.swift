import Histories

/// A queue without order (a bag): a dequeue takes any value that is there.
///
/// Shapes (DESIGN 2, without the key): `enqueue` v, `dequeue` null → v, or → null where the queue was empty; it is empty
/// at first.
///
/// A dequeue of unknown outcome may have taken any value, which no function of the state can say. It needs not: nobody
/// but a dequeue that found nothing cares that a value is gone. An order that has such a dequeue still has it right
/// before the next `dequeue → null`, or without one not at all, since it may happen at any time after its invocation.
/// So a state is the values that are there and a number of them, not said which, that dequeues of unknown outcome have
/// taken. While that number is not 0, only more of them may follow, and a `dequeue → null` once all values are taken.
public struct UnorderedQueue: ContainerModel {
  public static let words = ContainerWords(model: "unordered-queue", insert: "enqueue", removals: ["dequeue"])

  @frozen public struct State: Hashable, Sendable {
    /// Sorted by id; equal values as often as they are there.
    public var contents: [UInt32]
    /// How many of them dequeues of unknown outcome have taken.
    public var taken: Int

    @inlinable public init(contents: [UInt32] = [], taken: Int = 0) {
      self.contents = contents
      self.taken = taken
    }
  }

  public init() {}

  public func initial(_ values: inout ValueTable) -> State { State() }

  @inlinable public func step(_ state: State, _ operation: ContainerOperation) -> State? {
    var next = state
    switch operation {
    case .insert(let value):
      if state.taken > 0 { return nil }
      next.contents.insert(value, at: state.contents.firstIndex { $0 > value } ?? state.contents.count)
    case .remove(let value):
      guard state.taken == 0, let place = state.contents.firstIndex(of: value) else { return nil }
      next.contents.remove(at: place)
    case .removeNothing: return state.taken == state.contents.count ? State() : nil
    case .removeUnknown:
      if state.taken == state.contents.count { return nil }
      next.taken += 1
    }
    return next
  }

  public func decide(
    _ history: ObjectHistory<ContainerOperation>, initial: State, _ values: ValueTable
  ) -> RuleDecision? {
    UnorderedQueueRule.decide(history, valueCount: values.count)
  }

  /// The list of the values; `{"contents": […], "taken": n}` where some of them are taken.
  public func value(of state: State, _ values: ValueTable) -> Value {
    let contents = Value.list(state.contents.map { values[$0] })
    return state.taken == 0 ? contents : .map(["contents": contents, "taken": .int(Int64(state.taken))])
  }

  public func refusal(of operation: ContainerOperation, in state: State, _ values: ValueTable) -> String {
    if case .removeNothing = operation {
      return Self.words.refusal(of: operation, next: nil, count: state.contents.count - state.taken, values)
    }
    if state.taken > 0 { return "comes no earlier than a 'dequeue → null' that a value is taken for" }
    if case .remove(let value) = operation { return "needs \(values[value]), which is not there" }
    return Self.words.refusal(of: operation, next: nil, count: state.contents.count, values)
  }
}
