import Checkers
import Foundation
import Histories
import RunStore
import Synchronization

/// Checks on a thread of its own, at a lower priority than the rest, while the run goes on.
final class OnlineWatch: Sendable {
  /// Added to the thread's nice value: the system under test and its clients come first.
  static let niceness: Int32 = 10

  let feed = EventFeed()
  private let clock: RunClock
  private let report: @Sendable (OnlineWork.Sighting) -> Void
  private let cancellation = CheckCancellation()
  private let wake = DispatchSemaphore(value: 0)
  private let closed = Atomic<Bool>(false)
  private let hasFailed = Atomic<Bool>(false)
  private let failed = AsyncStream.makeStream(of: Never.self)
  private let ended = AsyncStream.makeStream(of: Never.self)
  private let records = Mutex<[OnlineRecord]>([])

  /// Starts the thread.
  ///
  /// - Parameter report: told of every violation, on the thread.
  init(_ work: OnlineWork, clock: RunClock, report: @escaping @Sendable (OnlineWork.Sighting) -> Void) {
    self.clock = clock
    self.report = report
    let thread = Thread { [self] in
      _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)  // of this thread alone, on Linux
      watch(work)
    }
    thread.name = "online checks"
    thread.start()
  }

  /// Returns at the first violation of a claim that is expected to hold, or when the watch is closed. For one caller.
  ///
  /// - Returns: whether there was one.
  func untilFailure() async -> Bool {
    for await _ in failed.stream {}
    return hasFailed.load(ordering: .acquiring)
  }

  /// Ends what is under way, and returns how it went.
  func close() async -> [OnlineRecord] {
    cancellation.cancel()
    closed.store(true, ordering: .releasing)
    wake.signal()
    // In a task of its own, because iterating in a cancelled task would end at once.
    await Task { [ended] in for await _ in ended.stream {} }.value
    return records.withLock { $0 }
  }

  private func watch(_ start: OnlineWork) {
    var work = start
    while !closed.load(ordering: .acquiring) {
      for sighting in work.step(feed.take(), cancellation: cancellation) {
        report(sighting)
        guard sighting.isFailure else { continue }
        hasFailed.store(true, ordering: .releasing)
        failed.continuation.finish()
      }
      let pause = max(0, work.notBefore - clock.now)
      _ = wake.wait(timeout: .now() + .nanoseconds(Int(pause)))
    }
    records.withLock { $0 = work.records }
    failed.continuation.finish()
    ended.continuation.finish()
  }
}
