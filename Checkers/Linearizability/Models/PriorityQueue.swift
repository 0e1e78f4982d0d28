import Histories

/// A priority queue of integers: the smallest comes out first.
///
/// Shapes (without the key): `insert` v, `delete-min` (or `extract`) null → v, or → null where the queue was empty. A
/// state is the contents, the smallest first.
public struct PriorityQueue: OrderedContainerModel {
  public static let words = ContainerWords(
    model: "priority-queue", insert: "insert", removals: ["delete-min", "extract"])

  /// An operation that knows its value as a number too: a state is kept in order of priority.
  @frozen public struct Operation: ContainedOperation, BitwiseCopyable {
    public var operation: ContainerOperation
    /// The value; 0 where the operation has none.
    public var priority: Int64

    @inlinable public init(operation: ContainerOperation, priority: Int64 = 0) {
      self.operation = operation
      self.priority = priority
    }

    @inlinable public var element: Int64 { priority }

    public static func value(of element: Int64, _ values: ValueTable) -> Value { .int(element) }
  }

  public init() {}

  public func lower(_ call: RecordedCall, _ values: inout ValueTable) throws(MalformedOperation) -> Operation? {
    let lowered = try Self.words.lower(call, &values)
    switch lowered {
    case .removeNothing, .removeUnknown: return Operation(operation: lowered)
    case .insert, .remove:
      let word = call.function == Self.words.insert ? call.input : call.output
      guard let priority = values.int(word) else {
        throw MalformedOperation("'\(call.function)' is of integers, not \(values.value(word))")
      }
      return Operation(operation: lowered, priority: priority)
    }
  }

  @inlinable public static func place(of element: Int64, in state: [Int64]) -> Int {
    state.firstIndex { $0 > element } ?? state.endIndex
  }
  @inlinable public static func next(in state: [Int64]) -> Int { state.startIndex }

  public func decide(
    _ history: ObjectHistory<Operation>, initial: [Int64], _ values: ValueTable
  ) -> RuleDecision? {
    PriorityQueueRule.decide(history, valueCount: values.count)
  }
}
