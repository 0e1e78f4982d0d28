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
    bytes = schedule.bytes + returnCount * words * 8
    markExactSlots()
  }

  deinit {
    for column in [
      returns, returnTimes, updates, observers, updateStarts, firstFreshUpdate, observerStarts, firstFreshObserver,
      activeClasses, activeStarts,
    ] { column.deallocate() }
    live.deallocate()
    exact.deallocate()
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

  /// Slots of required updates that cannot happen in every state: `words` words.
  @inline(__always) func exactSlots(_ at: Int) -> UnsafePointer<UInt64> { UnsafePointer(exact + at &* words) }

  @inline(__always) func updateCount(_ at: Int) -> UInt32 { updateStarts[at &+ 1] &- updateStarts[at] }
  @inline(__always) func update(_ number: UInt32, _ at: Int) -> UInt32 { updates[Int(updateStarts[at] &+ number)] }

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
