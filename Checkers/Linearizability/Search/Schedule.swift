/// A problem compiled for the search: for every return event, which operations are live, in columns.
///
/// Live operations hold a *slot* from their invocation to their return, so that a configuration is a few bits wide
/// however long the history is. Operations that may happen forever (crashed ones) hold no slot: equal ones are counted
/// in a *class* (CHECKERS 1.3, reduction 1). Observers that need not have happened are left out (reduction 3).
///
/// The columns are behind pointers: the search reads them at every step, and an array's checks would cost more than what
/// is read. (Debug builds do check.)
final class Schedule {
  /// What the search must do with an operation that holds a slot. A configuration has two bits for the slot:
  /// *discharged* (it need not happen any more) and *available* (it may still happen).
  enum Role: UInt8 {
    /// An observer: discharged once it has been placed; never available, the search places it by itself.
    case observer
    /// A required update that cannot happen in every state: available as long as it is not discharged, so its
    /// available bit is not kept.
    case update
    /// A required update that can happen in every state. It may be both discharged and available; see `Search`.
    case blind
    /// An update that need not have happened: discharged from its invocation on.
    case optional
  }

  /// Kind, slot and role of an operation that holds a slot.
  struct Live {
    var kind: UInt32
    var slot: UInt32
    var role: Role
    /// A blind write: what happened right before it cannot be told.
    var isOverwrite: Bool
  }

  typealias Column = UnsafeBufferPointer<UInt32>

  /// By operation id; what holds no slot has slot `Automaton.none`.
  let live: UnsafeBufferPointer<Live>
  /// By operation id: the return event's index; `Automaton.none` for what holds no slot.
  let returnIndex: Column
  /// Operation id of each return event, in order.
  let returns: Column
  /// Event index of each return event.
  let returnTimes: Column
  /// Live updates at return j, in order of invocation: `updates[updateStarts[j]..<updateStarts[j + 1]]`.
  let updates: Column
  let updateStarts: Column
  /// Live observers, in the same form.
  let observers: Column
  let observerStarts: Column
  let classes: [CrashClass]
  let slotCount: Int
  /// Of the bits of all slots: 64-bit words, at least one.
  let words: Int
  /// Bytes of the columns, about.
  let bytes: Int

  /// Of the live updates, the first that was invoked after the previous return; of the observers likewise.
  private let firstFreshUpdate: Column
  private let firstFreshObserver: Column
  private let exact: UnsafePointer<UInt64>
  private let active: ActiveClasses
  private let peers: OverwritePeers
  private let storage: ScheduleStorage

  /// Crashed operations of one kind, interchangeable.
  struct CrashClass {
    var kind: UInt32
    /// Operation ids in order of invocation: the n-th use of the class is the n-th of them.
    var operations: [UInt32] = []
    /// For each of them, the first return event after its invocation.
    var availableFrom: [UInt32] = []
    /// The last event at which using it can matter.
    var usefulUntil: UInt32

    /// Whether one more than `used` of them has been invoked by the return event.
    func isAvailable(_ used: Int, at returnIndex: Int) -> Bool {
      used < operations.count && availableFrom[used] <= UInt32(returnIndex)
    }
  }

  init(_ problem: SearchProblem, _ automaton: Automaton) {
    var builder = ScheduleBuilder(problem, automaton)
    let storage = builder.build()
    self.storage = storage
    live = UnsafeBufferPointer(storage.live)
    returnIndex = Column(storage.returnIndex)
    returns = Column(storage.returns)
    returnTimes = Column(storage.returnTimes)
    updates = Column(storage.updates)
    updateStarts = Column(storage.updateStarts)
    firstFreshUpdate = Column(storage.firstFreshUpdate)
    observers = Column(storage.observers)
    observerStarts = Column(storage.observerStarts)
    firstFreshObserver = Column(storage.firstFreshObserver)
    exact = UnsafePointer(storage.exact)
    classes = builder.classes
    slotCount = storage.size.slots
    words = storage.size.words
    active = ActiveClasses(builder.classes, Column(storage.returnTimes))
    peers = OverwritePeers(storage)
    bytes =
      storage.size.bytes + peers.bytes + active.bytes
      + builder.classes.reduce(0) { $0 + 64 + 8 * $1.operations.count }
  }
}

// MARK: - What the search asks, at a return event

extension Schedule {
  /// Slots of required updates that cannot happen in every state: `words` words.
  @inline(__always) func exactSlots(_ at: Int) -> UnsafePointer<UInt64> { exact + at &* words }

  @inline(__always) func updateCount(_ at: Int) -> UInt32 { updateStarts[at &+ 1] &- updateStarts[at] }
  /// Place in `updates` of one of the live updates.
  @inline(__always) func place(_ number: UInt32, _ at: Int) -> Int { Int(updateStarts[at] &+ number) }

  @inline(__always) func liveUpdates(_ at: Int) -> Range<Int> {
    Range(uncheckedBounds: (Int(updateStarts[at]), Int(updateStarts[at &+ 1])))
  }

  @inline(__always) func freshUpdates(_ at: Int) -> Range<Int> {
    Range(uncheckedBounds: (Int(firstFreshUpdate[at]), Int(updateStarts[at &+ 1])))
  }

  @inline(__always) func freshObservers(_ at: Int) -> Range<Int> {
    Range(uncheckedBounds: (Int(firstFreshObserver[at]), Int(observerStarts[at &+ 1])))
  }

  @inline(__always) func liveObservers(_ at: Int) -> Range<Int> {
    Range(uncheckedBounds: (Int(observerStarts[at]), Int(observerStarts[at &+ 1])))
  }

  @inline(__always) func classCount(_ at: Int) -> UInt32 { active.count(at) }

  /// Position in `classes` of one of those that can be used around the return event.
  @inline(__always) func crashClass(_ number: UInt32, _ at: Int) -> UInt32 { active.position(number, at) }

  /// Whether a live operation of the same kind as the one at this place in `updates` returns earlier, has its bit set,
  /// and does not have it set in the other bits, if they are given.
  @inline(__always)
  func hasEarlierPeer(
    _ place: Int, at: Int, in bits: UnsafePointer<UInt64>, without: UnsafePointer<UInt64>?
  ) -> Bool {
    peers.prepare(at)
    let earlier = peers.earlier(place)
    guard let without else {
      for word in 0..<words where earlier[word] & bits[word] != 0 { return true }
      return false
    }
    for word in 0..<words where earlier[word] & bits[word] & ~without[word] != 0 { return true }
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
    peers.prepare(at)
    for place in liveUpdates(at) {
      let own = live[Int(updates[place])]
      let (word, bit) = (Int(own.slot >> 6), UInt64(1) << UInt64(own.slot & 63))
      guard less[word] & ~more[word] & bit != 0 else { continue }
      guard own.isOverwrite else { return false }
      let later = peers.notEarlier(place)
      var (moreCount, lessCount) = (0, 0)
      for word in 0..<words {
        moreCount &+= (more[word] & later[word]).nonzeroBitCount
        lessCount &+= (less[word] & later[word]).nonzeroBitCount
      }
      if moreCount < lessCount { return false }
    }
    return true
  }
}

extension RandomAccessCollection where Index == Int {
  /// The index of the first element that satisfies the predicate, in a collection where all after it do.
  func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
