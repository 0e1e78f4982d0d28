/// A necessary condition on a counter with additions of any size and sign, in linear time: what a read answers lies
/// between what must have been added by then and what may have been.
///
/// With additions of different sizes the exact question holds subset sum, so it is NP-hard: a counter that passes here
/// is left to the search.
enum CounterBounds {
  static let name = "bounds of a counter"

  /// A violation, or nil.
  static func decide(_ history: ObjectHistory<CounterOperation>, initial: Int128) -> RuleDecision? {
    let byReturn = history.idsByCompletion()
    // What lies in these bounds at a read's two ends: sums over additions by sign, invoked and completed so far.
    var (invoked, completed) = (Sums(), Sums())
    let atInvocation = Column(repeating: Sums(), count: history.count)
    var (nextInvoked, nextReturned) = (0, 0)
    while nextReturned < byReturn.count {
      let returned = byReturn[nextReturned]
      let time = history.completions[Int(returned)]
      if nextInvoked < history.count, history.invocations[nextInvoked] < time {
        atInvocation[nextInvoked] = completed
        invoked.add(history.operations[nextInvoked])
        nextInvoked += 1
        continue
      }
      nextReturned += 1
      completed.add(history.operations[Int(returned)])
      guard case .read(let number) = history.operations[Int(returned)] else { continue }
      let before = atInvocation[returned]
      let low = initial + before.positive + invoked.negative
      let high = initial + invoked.positive + before.negative
      if Int128(number) < low || Int128(number) > high {
        return RuleDecision(
          rule: name, outcome: .violation(core: history.additions(before: time, and: [returned])))
      }
    }
    return nil
  }

  private struct Sums: BitwiseCopyable {
    var positive: Int128 = 0
    var negative: Int128 = 0

    mutating func add(_ operation: CounterOperation) {
      guard case .add(let number) = operation else { return }
      if number > 0 { positive += Int128(number) } else { negative += Int128(number) }
    }
  }
}

extension ObjectHistory<CounterOperation> {
  /// The reads, and every addition invoked before the event: a read depends on all that came before it, so that leaving
  /// one of them out would be no proof.
  func additions(before event: UInt32, and reads: [UInt32]) -> [UInt32] {
    (0..<UInt32(count)).filter { id in
      if case .add = operations[Int(id)] { return invocations[Int(id)] < event }
      return reads.contains(id)
    }
  }
}

extension ObjectHistory {
  /// The completed operations in order of their completions.
  func idsByCompletion() -> [UInt32] {
    var keys: [UInt64] = []
    keys.reserveCapacity(count)
    for id in 0..<count where completions[id] != Self.never {
      keys.append(UInt64(completions[id]) << 32 | UInt64(id))
    }
    RadixSort.sort(&keys, fromBit: 32)
    return keys.map { UInt32(truncatingIfNeeded: $0) }
  }
}
