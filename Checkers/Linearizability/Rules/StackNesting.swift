/// The recursion of `StackRule`: takes the value at the bottom of each block, until nothing is left.
struct StackNesting {
  private enum Task {
    /// The blocks of the places, in order; `isOutermost` if nothing lies below them.
    case blocks(Range<Int>, isOutermost: Bool)
    case block(Range<Int>, isOutermost: Bool)
    case pop(place: Int, slot: UInt32)
  }

  private let values: ContainerValues
  /// Values with a critical interval, by the ends of their pushes: a *place* is an index into it.
  private let critical: [UInt32]
  /// By place: how many critical intervals cover the end of the push, in values that are left. A block begins at 0.
  private var covers: CoverCounts
  /// The last place whose push ends before the pop at this place begins.
  private let reaches: [Int]
  /// By place, of values that are left: the begins of pops, and those of pushes that no block was known to begin after.
  private var popStarts: ExtremeTree
  private var pushStarts: ExtremeTree
  /// The ends of pops, of values that are left and whose push begins before their block.
  private var popEnds: ExtremeTree
  private var tasks: [Task] = []
  private var result: StackOrder

  init(_ values: ContainerValues, byInsertEnd: [UInt32], emptySlots: [UInt32]) {
    self.values = values
    let critical = byInsertEnd.filter { values.insertEnds[Int($0)] < values.removeStarts[Int($0)] }
    self.critical = critical
    reaches = critical.map { value in
      let start = values.removeStarts[Int(value)]
      return critical.partitioningIndex { values.insertEnds[Int($0)] > start } - 1
    }
    covers = CoverCounts(reaches: reaches)
    popStarts = ExtremeTree(critical.map { values.removeStarts[Int($0)] })
    // A tree knows the largest: the complement of the begins.
    pushStarts = ExtremeTree(critical.map { ~values.insertStarts[Int($0)] })
    popEnds = ExtremeTree([UInt32](repeating: 0, count: critical.count))
    result = StackOrder(values, emptySlots: emptySlots)
  }

  mutating func decide() -> RuleDecision.Outcome {
    tasks = [.blocks(0..<critical.count, isOutermost: true)]
    while let task = tasks.popLast() {
      switch task {
      case .blocks(let places, let isOutermost): split(places, isOutermost)
      case .pop(let place, let slot): result.pop(critical[place], in: slot)
      case .block(let places, let isOutermost):
        if let core = takeBottom(places, isOutermost) { return .violation(core: core) }
      }
    }
    return .linearizable(order: result.finished())
  }

  /// The first block of the places, and what follows it.
  private mutating func split(_ places: Range<Int>, _ isOutermost: Bool) {
    guard let start = covers.firstUncovered(in: places) else { return }
    let end = covers.firstUncovered(in: start + 1..<places.upperBound) ?? places.upperBound
    if end < places.upperBound { tasks.append(.blocks(end..<places.upperBound, isOutermost: isOutermost)) }
    tasks.append(.block(start..<end, isOutermost: isOutermost))
  }

  /// Takes the value at the bottom of the block that begins at the first of the places.
  ///
  /// - Returns: the operations of values that have none at the bottom; nil if one was found.
  private mutating func takeBottom(_ places: Range<Int>, _ isOutermost: Bool) -> [UInt32]? {
    let start = values.insertEnds[Int(critical[places.lowerBound])]
    guard let last = popStarts.largest(in: places) else { return nil }
    let end = popStarts[last]
    // A block only gets later, so that a value is noted once.
    while let early = pushStarts.largest(in: places), ~pushStarts[early] < start {
      popEnds[early] = values.removeEnds[Int(critical[early])]
      pushStarts[early] = 0
    }
    guard let bottom = popEnds.largest(in: places), popEnds[bottom] > end else { return core(places, start..<end) }
    result.push(critical[bottom], in: start - 1, isOutermost: isOutermost)
    remove(bottom)
    tasks.append(.pop(place: bottom, slot: end))
    tasks.append(.blocks(places, isOutermost: false))
    return nil
  }

  private mutating func remove(_ place: Int) {
    covers.remove(place, reach: reaches[place])
    popStarts[place] = 0
    popEnds[place] = 0
  }

  /// A chain of values over the whole block: it is a block too, with the same begin and end.
  private func core(_ places: Range<Int>, _ slots: Range<UInt32>) -> [UInt32] {
    let left = places.filter { popStarts[$0] > 0 }.map { critical[$0] }
    return SlotCover.chain(over: slots, values, byInsertEnd: left).flatMap { values.operations(of: Int($0)) }
  }
}

/// A stack's linearization, as the recursion finds it: slots do not decrease.
private struct StackOrder {
  private let values: ContainerValues
  private let emptySlots: [UInt32]
  /// Values without a critical interval, with the slot in which they are pushed and popped; by slot.
  private var pairs: [UInt32]
  private var pairSlots: [UInt32]
  private var (empty, pair) = (0, 0)
  private var order: [UInt32] = []

  init(_ values: ContainerValues, emptySlots: [UInt32]) {
    self.values = values
    self.emptySlots = emptySlots
    let short = (0..<UInt32(values.count)).filter { values.insertEnds[Int($0)] >= values.removeStarts[Int($0)] }
    let slots = short.map { max(values.insertStarts[Int($0)], values.removeStarts[Int($0)]) }
    let bySlot = radixOrder(slots)
    pairs = bySlot.map { short[Int($0)] }
    pairSlots = bySlot.map { slots[Int($0)] }
    order.reserveCapacity(2 * values.count + emptySlots.count)
  }

  mutating func push(_ value: UInt32, in slot: UInt32, isOutermost: Bool) {
    flush(before: slot + 1, withEmpties: isOutermost)
    order.append(values.inserts[Int(value)])
  }

  mutating func pop(_ value: UInt32, in slot: UInt32) {
    flush(before: slot, withEmpties: false)
    if values.removes[Int(value)] != ContainerValues.none { order.append(values.removes[Int(value)]) }
  }

  mutating func finished() -> [UInt32] {
    flush(before: .max, withEmpties: true)
    return order
  }

  private mutating func flush(before slot: UInt32, withEmpties: Bool) {
    while true {
      let pairSlot = pair < pairs.count ? pairSlots[pair] : .max
      let emptySlot = withEmpties && empty < emptySlots.count ? emptySlots[empty] : .max
      if min(pairSlot, emptySlot) >= slot { return }
      if emptySlot <= pairSlot {
        order.append(values.empties[empty])
        empty += 1
      } else {
        order.append(values.inserts[Int(pairs[pair])])
        order.append(values.removes[Int(pairs[pair])])
        pair += 1
      }
    }
  }
}
