/// The values of a queue with the removals of unknown outcome given out: the i-th value that no other removal took, by
/// the end of its insertion, gets the i-th such removal, by its begin. `FIFORule` and `UnorderedQueueRule` say why.
struct PendingMatching {
  private(set) var values: ContainerValues
  /// The values in order of the ends of their insertions.
  let byInsertEnd: [UInt32]
  /// The values without a removal that answered; in that order.
  let left: [UInt32]

  init(_ read: ContainerValues, _ history: ObjectHistory<ContainerOperation>) {
    values = read
    byInsertEnd = radixOrder(read.insertEnds)
    left = byInsertEnd.filter { read.removes[Int($0)] == ContainerValues.none }
    for (value, removal) in zip(left, read.pending) {
      values.removes[Int(value)] = removal
      values.removeStarts[Int(value)] = history.invocations[Int(removal)]
    }
  }

  /// Whether no removal with an answer took the value.
  func isLeft(_ value: UInt32) -> Bool { values.removeEnds[Int(value)] == ContainerValues.never }

  /// The operations that prove that a value came out though another was certainly before it and still there.
  ///
  /// Where no removal with an answer took the earlier one, some value was left of those inserted before it too:
  /// there are more of them than removals that had begun when the later one was out. All these removals are in the
  /// core. Those that began later cannot help.
  func core(
    overtaken earlier: UInt32, by later: UInt32, _ history: ObjectHistory<ContainerOperation>
  ) -> [UInt32] {
    let operations = values.operations(of: Int(later))
    guard isLeft(earlier) else { return values.operations(of: Int(earlier)) + operations }
    let begun = values.pending.prefix { history.invocations[Int($0)] < values.removeEnds[Int(later)] }
    return left.prefix(begun.count + 1).map { values.inserts[Int($0)] } + begun + operations
  }

  /// The operations that prove that the container held something in all the slots.
  ///
  /// Where the i-th of the values that are left covers a slot, fewer than i removals of unknown outcome had begun, and i
  /// of these values were there: the core has these values up to the last i, and all removals that could take them.
  func core(covering slots: Range<UInt32>) -> [UInt32] {
    let chain = SlotCover.chain(over: slots, values, byInsertEnd: byInsertEnd)
    let fixed = chain.filter { !isLeft($0) }.flatMap { values.operations(of: Int($0)) }
    guard let last = chain.last(where: isLeft), let index = left.firstIndex(of: last) else { return fixed }
    return fixed + left[...index].map { values.inserts[Int($0)] } + values.pending.prefix(index)
  }

  /// Slots for the removals that found nothing.
  func emptySlots(_ history: ObjectHistory<ContainerOperation>) -> EmptySlots {
    EmptySlots.find(values, history, byInsertEnd: byInsertEnd) { core(covering: $0) }
  }
}

/// A queue's linearization from an order of its values and the slots in which it is empty.
///
/// A value goes before the first of these slots that both its operations have begun by, or after all of them. Between
/// two such slots each operation takes effect as early as the order allows.
struct SegmentedOrder {
  private let values: ContainerValues
  private let emptySlots: [UInt32]

  init(_ matching: PendingMatching, emptySlots: [UInt32]) {
    values = matching.values
    self.emptySlots = emptySlots
  }

  /// Positions in the history.
  func order(of queue: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(2 * queue.count + emptySlots.count)
    let (sorted, starts) = segments(queue)
    for segment in 0..<starts.count - 1 {
      append(sorted[starts[segment]..<starts[segment + 1]], from: segment == 0 ? 0 : emptySlots[segment - 1], &result)
      if segment < emptySlots.count { result.append(values.empties[segment]) }
    }
    return result
  }

  /// The values by segment, in each in the order given, and where each segment begins: segment k ends with the k-th
  /// removal that found nothing, the last with the history.
  private func segments(_ queue: [UInt32]) -> ([UInt32], [Int]) {
    let count = emptySlots.count + 1
    if count == 1 { return (queue, [0, queue.count]) }
    let keys = queue.map { value in
      let begun = max(values.insertStarts[Int(value)], values.removeStarts[Int(value)])
      return UInt32(emptySlots.partitioningIndex { $0 >= begun })
    }
    var starts = [Int](repeating: 0, count: count + 1)
    for key in keys { starts[Int(key) + 1] += 1 }
    for segment in 0..<count { starts[segment + 1] += starts[segment] }
    return (radixOrder(keys).map { queue[Int($0)] }, starts)
  }

  /// Merges the insertions and the removals of a segment, both in the order of its values.
  private func append(_ segment: ArraySlice<UInt32>, from slot: UInt32, _ result: inout [UInt32]) {
    var insert = segment.startIndex
    var (insertSlot, removeSlot) = (slot, slot)
    for (place, value) in zip(segment.indices, segment) {
      removeSlot = max(removeSlot, values.removeStarts[Int(value)])
      while insert < segment.endIndex {
        insertSlot = max(insertSlot, values.insertStarts[Int(segment[insert])])
        if insertSlot > removeSlot, insert > place { break }
        // Only a value's own insertion can be later than its removal so far.
        removeSlot = max(removeSlot, insertSlot)
        result.append(values.inserts[Int(segment[insert])])
        insert += 1
      }
      if removeSlot < ContainerValues.neverBegun { result.append(values.removes[Int(value)]) }
    }
  }
}
