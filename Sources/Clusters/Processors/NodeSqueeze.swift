import Glibc
import Synchronization

/// Stops a node's processes and lets them go on, many times a second, as cpulimit does.
///
/// Control groups would take the processor away without the program's noticing, but are rarely delegated to users. Signals
/// work everywhere; a program sees them as it sees a pause: system calls that wait may end with EINTR.
final class NodeSqueeze: Sendable {
  /// From one stop to the next. Short against time-outs of tenths of a second, long against the kernel's slices of 4 ms.
  static let periodNanoseconds: Int64 = 50_000_000
  /// Longest stop in one go: where the machine is so busy that the processes ran too long before they were stopped, the stop
  /// is longer too, and the share holds.
  static let stopNanosecondsMax: Int64 = 1_000_000_000

  private let inode: UInt64
  private let stillness: NodeStillness
  private let share: Mutex<Double>
  private let report = Mutex(SqueezeReport())
  private let work = Mutex<Task<Void, Never>?>(nil)

  init(inode: UInt64, stillness: NodeStillness, share: Double) {
    (self.inode, self.stillness) = (inode, stillness)
    self.share = Mutex(share)
  }

  func setShare(_ share: Double) { self.share.withLock { $0 = share } }

  /// Does nothing else until `end`.
  func begin() {
    stillness.setSqueezed(true)
    work.withLock { $0 = Task { await self.alternate() } }
  }

  /// Lets the processes go on, and tells what was seen.
  func end() async -> SqueezeReport {
    let task = work.withLock { $0 }
    task?.cancel()
    await task?.value
    stillness.setSqueezed(false)
    return report.withLock { $0 }
  }

  private func alternate() async {
    var used = processorTimes()
    while !Task.isCancelled {
      let start = ContinuousClock.now
      let share = share.withLock { $0 }
      await Self.sleep(until: start + .nanoseconds(Int64(Double(Self.periodNanoseconds) * share)))
      if Task.isCancelled { break }
      let ran = Double(nanoseconds(.now - start))
      let rest = min(Int64(ran * (1 - share) / share), Self.stopNanosecondsMax)
      let stopped = await standStill(until: .now + .nanoseconds(rest))
      let now = processorTimes()
      if let stopped { add(stopped, since: start, used: Self.used(from: used, to: now)) }
      used = now
    }
    // Whatever the last round left standing.
    _ = stillness.ifFree { for pid in members { _ = kill(pid, SIGCONT) } }
  }

  /// Stops the processes until then. Returns how long they stood still, in nanoseconds: since they were told, as no thread
  /// runs another instruction of the program once the signal is there, and nothing unless the kernel says in the end that
  /// all of them are stopped. Nil when there are none, or others decide.
  private func standStill(until end: ContinuousClock.Instant) async -> Int64? {
    let pids = members
    let since = ContinuousClock.now
    guard !pids.isEmpty, stillness.ifFree({ for pid in pids { _ = kill(pid, SIGSTOP) } }) else {
      await Self.sleep(until: end)
      return nil
    }
    await Self.sleep(until: end)
    let stopped = members.allSatisfy(ProcFS.isStopped) ? nanoseconds(ContinuousClock.now - since) : 0
    let isOurs = stillness.ifFree { for pid in members { _ = kill(pid, SIGCONT) } }
    return isOurs ? stopped : nil
  }

  private var members: [Int32] { ProcFS.processes(inNetwork: inode) }

  private func processorTimes() -> [Int32: Int64] {
    Dictionary(uniqueKeysWithValues: members.map { ($0, ProcFS.processorNanoseconds(of: $0) ?? 0) })
  }

  private static func used(from old: [Int32: Int64], to new: [Int32: Int64]) -> Int64 {
    new.reduce(0) { $0 + max(0, $1.value - (old[$1.key] ?? 0)) }
  }

  private func add(_ stopped: Int64, since start: ContinuousClock.Instant, used: Int64) {
    report.withLock { report in
      report.elapsedNanoseconds += nanoseconds(ContinuousClock.now - start)
      report.stoppedNanoseconds += stopped
      report.processorNanoseconds += used
    }
  }

  private static func sleep(until moment: ContinuousClock.Instant) async {
    try? await Task.sleep(until: moment, clock: .continuous)
  }

  private func nanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
