/// The live blind writes of the same kind as each live blind write.
///
/// Live operations of one kind and role differ only in when they return. Which ones there are is found out when the
/// search first asks at a return event: most events are passed without a choice.
final class OverwritePeers {
  private let storage: ScheduleStorage
  private let words: Int
  /// By place in `updates`: slots of those that return earlier, then of those that do not (itself among them); `words`
  /// words each, only of events that are prepared.
  private let slots: UnsafeMutablePointer<UInt64>
  /// By return event.
  private let isPrepared: UnsafeMutablePointer<Bool>

  init(_ storage: ScheduleStorage) {
    self.storage = storage
    words = storage.size.words
    slots = .allocate(capacity: max(1, storage.size.updates * 2 * words))
    isPrepared = .allocate(capacity: max(1, storage.size.returns))
    isPrepared.initialize(repeating: false, count: storage.size.returns)
  }

  deinit {
    slots.deallocate()
    isPrepared.deallocate()
  }

  var bytes: Int { storage.size.updates * 2 * words * 8 + storage.size.returns }

  @inline(__always) func earlier(_ place: Int) -> UnsafePointer<UInt64> { UnsafePointer(slots + place &* 2 &* words) }
  @inline(__always) func notEarlier(_ place: Int) -> UnsafePointer<UInt64> {
    UnsafePointer(slots + (place &* 2 &+ 1) &* words)
  }

  /// Must come before the two above are asked about a place of the return event.
  @inline(__always) func prepare(_ at: Int) { if !isPrepared[at] { find(at) } }

  private func find(_ at: Int) {
    isPrepared[at] = true
    let places = Int(storage.updateStarts[at])..<Int(storage.updateStarts[at + 1])
    (slots + places.lowerBound * 2 * words).initialize(repeating: 0, count: places.count * 2 * words)
    for place in places {
      let id = Int(storage.updates[place])
      let own = storage.live[id]
      guard own.isOverwrite else { continue }
      for other in places {
        let peer = storage.live[Int(storage.updates[other])]
        guard peer.kind == own.kind, peer.role == own.role else { continue }
        let isEarlier = storage.returnIndex[Int(storage.updates[other])] < storage.returnIndex[id]
        slots[place * 2 * words + (isEarlier ? 0 : words) + Int(peer.slot >> 6)] |= 1 << UInt64(peer.slot & 63)
      }
    }
  }
}
