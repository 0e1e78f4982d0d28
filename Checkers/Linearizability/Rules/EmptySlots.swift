/// The slots of a container's removals that found nothing.
enum EmptySlots {
  /// One of them found something: the operations that prove it.
  case covered(core: [UInt32])
  /// A slot for each, in their order, not decreasing, in which nothing needs to be there.
  case slots([UInt32])

  /// - Parameters:
  ///   - byInsertEnd: the values in order of the ends of their insertions.
  ///   - core: the operations that prove that the container held something in all these slots.
  static func find<Operation>(
    _ values: ContainerValues, _ history: ObjectHistory<Operation>, byInsertEnd: [UInt32],
    core: (Range<UInt32>) -> [UInt32]
  ) -> EmptySlots {
    var cover = SlotCover(values, byInsertEnd: byInsertEnd)
    var slots: [UInt32] = []
    slots.reserveCapacity(values.empties.count)
    for empty in values.empties {
      let window = history.invocations[Int(empty)]..<history.completions[Int(empty)]
      let slot = cover.firstFree(from: window.lowerBound)
      if slot >= window.upperBound { return .covered(core: core(window) + [empty]) }
      slots.append(slot)
    }
    return .slots(slots)
  }

  /// The same, where a chain of values over the slots is the proof.
  static func find<Operation>(
    _ values: ContainerValues, _ history: ObjectHistory<Operation>, byInsertEnd: [UInt32]
  ) -> EmptySlots {
    find(values, history, byInsertEnd: byInsertEnd) { window in
      SlotCover.chain(over: window, values, byInsertEnd: byInsertEnd).flatMap { values.operations(of: Int($0)) }
    }
  }
}
