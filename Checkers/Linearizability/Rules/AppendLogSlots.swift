/// Decides an append log in time linear in the entries that its reads list (CHECKERS 1.2): the list orders everything.
///
/// **Slot** v is the v-th entry. An acknowledged append names its slot. A crashed one is found by its element, in a slot
/// that a read shows and no acknowledged append claims; so the rule needs that no two crashed appends with that element
/// exist. Slots that must exist, because a later one is known, but that nobody claims, are filled by crashed appends
/// that no read shows: the earliest invoked first, since later slots may be filled later.
///
/// A read is sure of a least length (the end of what it shows), and if fewer entries came back than were asked for, of a
/// greatest one. So slot v is filled
/// - after the invocation of every read whose greatest length is below v, of the append in it, and of the appends in
///   slots before it: the latest of these is its lower bound, and
/// - before the return of every read whose least length is v or more, of the append in it, and of those in slots behind
///   it: the earliest of these is its upper bound.
///
/// Both bounds grow with v, so the history is linearizable iff no slot has two elements or two appends, every element
/// shown was appended, every slot that must exist can be filled, and the lower bound of each lies before its upper
/// bound. Then each append takes effect at its lower bound, and each read at its invocation or when its least length is
/// reached, whichever is later.
struct AppendLogSlots: ~Copyable {
  static let name = "slots of a log"
  static let none = UInt32.max

  let history: ObjectHistory<AppendLogOperation>
  let firstIndex: Int64
  /// Slots that must exist, and how many appends there are to fill them.
  private(set) var slotCount = 0
  private var appendCount = 0
  /// The operation that needs the last slot.
  private var neededBy = none
  /// By slot, from 1: its append, its element, and an operation that tells the element.
  private(set) var owner = Column<UInt32>(repeating: none, count: 0)
  private var element = Column<UInt32>(repeating: none, count: 0)
  private var witness = Column<UInt32>(repeating: none, count: 0)

  /// The rule's answer; nil where a read shows an element that several crashed appends may have appended.
  ///
  /// - Parameter elementCount: ids of elements lie below this.
  static func decide(
    _ history: ObjectHistory<AppendLogOperation>, firstIndex: Int64, elementCount: Int
  ) -> RuleDecision? {
    var slots = AppendLogSlots(history: history, firstIndex: firstIndex)
    guard let outcome = slots.outcome(elementCount) else { return nil }
    return RuleDecision(rule: name, outcome: outcome)
  }

  private init(history: ObjectHistory<AppendLogOperation>, firstIndex: Int64) {
    self.history = history
    self.firstIndex = firstIndex
  }

  private mutating func outcome(_ elementCount: Int) -> RuleDecision.Outcome? {
    if let impossible = measure() { return .violation(core: core([impossible])) }
    if slotCount > appendCount { return .violation(core: core([neededBy])) }
    owner = Column(repeating: Self.none, count: slotCount + 2)
    element = Column(repeating: Self.none, count: slotCount + 2)
    witness = Column(repeating: Self.none, count: slotCount + 2)
    if let rivals = collect() { return .violation(core: core([rivals.0, rivals.1])) }
    let candidates = Candidates(history, elementCount)
    switch locate(candidates) {
    case .found: break
    case .ambiguous: return nil
    case .violation(let ids): return .violation(core: core(ids))
    }
    let upper = upperBounds()
    if let ids = fillHoles(candidates, upper) { return .violation(core: core(ids)) }
    let lower = lowerBounds()
    for slot in 1..<slotCount + 1 where upper[slot] != Self.none {
      if history.completions[Int(upper[slot])] < history.invocations[Int(lower[slot])] {
        return .violation(core: core([upper[slot], lower[slot], locator(of: lower[slot])]))
      }
    }
    return .linearizable(order: order(lower))
  }

  // MARK: What is known of slots

  private func isCompleted(_ id: UInt32) -> Bool { history.completions[Int(id)] != Self.none }

  /// The least length that the operation is sure of, and the greatest.
  private func lengths(_ id: UInt32) -> (least: Int64, most: Int64) {
    switch history.operations[Int(id)] {
    case .append(_, index: nil): return (0, .max)
    case .append(_, let index?): return (index - firstIndex + 1, .max)
    case .read(let read):
      let end = read.from - firstIndex + Int64(read.elements.count)
      return (read.elements.isEmpty ? 0 : end, read.isShort ? end : .max)
    }
  }

  /// Counts slots and appends; an operation that no log allows, if there is one.
  private mutating func measure() -> UInt32? {
    for id in 0..<UInt32(history.count) {
      if case .append = history.operations[Int(id)] { appendCount += 1 }
      guard isCompleted(id) else { continue }
      if case .read(let read) = history.operations[Int(id)], !read.isContiguous { return id }
      if case .append(_, let index?) = history.operations[Int(id)], index < firstIndex { return id }
      let least = lengths(id).least
      if least > Int64(slotCount) { (slotCount, neededBy) = (Int(least), id) }
    }
    return nil
  }

  /// Takes in what appends and reads say of slots; two operations that disagree.
  private func collect() -> (UInt32, UInt32)? {
    for id in 0..<UInt32(history.count) where isCompleted(id) {
      switch history.operations[Int(id)] {
      case .append(let appended, let index?):
        let slot = Int(index - firstIndex) + 1
        if owner[slot] != Self.none { return (owner[slot], id) }
        owner[slot] = id
        if let other = tell(slot, appended, id) { return (other, id) }
      case .append: break
      case .read(let read):
        let start = Int(read.from - firstIndex) + 1
        for (offset, shown) in read.elements.enumerated() {
          if let other = tell(start + offset, shown, id) { return (other, id) }
        }
      }
    }
    return nil
  }

  /// Records the slot's element; the operation that says otherwise.
  @inline(__always) private func tell(_ slot: Int, _ shown: UInt32, _ id: UInt32) -> UInt32? {
    if element[slot] == Self.none {
      (element[slot], witness[slot]) = (shown, id)
    } else if element[slot] != shown {
      return witness[slot]
    }
    return nil
  }

  // MARK: Crashed appends

  /// Crashed appends by element.
  private struct Candidates: ~Copyable {
    static let several = UInt32.max - 1

    let byElement: Column<UInt32>
    /// In order of invocation.
    var all: [UInt32] = []

    init(_ history: ObjectHistory<AppendLogOperation>, _ elementCount: Int) {
      byElement = Column(repeating: none, count: elementCount)
      for id in 0..<UInt32(history.count) where history.completions[Int(id)] == none {
        guard case .append(let element, _) = history.operations[Int(id)] else { continue }
        byElement[element] = byElement[element] == none ? id : Self.several
        all.append(id)
      }
    }
  }

  private enum Location {
    case found
    case ambiguous
    case violation([UInt32])
  }

  /// Finds the appends of slots that reads show and no acknowledged append claims.
  private func locate(_ candidates: borrowing Candidates) -> Location {
    let slotOf = Column(repeating: 0, count: candidates.all.isEmpty ? 0 : history.count)
    for slot in 1..<slotCount + 1 where owner[slot] == Self.none && element[slot] != Self.none {
      let id = candidates.byElement[element[slot]]
      if id == Candidates.several { return .ambiguous }
      if id == Self.none { return .violation([witness[slot]]) }
      if slotOf[id] != 0 { return .violation([witness[slotOf[id]], witness[slot]]) }
      (owner[slot], slotOf[id]) = (id, slot)
    }
    return .found
  }

  /// Fills slots of which nothing is known; if that cannot be, the operations that show it.
  private func fillHoles(_ candidates: borrowing Candidates, _ upper: borrowing Column<UInt32>) -> [UInt32]? {
    let isTaken = Column(repeating: false, count: history.count)
    for slot in 1..<slotCount + 1 where owner[slot] != Self.none { isTaken[owner[slot]] = true }
    var next = 0
    for slot in 1..<slotCount + 1 where owner[slot] == Self.none {
      while next < candidates.all.count, isTaken[candidates.all[next]] { next += 1 }
      let end = history.completions[Int(upper[slot])]
      guard next < candidates.all.count, history.invocations[Int(candidates.all[next])] < end else {
        // Those that reads show in later slots could fill this one, if it were not for these reads.
        return [upper[slot]] + (slot..<slotCount + 1).filter { owner[$0] != Self.none }.map { witness[$0] }
      }
      owner[slot] = candidates.all[next]
      next += 1
    }
    return nil
  }

  /// The read that shows where a crashed append is; the operation itself, if it needs none.
  private func locator(of id: UInt32) -> UInt32 {
    if isCompleted(id) { return id }
    return (1..<slotCount + 1).first { owner[$0] == id }.map { witness[$0] } ?? id
  }

  // MARK: Bounds

  /// By slot: the operation whose return is the upper bound. Every slot has one: it must exist because of it.
  private func upperBounds() -> Column<UInt32> {
    let bounds = Column<UInt32>(repeating: Self.none, count: slotCount + 2)
    for id in 0..<UInt32(history.count) where isCompleted(id) {
      let slot = Int(lengths(id).least)
      if bounds[slot] == Self.none || history.completions[Int(id)] < history.completions[Int(bounds[slot])] {
        bounds[slot] = id
      }
    }
    for slot in (1..<slotCount + 1).reversed() where bounds[slot + 1] != Self.none {
      let later = bounds[slot + 1]
      if bounds[slot] == Self.none || history.completions[Int(later)] < history.completions[Int(bounds[slot])] {
        bounds[slot] = later
      }
    }
    return bounds
  }

  /// By slot: the operation whose invocation is the lower bound.
  private func lowerBounds() -> Column<UInt32> {
    let bounds = Column<UInt32>(repeating: Self.none, count: slotCount + 2)
    // Operations are numbered in order of invocation.
    for slot in 1..<slotCount + 1 { bounds[slot] = owner[slot] }
    for id in 0..<UInt32(history.count) where isCompleted(id) {
      let most = lengths(id).most
      if most < Int64(slotCount) { bounds[Int(most) + 1] = max(bounds[Int(most) + 1], id) }
    }
    for slot in 1..<slotCount + 1 where slot > 1 { bounds[slot] = max(bounds[slot], bounds[slot - 1]) }
    return bounds
  }

  /// Slot by slot, each with the reads that take effect behind it.
  private func order(_ lower: borrowing Column<UInt32>) -> [UInt32] {
    var keys: [UInt64] = []
    var filled = 0
    for id in 0..<UInt32(history.count) where isCompleted(id) {
      guard case .read = history.operations[Int(id)] else { continue }
      while filled < slotCount, lower[filled + 1] < id { filled += 1 }
      keys.append(UInt64(max(Int(lengths(id).least), filled)) << 32 | UInt64(id))
    }
    RadixSort.sort(&keys, fromBit: 32)
    var order: [UInt32] = []
    order.reserveCapacity(slotCount + keys.count)
    var next = 0
    for slot in 0..<slotCount + 1 {
      if slot > 0 { order.append(owner[slot]) }
      while next < keys.count, keys[next] >> 32 == UInt64(slot) {
        order.append(UInt32(truncatingIfNeeded: keys[next]))
        next += 1
      }
    }
    return order
  }

  // MARK: Cores

  /// The operations, and every append invoked before the last of them returned: an index depends on all appends before.
  private func core(_ ids: [UInt32]) -> [UInt32] {
    let end = ids.filter { isCompleted($0) }.map { history.completions[Int($0)] }.max() ?? 0
    let kept = Set(ids)
    return (0..<UInt32(history.count)).filter { id in
      if kept.contains(id) { return true }
      guard case .append = history.operations[Int(id)] else { return false }
      return history.invocations[Int(id)] < end
    }
  }
}
