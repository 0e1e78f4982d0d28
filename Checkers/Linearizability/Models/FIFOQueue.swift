import Histories

/// A queue: values come out in the order in which they went in.
///
/// Shapes (DESIGN 2, without the key): `enqueue` v, `dequeue` null → v, or → null where the queue was empty; it is empty
/// at first. A dequeue of unknown outcome may have taken whatever was first.
public struct FIFOQueue: SequentialModel {
  static let words = ContainerWords(model: "fifo-queue", insert: "enqueue", removals: ["dequeue"])

  public init() {}

  public var name: String { Self.words.model }

  /// The contents, the first in first.
  public func initial(_ values: inout ValueTable) -> [UInt32] { [] }

  public func lower(
    _ call: RecordedCall, _ values: inout ValueTable
  ) throws(MalformedOperation) -> ContainerOperation? {
    try Self.words.lower(call, &values)
  }

  @inlinable public func step(_ state: [UInt32], _ operation: ContainerOperation) -> [UInt32]? {
    switch operation {
    case .insert(let value): state + CollectionOfOne(value)
    case .remove(let value): state.first == value ? Array(state.dropFirst()) : nil
    case .removeNothing: state.isEmpty ? state : nil
    case .removeUnknown: state.isEmpty ? nil : Array(state.dropFirst())
    }
  }

  @inlinable public func traits(of operation: ContainerOperation) -> OperationTraits<[UInt32]> {
    switch operation {
    case .insert: OperationTraits(isObserver: false, condition: .always, result: nil)
    case .removeNothing: OperationTraits(isObserver: true, condition: .only([]), result: [])
    case .remove, .removeUnknown: .unknown
    }
  }

  public func decide(
    _ history: ObjectHistory<ContainerOperation>, initial: [UInt32], _ values: ValueTable
  ) -> RuleDecision? {
    FIFORule.decide(history, valueCount: values.count)
  }

  public func value(of state: [UInt32], _ values: ValueTable) -> Value { .list(state.map { values[$0] }) }

  public func anomaly(
    of violation: UInt32, in history: ObjectHistory<ContainerOperation>, initial: [UInt32], _ values: ValueTable
  ) -> NamedAnomaly? {
    ContainerAnomalies(ViolatedHistory(history: history, violation: violation), .firstIn) { "\(values[$0])" }.find()
  }

  public func label(_ operation: ContainerOperation, _ values: ValueTable) -> String {
    Self.words.label(operation, values)
  }

  public func refusal(of operation: ContainerOperation, in state: [UInt32], _ values: ValueTable) -> String {
    Self.words.refusal(of: operation, next: state.first.map { values[$0] }, count: state.count, values)
  }
}
