import Histories
import Plans
import RunStore
import Synchronization
import Workloads

/// Waits for the violation that ends the load.
final class FailFast: Sendable {
  private let watch: OnlineWatch?
  private let endOfProcess: (@Sendable () async -> Bool)?
  private let failed = Atomic<Bool>(false)

  /// - Parameters:
  ///   - watch: nil where violations do not end the load.
  ///   - endOfProcess: returns true when a process has ended by itself, false when none can any more; nil where that does
  ///     not end the load.
  init(watch: OnlineWatch?, endOfProcess: (@Sendable () async -> Bool)? = nil) {
    self.watch = watch
    self.endOfProcess = endOfProcess
  }

  var hasFailed: Bool { failed.load(ordering: .acquiring) }

  /// Returns when a claim that is expected to hold is broken, when a process ended by itself, or when the loop has nothing more to do.
  func untilFailure(orIdle loop: LoopControl) async {
    let (gate, opener) = AsyncStream.makeStream(of: Never.self)
    Task {
      await loop.untilIdle()
      opener.finish()
    }
    if let watch {
      Task { [self] in
        if await watch.untilFailure() { failed.store(true, ordering: .releasing) }
        opener.finish()
      }
    }
    if let endOfProcess {
      Task { [self] in
        guard await endOfProcess() else { return }
        failed.store(true, ordering: .releasing)
        opener.finish()
      }
    }
    for await _ in gate {}
  }
}

extension FailFast {
  /// Why no violation of the history could end the run that should end at its first; nil where one could.
  static func blindness(_ plan: Plan, _ online: [OnlineRecord]) -> String? {
    let looked = Set(online.map(\.claim))
    guard plan.online.failFast, !plan.claims.contains(where: { $0.expect == .valid && looked.contains($0.claim) })
    else { return nil }
    return "no claim about this run's history could be checked while it went on: --fail-fast "
      + (endsAreFailures(plan) ? "looked only for processes that end by themselves" : "had nothing to look for")
  }

  /// Whether a process that ends by itself breaks a claim that is expected to hold.
  static func endsAreFailures(_ plan: Plan) -> Bool {
    plan.claims.contains { $0.claim == "no-panic" && $0.expect == .valid }
  }
}

extension RunPhases {
  /// Violations told of at once; a system that is all broken would fill the terminal.
  static let announcedMax = 5

  /// Starts checking while the run goes on; nil where that is off or no claim can be checked so.
  func watch(_ instance: WorkloadInstance, keyed: Bool, _ clock: RunClock) -> OnlineWatch? {
    guard plan.online.isOn else { return nil }
    let work = OnlineWork(claims: plan.claims, checks: instance.checks, keyed: keyed, clock: { clock.now })
    guard !work.isEmpty else { return nil }
    let count = Mutex(0)
    return OnlineWatch(work, clock: clock) { sighting in
      log.note("online: \(sighting.line)")
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number <= Self.announcedMax { options.announce(sighting.line) }
      if number == Self.announcedMax + 1 { options.announce("there are more violations: \(RunFile.log) has them all") }
    }
  }

  /// Keeps every node paused until somebody has seen enough, the time is over, or the run is cancelled.
  func freeze(seconds: Double, faults: [String]) async {
    let freeze = Freeze(system: system, log: log)
    let cluster = await freeze.pause(faults: faults, secondsMax: seconds)
    let inspection = Task {
      if let inspect = options.inspect {
        await inspect(cluster)
      } else {
        try? await Task.sleep(for: .seconds(seconds))
      }
    }
    await withDeadline(seconds: seconds, untilCancelled: true) { await inspection.value }
    inspection.cancel()
    await freeze.resume()
  }

  /// What a reader must know of it.
  ///
  /// - Parameter stopped: when the load ended at a violation, in nanoseconds since the run's start.
  func notices(_ online: [OnlineRecord], failedAt stopped: Int64?) -> [String] {
    var notices = online.compactMap { record in
      record.problem.map { "\(record.claim) was not checked to the end while the run went on: \($0)" }
    }
    if let stopped {
      let seconds = (Double(stopped) / 1e8).rounded() / 10
      notices.append("the load ended at its first violation, \(seconds) s into the run: no recovery, no final reads")
    }
    if let blindness = FailFast.blindness(plan, online) { notices.append(blindness) }
    return notices
  }
}
