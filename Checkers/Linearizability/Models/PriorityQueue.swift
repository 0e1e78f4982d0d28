import Histories

/// A priority queue of integers: the smallest comes out first.
///
/// Shapes (without the key): `insert` v, `delete-min` (or `extract`) null → v, or → null where the queue was empty; it
/// is empty at first. A `delete-min` of unknown outcome may have taken whatever was smallest.
public struct PriorityQueue: SequentialModel {
  static let words = ContainerWords(model: "priority-queue", insert: "insert", removals: ["delete-min", "extract"])

  /// An operation that knows its value as a number too: a state is kept in order of priority.
  @frozen public struct Operation: Hashable, Sendable, BitwiseCopyable {
    public var operation: ContainerOperation
    /// The value; 0 where the operation has none.
    public var priority: Int64

    @inlinable public init(operation: ContainerOperation, priority: Int64 = 0) {
      self.operation = operation
      self.priority = priority
    }
  }

  public init() {}

  public var name: String { Self.words.model }

  /// The contents, the smallest first.
  public func initial(_ values: inout ValueTable) -> [Int64] { [] }

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

  @inlinable public func step(_ state: [Int64], _ operation: Operation) -> [Int64]? {
    switch operation.operation {
    case .insert:
      var next = state
      next.insert(operation.priority, at: state.firstIndex { $0 > operation.priority } ?? state.count)
      return next
    case .remove: return state.first == operation.priority ? Array(state.dropFirst()) : nil
    case .removeNothing: return state.isEmpty ? state : nil
    case .removeUnknown: return state.isEmpty ? nil : Array(state.dropFirst())
    }
  }

  @inlinable public func traits(of operation: Operation) -> OperationTraits<[Int64]> {
    switch operation.operation {
    case .insert: OperationTraits(isObserver: false, condition: .always, result: nil)
    case .removeNothing: OperationTraits(isObserver: true, condition: .only([]), result: [])
    case .remove, .removeUnknown: .unknown
    }
  }

  public func decide(
    _ history: ObjectHistory<Operation>, initial: [Int64], _ values: ValueTable
  ) -> RuleDecision? {
    PriorityQueueRule.decide(history, valueCount: values.count)
  }

  public func value(of state: [Int64], _ values: ValueTable) -> Value { .list(state.map { .int($0) }) }

  public func anomaly(
    of violation: UInt32, in history: ObjectHistory<Operation>, initial: [Int64], _ values: ValueTable
  ) -> NamedAnomaly? {
    let operations = ObjectHistory(
      operations: history.operations.map(\.operation), invocations: history.invocations,
      completions: history.completions)
    return ContainerAnomalies(
      ViolatedHistory(history: operations, violation: violation), .smallest { values[$0].int ?? 0 }
    ) { "\(values[$0])" }.find()
  }

  public func label(_ operation: Operation, _ values: ValueTable) -> String {
    Self.words.label(operation.operation, values)
  }

  public func refusal(of operation: Operation, in state: [Int64], _ values: ValueTable) -> String {
    Self.words.refusal(of: operation.operation, next: state.first.map { .int($0) }, count: state.count, values)
  }
}
