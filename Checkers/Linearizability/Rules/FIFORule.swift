/// Whether a history of a FIFO queue with unique values is linearizable, in O(n).
///
/// Every violation has one of four shapes (Henzinger, Sezgin & Vafeiadis, "Aspect-oriented linearizability proofs",
/// CONCUR 2013, Theorem 1): a dequeue of a value that was never enqueued, a value dequeued twice, two values dequeued
/// against the order in which they were enqueued, and a `dequeue → null` while the queue certainly held something. With
/// the enqueue of a in the slots s(a)..<e(a) and its dequeue in the slots t(a)..<r(a), e(a) cut down to r(a):
///
/// - *Order.* a must go before b if e(a) < s(b) or r(a) < t(b). No pair may have to go both ways. That is enough: both
///   relations are interval orders, and a cycle of them shrinks to a pair (of e(a) < s(b) and e(c) < s(d), one holds
///   across). Any order of the values that keeps both gives a linearization: each operation in the first slot that is
///   not before its own begin, nor before its predecessor of the same kind, nor, for a dequeue, before its enqueue.
/// - *Nothing there.* A `dequeue → null` needs one slot of its own that no interval e(a)..<t(a) covers. Values with
///   begins up to that slot go before it and all others after it; that agrees with both orders.
///
/// Operations of unknown outcome: an enqueue counts only if its value came out. Dequeues can take the values that
/// nobody else took, and which of them takes which is no matter: the i-th of these values (by the end of its enqueue)
/// gets the i-th dequeue (by its begin) and is then a value like others, with r = ∞. No other choice does better,
/// because what forces values out by some time (a later value came out by then, or nothing was there) forces out a
/// prefix of them in this order, and so asks only that at least as many such dequeues have begun. That holds for
/// `dequeue → null` as for values, so that both may be in one history.
enum FIFORule {
  static let name = "FIFO queue with unique values"

  /// The answer for a history; nil if a value was enqueued twice.
  static func decide(_ history: ObjectHistory<ContainerOperation>, valueCount: Int) -> RuleDecision? {
    switch ContainerValues.read(history, valueCount: valueCount) {
    case .duplicates: return nil
    case .violation(let core): return RuleDecision(rule: name, outcome: .violation(core: core))
    case .values(let values):
      let matching = PendingMatching(values, history)
      if let core = disorder(matching, history) { return RuleDecision(rule: name, outcome: .violation(core: core)) }
      switch matching.emptySlots(history) {
      case .covered(let core): return RuleDecision(rule: name, outcome: .violation(core: core))
      case .slots(let slots):
        guard let values = FIFOOrder(matching).sorted() else { return nil }
        let order = SegmentedOrder(matching, emptySlots: slots).order(of: values)
        return RuleDecision(rule: name, outcome: .linearizable(order: order))
      }
    }
  }

  /// The operations of two values that had to come out one way round and came out the other.
  private static func disorder(
    _ matching: PendingMatching, _ history: ObjectHistory<ContainerOperation>
  ) -> [UInt32]? {
    let values = matching.values
    // The value certainly enqueued before the present one whose dequeue begins last.
    var (latest, first) = (UInt32(0), ContainerValues.none)
    var place = 0
    for value in 0..<values.count {
      while place < values.count, values.insertEnds[Int(matching.byInsertEnd[place])] < values.insertStarts[value] {
        let earlier = matching.byInsertEnd[place]
        let start = values.removeStarts[Int(earlier)]
        if start > latest { (latest, first) = (start, earlier) }
        place += 1
      }
      if values.removeEnds[value] < latest {
        return matching.core(overtaken: first, by: UInt32(value), history)
      }
    }
    return nil
  }
}

/// An order of the values of a queue that keeps the order of enqueues and of dequeues that did not overlap.
struct FIFOOrder {
  private let values: ContainerValues
  private let byInsertEnd: [UInt32]

  init(_ matching: PendingMatching) {
    values = matching.values
    byInsertEnd = matching.byInsertEnd
  }

  /// Takes a value that nobody left must precede, one by one: one whose enqueue begins before every enqueue left ends,
  /// and whose dequeue begins before every dequeue left ends. Both bounds only grow, so a value becomes ready once.
  ///
  /// - Returns: nil if there is none, which a pair out of order would show.
  func sorted() -> [UInt32]? {
    let byRemoveStart = radixOrder(values.removeStarts)
    let byRemoveEnd = radixOrder(values.removeEnds)
    var state = [UInt8](repeating: 0, count: values.count)
    let taken: UInt8 = 4
    var order: [UInt32] = []
    order.reserveCapacity(values.count)
    var ready: [UInt32] = []
    var (insertEnd, insertStart, removeEnd, removeStart) = (0, 0, 0, 0)
    while order.count < values.count {
      while state[Int(byInsertEnd[insertEnd])] == taken { insertEnd += 1 }
      while state[Int(byRemoveEnd[removeEnd])] == taken { removeEnd += 1 }
      let insertBound = values.insertEnds[Int(byInsertEnd[insertEnd])]
      let removeBound = values.removeEnds[Int(byRemoveEnd[removeEnd])]
      while insertStart < values.count, values.insertStarts[insertStart] < insertBound {
        state[insertStart] |= 1
        if state[insertStart] == 3 { ready.append(UInt32(insertStart)) }
        insertStart += 1
      }
      while removeStart < values.count, values.removeStarts[Int(byRemoveStart[removeStart])] < removeBound {
        let value = byRemoveStart[removeStart]
        state[Int(value)] |= 2
        if state[Int(value)] == 3 { ready.append(value) }
        removeStart += 1
      }
      guard let value = ready.popLast() else {
        assertionFailure("two values precede each other")
        return nil
      }
      state[Int(value)] = taken
      order.append(value)
    }
    return order
  }
}
