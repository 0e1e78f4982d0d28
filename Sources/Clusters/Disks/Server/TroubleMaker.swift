import CLinux
import Glibc
import Synchronization

/// Lets operations fail or wait as the disk's trouble says, and counts what it did.
final class TroubleMaker: Sendable {
  enum Operation { case read, write, sync }

  fileprivate struct State {
    var trouble = DiskTrouble()
    var counts = DiskCounts()
    /// Of operations since the trouble was set: which get errors depends on it and the seed alone.
    var serial: UInt64 = 0
    /// Changes when those who wait are to wait no longer.
    var waking = 0
  }

  /// How soon a waiting operation notices that it is to wait no longer.
  private static let sliceNanoseconds: UInt64 = 10_000_000

  private let state = Mutex(State())

  var counts: DiskCounts { state.withLock { $0.counts } }

  func set(_ trouble: DiskTrouble) {
    state.withLock {
      $0.trouble = trouble
      $0.serial = 0
      $0.waking += 1
    }
  }

  /// Ends the waiting of all operations under way.
  func wake() { state.withLock { $0.waking += 1 } }

  /// The errno that the operation gets instead of being done, or 0; waits as long as it is to wait.
  func before(_ operation: Operation) -> Int32 {
    let (error, delay, waking) = state.withLock { state in
      let (error, delay) = state.decide(operation)
      return (error, delay, state.waking)
    }
    wait(delay, waking)
    return error
  }

  /// ENOSPC where an operation needs room and there is none; 0 otherwise.
  func room() -> Int32 {
    state.withLock {
      guard $0.trouble.isFull else { return 0 }
      $0.counts.noSpaceErrors += 1
      return ENOSPC
    }
  }

  var isFull: Bool { state.withLock { $0.trouble.isFull } }

  func wroteBack(_ bytes: Int) { state.withLock { $0.counts.writtenBackBytes += bytes } }

  private func wait(_ nanoseconds: UInt64, _ waking: Int) {
    var rest = min(nanoseconds, DiskTrouble.delayNanosecondsMax)
    while rest > 0 && state.withLock({ $0.waking }) == waking {
      let slice = min(rest, Self.sliceNanoseconds)
      var time = timespec(tv_sec: 0, tv_nsec: Int(slice))
      _ = nanosleep(&time, nil)
      rest -= slice
    }
  }
}

extension TroubleMaker.State {
  fileprivate mutating func decide(_ operation: TroubleMaker.Operation) -> (error: Int32, delay: UInt64) {
    let percent: Int
    var delay: UInt64 = 0
    switch operation {
    case .read:
      counts.reads += 1
      percent = trouble.readErrorPercent
    case .write:
      counts.writes += 1
      (percent, delay) = (trouble.writeErrorPercent, trouble.writeDelayNanoseconds)
    case .sync:
      counts.syncs += 1
      (percent, delay) = (trouble.syncErrorPercent, trouble.syncDelayNanoseconds)
    }
    if delay > 0 { counts.delays += 1 }
    guard percent > 0 else { return (0, delay) }
    serial &+= 1
    var source = trouble.seed ^ (serial &* 0x2545_F491_4F6C_DD1D)
    guard mix64(&source) % 100 < UInt64(percent) else { return (0, delay) }
    counts.inputOutputErrors += 1
    return (EIO, delay)
  }
}
