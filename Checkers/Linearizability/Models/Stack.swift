import Histories

/// A stack: what went in last comes out first.
///
/// Shapes (without the key): `push` v, `pop` null → v, or → null where the stack was empty. A state is the contents,
/// the top last.
public struct Stack: OrderedContainerModel {
  public static let words = ContainerWords(model: "stack", insert: "push", removals: ["pop"])

  public init() {}

  @inlinable public static func place(of element: UInt32, in state: [UInt32]) -> Int { state.endIndex }
  @inlinable public static func next(in state: [UInt32]) -> Int { state.endIndex - 1 }

  public func decide(
    _ history: ObjectHistory<ContainerOperation>, initial: [UInt32], _ values: ValueTable
  ) -> RuleDecision? {
    StackRule.decide(history, valueCount: values.count)
  }
}
