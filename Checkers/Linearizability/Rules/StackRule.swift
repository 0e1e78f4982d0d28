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
///
/// Pops of unknown outcome are not given out: the rule says "valid" if it needs none, "violation" if the values that
/// others took show one by themselves, and nil otherwise.
enum StackRule {
  static let name = "stack with unique values"

  /// The answer for a history; nil if a value was pushed twice, or if pops of unknown outcome may be needed.
  static func decide(_ history: ObjectHistory<ContainerOperation>, valueCount: Int) -> RuleDecision? {
    switch ContainerValues.read(history, valueCount: valueCount, { $0 }) {
    case .duplicates: return nil
    case .violation(let core): return RuleDecision(rule: name, outcome: .violation(core: core))
    case .values(let values):
      let outcome = decide(values, history)
      if case .violation = outcome, !values.pending.isEmpty {
        let removed = decide(values.removedOnly(), history)
        guard case .violation = removed else { return nil }
        return RuleDecision(rule: name, outcome: removed)
      }
      return RuleDecision(rule: name, outcome: outcome)
    }
  }

  private static func decide(
    _ values: ContainerValues, _ history: ObjectHistory<ContainerOperation>
  ) -> RuleDecision.Outcome {
    let byInsertEnd = radixOrder(values.insertEnds)
    var cover = SlotCover(values, byInsertEnd: byInsertEnd)
    var emptySlots: [UInt32] = []
    for empty in values.empties {
      let window = history.invocations[Int(empty)]..<history.completions[Int(empty)]
      let slot = cover.firstFree(from: window.lowerBound)
      if slot >= window.upperBound {
        let chain = SlotCover.chain(over: window, values, byInsertEnd: byInsertEnd)
        return .violation(core: chain.flatMap { values.operations(of: Int($0)) } + [empty])
      }
      emptySlots.append(slot)
    }
    var nesting = StackNesting(values, byInsertEnd: byInsertEnd, emptySlots: emptySlots)
    return nesting.decide()
  }
}
