/// A schedule's columns behind pointers: the search reads them at every step, and an array's checks would cost more than
/// what is read.
///
/// Every accessor is given a return index below `returnCount` and ids of the schedule.
final class SearchColumns {
  let returnCount: Int
  let returns: UnsafePointer<UInt32>
  let returnTimes: UnsafePointer<UInt32>
  let live: UnsafePointer<Schedule.Live>
  let updates: UnsafePointer<UInt32>
  let observers: UnsafePointer<UInt32>
  let bytes: Int
  private let updateStarts: UnsafePointer<UInt32>
  private let firstFreshUpdate: UnsafePointer<UInt32>
  private let observerStarts: UnsafePointer<UInt32>
  private let firstFreshObserver: UnsafePointer<UInt32>
  private let activeClasses: UnsafePointer<UInt32>
  private let activeStarts: UnsafePointer<UInt32>
  private let exact: UnsafeMutablePointer<UInt64>
  /// By place in `updates`: slots of the live operations of the same kind that return earlier, then of those that do
  /// not. Only for blind writes.
  private let peers: UnsafeMutablePointer<UInt64>
  private let words: Int

  init(_ schedule: Schedule, words: Int) {
    returnCount = schedule.returns.count
    returns = Self.copy(schedule.returns)
    returnTimes = Self.copy(schedule.returnTimes)
    live = Self.copy(schedule.live)
    updates = Self.copy(schedule.updates)
    observers = Self.copy(schedule.observers)
    updateStarts = Self.copy(schedule.updateStarts)
    firstFreshUpdate = Self.copy(schedule.freshUpdates)
    observerStarts = Self.copy(schedule.observerStarts)
    firstFreshObserver = Self.copy(schedule.freshObservers)
    activeClasses = Self.copy(schedule.activeClasses)
    activeStarts = Self.copy(schedule.activeStarts)
    self.words = words
    exact = .allocate(capacity: max(1, returnCount * words))
    exact.initialize(repeating: 0, count: returnCount * words)
    peers = .allocate(capacity: max(1, schedule.updates.count * 2 * words))
    peers.initialize(repeating: 0, count: schedule.updates.count * 2 * words)
    bytes = schedule.bytes + (returnCount + 2 * schedule.updates.count) * words * 8
    markExactSlots()
    markPeers(schedule.returnIndex)
  }

  deinit {
    for column in [
      returns, returnTimes, updates, observers, updateStarts, firstFreshUpdate, observerStarts, firstFreshObserver,
      activeClasses, activeStarts,
    ] { column.deallocate() }
    live.deallocate()
    exact.deallocate()
    peers.deallocate()
  }

  private static func copy<Element: BitwiseCopyable>(_ array: [Element]) -> UnsafePointer<Element> {
    let column = UnsafeMutablePointer<Element>.allocate(capacity: max(1, array.count))
    array.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { column.initialize(from: base, count: buffer.count) }
    }
    return UnsafePointer(column)
  }

  private func markExactSlots() {
    for at in 0..<returnCount {
      for place in Int(updateStarts[at])..<Int(updateStarts[at + 1]) {
        let live = live[Int(updates[place])]
        if live.role == .update { exact[at * words + Int(live.slot >> 6)] |= 1 << UInt64(live.slot & 63) }
      }
    }
  }

  /// Live operations of one kind and role differ only in when they return.
  private func markPeers(_ returnIndex: [UInt32]) {
    for at in 0..<returnCount {
      let places = Int(updateStarts[at])..<Int(updateStarts[at + 1])
      for place in places {
        let own = live[Int(updates[place])]
        guard own.isOverwrite else { continue }
        for other in places {
          let peer = live[Int(updates[other])]
          guard peer.kind == own.kind, peer.role == own.role else { continue }
          let isEarlier = returnIndex[Int(updates[other])] < returnIndex[Int(updates[place])]
          peers[place * 2 * words + (isEarlier ? 0 : words) + Int(peer.slot >> 6)] |= 1 << UInt64(peer.slot & 63)
        }
      }
    }
  }

  /// Whether a live operation of the same kind returns earlier and has its bit set.
  @inline(__always) func hasEarlierPeer(_ place: Int, in bits: UnsafePointer<UInt64>) -> Bool {
    let earlier = peers + place &* 2 &* words
    for word in 0..<words where earlier[word] & bits[word] != 0 { return true }
    return false
  }

  /// Whether the operations in `more` can stand in for those in `less`: of each kind of blind write and after each
  /// return event there are at least as many. (Hall's condition; it can fail first at one that only `less` has.)
  @inline(__always)
  func covers(_ more: UnsafePointer<UInt64>, _ less: UnsafePointer<UInt64>, at: Int) -> Bool {
    var isSubset = true
    for word in 0..<words where less[word] & ~more[word] != 0 { isSubset = false }
    return isSubset || coversByPeers(more, less, at: at)
  }

  private func coversByPeers(_ more: UnsafePointer<UInt64>, _ less: UnsafePointer<UInt64>, at: Int) -> Bool {
    for place in Int(updateStarts[at])..<Int(updateStarts[at &+ 1]) {
      let own = live[Int(updates[place])]
      let (word, bit) = (Int(own.slot >> 6), UInt64(1) << UInt64(own.slot & 63))
      guard less[word] & ~more[word] & bit != 0 else { continue }
      guard own.isOverwrite else { return false }
      let later = peers + (place &* 2 &+ 1) &* words
      var (moreCount, lessCount) = (0, 0)
      for word in 0..<words {
        moreCount &+= (more[word] & later[word]).nonzeroBitCount
        lessCount &+= (less[word] & later[word]).nonzeroBitCount
      }
      if moreCount < lessCount { return false }
    }
    return true
  }

  /// Slots of required updates that cannot happen in every state: `words` words.
  @inline(__always) func exactSlots(_ at: Int) -> UnsafePointer<UInt64> { UnsafePointer(exact + at &* words) }

  @inline(__always) func updateCount(_ at: Int) -> UInt32 { updateStarts[at &+ 1] &- updateStarts[at] }
  /// Place in `updates` of one of the live updates.
  @inline(__always) func place(_ number: UInt32, _ at: Int) -> Int { Int(updateStarts[at] &+ number) }

  @inline(__always) func freshUpdates(_ at: Int) -> Range<Int> {
    Range(uncheckedBounds: (Int(firstFreshUpdate[at]), Int(updateStarts[at &+ 1])))
  }

  @inline(__always) func freshObservers(_ at: Int) -> Range<Int> {
    Range(uncheckedBounds: (Int(firstFreshObserver[at]), Int(observerStarts[at &+ 1])))
  }

  @inline(__always) func liveObservers(_ at: Int) -> Range<Int> {
    Range(uncheckedBounds: (Int(observerStarts[at]), Int(observerStarts[at &+ 1])))
  }

  @inline(__always) func classCount(_ at: Int) -> UInt32 {
    activeStarts[at / Schedule.blockReturns &+ 1] &- activeStarts[at / Schedule.blockReturns]
  }

  @inline(__always) func crashClass(_ number: UInt32, _ at: Int) -> UInt32 {
    activeClasses[Int(activeStarts[at / Schedule.blockReturns] &+ number)]
  }
}
