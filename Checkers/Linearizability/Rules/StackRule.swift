/// Whether a history of a stack with unique values is linearizable, in O(n log n).
///
/// The decrease-and-conquer recursion of Lee & Mathur ("Efficient decrease-and-conquer linearizability monitoring",
/// OOPSLA 2025), with these reasons. Let a value's *critical interval* be the slots from the end of its push to the
/// begin of its pop.
///
/// - A value without one can be pushed and popped in one slot, which disturbs nobody: it is left out.
/// - In a slot that no critical interval covers, the stack can be empty: of the values that are there, each can be
///   pushed after the slot or popped before it, and doing so keeps their nesting. So the critical intervals fall into
///   connected *blocks*, each decided by itself. A pop that found nothing needs such a slot of its own.
/// - In a block the stack is never empty, so one value lies at the bottom all the time: its push begins before the
///   block does and its pop ends after it. Any such value will do: all pushes before the block's first push end can
///   wait for its push, and all pops after the block's last pop begin can come before its pop, as no pop of the block
///   begins before and no push ends after. Without one, the block proves the violation; else it goes, and the rest of
///   the block falls into blocks again.
enum StackRule: AnsweredRemovalsRule {
  static let name = "stack with unique values"

  static func outcome(
    _ values: ContainerValues, _ history: ObjectHistory<ContainerOperation>
  ) -> RuleDecision.Outcome {
    let byInsertEnd = radixOrder(values.insertEnds)
    switch EmptySlots.find(values, history, byInsertEnd: byInsertEnd) {
    case .covered(let core): return .violation(core: core)
    case .slots(let slots):
      var nesting = StackNesting(values, byInsertEnd: byInsertEnd, emptySlots: slots)
      return nesting.decide()
    }
  }
}
