import Histories

/// A queue: values come out in the order in which they went in.
///
/// Shapes (DESIGN 2, without the key): `enqueue` v, `dequeue` null → v, or → null where the queue was empty. A state is
/// the contents, the first in first.
public struct FIFOQueue: OrderedContainerModel {
  public static let words = ContainerWords(model: "fifo-queue", insert: "enqueue", removals: ["dequeue"])

  public init() {}

  @inlinable public static func place(of element: UInt32, in state: [UInt32]) -> Int { state.endIndex }
  @inlinable public static func next(in state: [UInt32]) -> Int { state.startIndex }

  public func decide(
    _ history: ObjectHistory<ContainerOperation>, initial: [UInt32], _ values: ValueTable
  ) -> RuleDecision? {
    FIFORule.decide(history, valueCount: values.count)
  }
}
