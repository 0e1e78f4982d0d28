/// The slots in which a container certainly holds something: the union of the values' *critical intervals*, from the
/// end of the insertion to the begin of the removal (slots insertEnd..<removeStart, where that is not empty).
struct SlotCover {
  /// Disjoint, increasing, none touching the next.
  private(set) var starts: [UInt32] = []
  private(set) var ends: [UInt32] = []
  /// The part of the union that the last question came to.
  private var place = 0

  /// - Parameter byInsertEnd: the values in order of the ends of their insertions.
  init(_ values: ContainerValues, byInsertEnd: [UInt32]) {
    for value in byInsertEnd {
      let (start, end) = (values.insertEnds[Int(value)], values.removeStarts[Int(value)])
      if start >= end { continue }
      if let last = ends.last, start <= last {
        ends[ends.count - 1] = max(last, end)
      } else {
        starts.append(start)
        ends.append(end)
      }
    }
  }

  /// The first slot from this one on in which the container may be empty.
  ///
  /// Slots are asked for in increasing order.
  mutating func firstFree(from slot: UInt32) -> UInt32 {
    while place < ends.count, ends[place] <= slot { place += 1 }
    return place < ends.count && starts[place] <= slot ? ends[place] : slot
  }

  /// As few values as cover the slots with their critical intervals: a chain, each reaching furthest from where the one
  /// before ends.
  ///
  /// - Parameters:
  ///   - slots: covered by the values that are eligible; at least one.
  ///   - byInsertEnd: the values in order of the ends of their insertions.
  static func chain(
    over slots: Range<UInt32>, _ values: ContainerValues, byInsertEnd: [UInt32],
    isEligible: (_ value: UInt32) -> Bool = { _ in true }
  ) -> [UInt32] {
    var chain: [UInt32] = []
    var covered = slots.lowerBound
    var (best, reach) = (ContainerValues.none, covered)
    for value in byInsertEnd {
      if values.insertEnds[Int(value)] > covered {
        if best != ContainerValues.none { chain.append(best) }
        (best, covered) = (ContainerValues.none, reach)
        if covered >= slots.upperBound || values.insertEnds[Int(value)] > covered { return chain }
      }
      let end = min(values.removeStarts[Int(value)], slots.upperBound)
      if end > reach, isEligible(value) { (best, reach) = (value, end) }
    }
    if best != ContainerValues.none { chain.append(best) }
    return chain
  }
}
