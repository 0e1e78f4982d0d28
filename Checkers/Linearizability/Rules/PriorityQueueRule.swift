/// Whether a history of a priority queue with unique values is linearizable, in O(n log n).
///
/// A removal of x needs a slot in which nothing smaller is there; whatever is larger does not matter to it. So take the
/// values in increasing order (the recursion of Lee & Mathur, "Efficient decrease-and-conquer linearizability
/// monitoring", OOPSLA 2025, takes the last of them off): x must come out in a slot, not before its insertion or its
/// removal begins and before its removal ends, that no critical interval of a smaller value covers.
///
/// That is enough, for all such slots at once: if there is an order at all and no critical interval covers a slot, then
/// there is one in which nothing is there in the slot. Of the values that are there in it, each can be inserted after
/// it or removed before it; put the insertions that can wait right behind the slot, and the removals of the others
/// right before it, the smallest first. All operations still find what they found. The same holds for a removal that
/// found nothing, with the critical intervals of all values.
enum PriorityQueueRule: AnsweredRemovalsRule {
  static let name = "priority queue with unique values"

  static func outcome(
    _ values: ContainerValues, _ history: ObjectHistory<PriorityQueue.Operation>
  ) -> RuleDecision.Outcome {
    let byInsertEnd = radixOrder(values.insertEnds)
    let priorities = values.inserts.map { history.operations[Int($0)].priority }
    let byPriority = (0..<UInt32(values.count)).sorted { priorities[Int($0)] < priorities[Int($1)] }
    var schedule = Schedule(values)
    for value in byPriority {
      if let window = schedule.place(Int(value)) {
        let smaller = SlotCover.chain(over: window, values, byInsertEnd: byInsertEnd) {
          priorities[Int($0)] < priorities[Int(value)]
        }
        return .violation(core: (smaller + [value]).flatMap { values.operations(of: Int($0)) })
      }
    }
    switch EmptySlots.find(values, history, byInsertEnd: byInsertEnd) {
    case .covered(let core): return .violation(core: core)
    case .slots(let slots): return .linearizable(order: schedule.order(byPriority, slots))
    }
  }
}

extension PriorityQueueRule {
  /// The slots in which values come out, the earliest for each.
  ///
  /// Insertions are as late as they can be. Within a slot, first come the removals, the smallest first, each after its
  /// insertion where that is in the slot too; then removals that found nothing; then all other insertions.
  fileprivate struct Schedule {
    private let values: ContainerValues
    private var free: FreeSlots
    /// By value: the slot of its removal; `neverBegun` if there is none.
    private var slots: [UInt32]

    init(_ values: ContainerValues) {
      self.values = values
      free = FreeSlots(values)
      slots = values.removeStarts
    }

    /// Finds the slot in which the value comes out, after all smaller ones were placed.
    ///
    /// - Returns: nil if there is one; else the slots in which it had to.
    mutating func place(_ value: Int) -> Range<UInt32>? {
      if values.removes[value] != ContainerValues.none {
        let begun = max(values.insertStarts[value], values.removeStarts[value])
        let slot = free.first(from: begun)
        if slot >= values.removeEnds[value] { return begun..<values.removeEnds[value] }
        slots[value] = slot
      }
      free.cover(value)
      return nil
    }

    func order(_ byPriority: [UInt32], _ emptySlots: [UInt32]) -> [UInt32] {
      var operations: [UInt32] = []
      var times: [UInt32] = []
      func append(_ operation: UInt32, _ slot: UInt32) {
        operations.append(operation)
        times.append(slot)
      }
      for value in byPriority where slots[Int(value)] != ContainerValues.neverBegun {
        let slot = slots[Int(value)]
        if values.insertEnds[Int(value)] > slot { append(values.inserts[Int(value)], slot) }
        append(values.removes[Int(value)], slot)
      }
      for (empty, slot) in zip(values.empties, emptySlots) { append(empty, slot) }
      for value in 0..<values.count where values.insertEnds[value] <= slots[value] {
        append(values.inserts[value], values.insertEnds[value] - 1)
      }
      return radixOrder(times).map { operations[Int($0)] }
    }
  }

  /// The slots that no critical interval covers so far: the intervals between the ends of critical intervals, in a
  /// union-find whose sets are runs of covered ones, each named after the free one behind it.
  fileprivate struct FreeSlots {
    private var bounds: [UInt32]
    /// By interval: itself if it is free, else one nearer to the free one behind it. The last is always free.
    private var next: [UInt32]
    /// By value: its critical interval, as intervals between bounds; empty if it has none.
    private var critical: [Range<UInt32>]

    init(_ values: ContainerValues) {
      let ends = values.insertEnds + values.removeStarts
      let order = radixOrder(ends)
      var ranks = [UInt32](repeating: 0, count: ends.count)
      for (rank, end) in order.enumerated() { ranks[Int(end)] = UInt32(rank) }
      bounds = order.map { ends[Int($0)] }
      next = (0...UInt32(ends.count)).map { $0 }
      critical = (0..<values.count).map { value in
        let (start, end) = (ranks[value], ranks[values.count + value])
        return start..<max(start, end)
      }
    }

    mutating func cover(_ value: Int) {
      var place = find(critical[value].lowerBound)
      while place < critical[value].upperBound {
        next[Int(place)] = place + 1
        place = find(place + 1)
      }
    }

    mutating func first(from slot: UInt32) -> UInt32 {
      let after = bounds.partitioningIndex { $0 > slot }
      if after == 0 { return slot }
      let interval = find(UInt32(after - 1))
      return interval == after - 1 ? slot : bounds[Int(interval)]
    }

    /// Halves the paths that it goes.
    private mutating func find(_ start: UInt32) -> UInt32 {
      var place = Int(start)
      while next[place] != place {
        next[place] = next[Int(next[place])]
        place = Int(next[place])
      }
      return UInt32(place)
    }
  }
}
