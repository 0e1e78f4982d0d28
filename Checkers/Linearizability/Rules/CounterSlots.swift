/// Decides a counter whose additions are all of one size, in O(n log n).
///
/// The v-th addition of an order fills **slot** v. A read that answered v (in additions) comes after slot v and before
/// slot v + 1, so slot v is filled after L(v), the latest invocation of a read below v, and before U(v), the earliest
/// return of a read of v or more; both grow with v. A history is linearizable iff
/// - L(v) < U(v) for every slot up to the highest that a read saw, and
/// - additions can be assigned to the slots 1…k for some k, one each, all completed ones and as many crashed ones as it
///   takes, each invoked before U and returning after L of its slot.
///
/// It is necessary, read off any order. It is enough: exchange two assigned additions, of which the one in the earlier
/// slot was invoked after the other's return; both still fit, since L and U grow. When none are left to exchange, slots in
/// order with the reads between them keep real time pair by pair.
///
/// An assignment exists iff (a) the completed additions can all be assigned and (b) the slots up to the highest seen can
/// all be filled: two matchings of a bipartite graph, one that covers a set on one side and one that covers a set on the
/// other, have a matching in their union that covers both (Mendelsohn & Dulmage, "Some generalizations of the problem
/// of distinct representatives", 1958). The additions that fit a slot are an interval problem with release times and
/// deadlines, where taking the earliest deadline first is optimal (Jackson, 1955; Glover, 1967): earliest return first.
/// Beyond the highest slot seen all slots are alike.
///
/// A violation of either is Hall's condition failing on a run of slots a…b: between the return of one read and the
/// invocation of another too many additions happened, or between an invocation and a return too few could have. The
/// core is these two reads and every addition invoked before the later of the two returned.
struct CounterSlots: ~Copyable {
  static let name = "slots of a counter (earliest deadline first)"
  static let none = UInt32.max

  let history: ObjectHistory<CounterOperation>
  /// Additions that completed, and those that did not; in order of invocation.
  private var completed: [UInt32] = []
  private var crashed: [UInt32] = []
  private var reads: [(id: UInt32, slot: Int)] = []
  /// The highest slot that a read saw.
  private var seen = 0
  /// By slot: the read that bounds it from below, and from above; `none` if no read does.
  private let lower: Column<UInt32>
  private let upper: Column<UInt32>

  /// The rule's answer; nil if additions differ.
  static func decide(_ history: ObjectHistory<CounterOperation>, initial: Int128) -> RuleDecision? {
    guard let size = size(history) else { return nil }
    var slots = CounterSlots(history, size)
    return RuleDecision(rule: name, outcome: slots.outcome(initial, size))
  }

  /// The one size of all additions; nil if there are several, or additions of nothing that completed.
  private static func size(_ history: ObjectHistory<CounterOperation>) -> Int64? {
    var size: Int64?
    for id in 0..<history.count {
      guard case .add(let number) = history.operations[id] else { continue }
      if number == 0, history.completions[id] == none { continue }
      if number == 0 || number != size ?? number { return nil }
      size = number
    }
    return size ?? 1
  }

  private init(_ history: ObjectHistory<CounterOperation>, _ size: Int64) {
    self.history = history
    for id in 0..<UInt32(history.count) where history.operations[Int(id)] == .add(size) {
      if history.completions[Int(id)] == Self.none { crashed.append(id) } else { completed.append(id) }
    }
    lower = Column(repeating: Self.none, count: completed.count + crashed.count + 2)
    upper = Column(repeating: Self.none, count: completed.count + crashed.count + 2)
  }

  private var slotCount: Int { completed.count + crashed.count }

  private mutating func outcome(_ initial: Int128, _ size: Int64) -> RuleDecision.Outcome {
    if let impossible = collectReads(initial, size) { return violation([impossible]) }
    boundSlots()
    for slot in 1..<seen + 1 where after(slot) >= before(slot) {
      return violation([lower[slot], upper[slot]])
    }
    let byCompleted = Column(repeating: Self.none, count: slotCount + 2)
    if let reads = assignCompleted(byCompleted) { return violation(reads) }
    let bySeen = Column(repeating: Self.none, count: slotCount + 2)
    if let reads = fillSeen(bySeen) { return violation(reads) }
    return .linearizable(order: order(additions(byCompleted, bySeen)))
  }

  private func violation(_ reads: [UInt32]) -> RuleDecision.Outcome {
    let reads = reads.filter { $0 != Self.none }
    let last = reads.map { history.completions[Int($0)] }.max() ?? 0
    return .violation(core: history.additions(before: last, and: reads))
  }

  // MARK: Bounds

  /// Takes in the reads; one that no number of additions explains, if there is one.
  private mutating func collectReads(_ initial: Int128, _ size: Int64) -> UInt32? {
    for id in 0..<UInt32(history.count) where history.completions[Int(id)] != Self.none {
      guard case .read(let number) = history.operations[Int(id)] else { continue }
      let (slot, rest) = (Int128(number) - initial).quotientAndRemainder(dividingBy: Int128(size))
      if rest != 0 || slot < 0 || slot > Int128(slotCount) { return id }
      reads.append((id, Int(slot)))
      seen = max(seen, Int(slot))
    }
    return nil
  }

  private func boundSlots() {
    for (id, slot) in reads {
      // In order of invocation, so the last one is the latest.
      lower[slot + 1] = id
      if upper[slot] == Self.none || completion(id) < completion(upper[slot]) { upper[slot] = id }
    }
    for slot in 1..<slotCount + 2 where lower[slot - 1] != Self.none {
      if lower[slot] == Self.none || lower[slot] < lower[slot - 1] { lower[slot] = lower[slot - 1] }
    }
    for slot in (0..<slotCount + 1).reversed() where upper[slot + 1] != Self.none {
      if upper[slot] == Self.none || completion(upper[slot]) > completion(upper[slot + 1]) {
        upper[slot] = upper[slot + 1]
      }
    }
  }

  private func invocation(_ id: UInt32) -> Int64 { Int64(history.invocations[Int(id)]) }
  private func completion(_ id: UInt32) -> Int64 { Int64(history.completions[Int(id)]) }
  /// L: the slot is filled after this event.
  private func after(_ slot: Int) -> Int64 { lower[slot] == Self.none ? -1 : invocation(lower[slot]) }
  /// U: the slot is filled before this event.
  private func before(_ slot: Int) -> Int64 { upper[slot] == Self.none ? .max : completion(upper[slot]) }

  // MARK: Matchings

  /// Additions that wait for a slot, the earliest return first.
  private struct Queue {
    private var heap = MinHeap()
    private var next = 0

    mutating func admit(_ ids: [UInt32], until time: Int64, _ history: ObjectHistory<CounterOperation>) {
      while next < ids.count, Int64(history.invocations[Int(ids[next])]) < time {
        heap.push(UInt64(history.completions[Int(ids[next])]) << 32 | UInt64(ids[next]))
        next += 1
      }
    }

    var first: UInt32? { heap.min.map { UInt32(truncatingIfNeeded: $0) } }
    mutating func pop() -> UInt32? { heap.pop().map { UInt32(truncatingIfNeeded: $0) } }
  }

  /// (a) Assigns the completed additions; the reads between which there are too many of them, if they do not fit.
  ///
  /// - Parameter filler: by slot, who fills it.
  private func assignCompleted(_ filler: borrowing Column<UInt32>) -> [UInt32]? {
    var queue = Queue()
    for slot in 1..<slotCount + 1 {
      queue.admit(completed, until: before(slot), history)
      guard let id = queue.pop() else { continue }
      if completion(id) < after(slot) {
        // Those in the run of slots that ends here return no later than this one, and were invoked after it began.
        var start = slot
        while start > 1, filler[start - 1] != Self.none, completion(filler[start - 1]) <= completion(id) { start -= 1 }
        return [start == 1 ? Self.none : upper[start - 1], lower[slot]]
      }
      filler[slot] = id
    }
    return nil
  }

  /// (b) Fills the slots up to the highest seen; the reads between which there are too few additions, if one stays
  /// empty.
  private func fillSeen(_ filler: borrowing Column<UInt32>) -> [UInt32]? {
    var queue = Queue()
    let all = crashed.isEmpty ? completed : (completed + crashed).sorted()
    for slot in 1..<seen + 1 {
      queue.admit(all, until: before(slot), history)
      while let id = queue.first, completion(id) < after(slot) { _ = queue.pop() }
      guard let id = queue.pop() else { return readsOfGap(slot, all) }
      filler[slot] = id
    }
    return nil
  }

  /// The shortest run of slots up to this one for which there are too few additions, by its two reads.
  private func readsOfGap(_ last: Int, _ all: [UInt32]) -> [UInt32] {
    var returns = all.filter { invocation($0) < before(last) }.map { UInt64(completion($0)) }
    RadixSort.sort(&returns)
    var left = 0
    for slot in (1..<last + 1).reversed() {
      while left < returns.count, Int64(returns[returns.count - 1 - left]) >= after(slot) { left += 1 }
      if left < last - slot + 1 { return [lower[slot], upper[last]] }
    }
    assertionFailure("a slot stays empty only where Hall's condition fails")
    return reads.map(\.id)
  }

  // MARK: The order

  /// The additions that happen: all completed ones, and of the crashed ones those that both matchings together need.
  ///
  /// Of the matchings' symmetric difference, a path that begins at a completed addition which (b) did not use takes
  /// (a)'s side: if it ends at a crashed one, that one is not needed.
  private func additions(_ byCompleted: borrowing Column<UInt32>, _ bySeen: borrowing Column<UInt32>) -> [UInt32] {
    if crashed.isEmpty { return completed }
    let slotOf = Column(repeating: 0, count: history.count)
    let isUsed = Column(repeating: false, count: history.count)
    for slot in 1..<slotCount + 1 where byCompleted[slot] != Self.none { slotOf[byCompleted[slot]] = slot }
    for slot in 1..<seen + 1 { isUsed[bySeen[slot]] = true }
    var spare: [UInt32] = []
    for id in completed where !isUsed[id] {
      var other = bySeen[slotOf[id]]
      while other != Self.none, slotOf[other] != 0 { other = bySeen[slotOf[other]] }
      if other != Self.none { spare.append(other) }
    }
    for id in spare { isUsed[id] = false }
    for id in completed { isUsed[id] = true }
    return (0..<UInt32(history.count)).filter { isUsed[$0] }
  }

  /// Slot by slot, each with the reads that saw it; earliest return first keeps real time among the additions.
  private func order(_ additions: [UInt32]) -> [UInt32] {
    var keys = reads.map { UInt64($0.slot) << 32 | UInt64($0.id) }
    RadixSort.sort(&keys, fromBit: 32)
    var (queue, nextRead) = (Queue(), 0)
    var order: [UInt32] = []
    order.reserveCapacity(history.count)
    for slot in 0..<additions.count + 1 {
      if slot > 0 {
        queue.admit(additions, until: before(slot), history)
        if let id = queue.pop() { order.append(id) }
      }
      while nextRead < keys.count, keys[nextRead] >> 32 == UInt64(slot) {
        order.append(UInt32(truncatingIfNeeded: keys[nextRead]))
        nextRead += 1
      }
    }
    assert(order.count == additions.count + reads.count, "the matchings leave out \(additions)")
    return order
  }
}
