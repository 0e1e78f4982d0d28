import Clusters
import Foundation
import Generators
import Histories
import Nemesis
import Plans
import RunStore
import Synchronization
import Systems
import Workloads

/// What the phases of a run recorded.
struct Recording: Sendable {
  var history: History
  var faults: [FaultRecord]
  var schedule: FaultSchedule
  var recovery: Recovers.Observation?
  /// Time of the final heal in nanoseconds since the run's start.
  var healed: Int64?
  var instance: WorkloadInstance
  var functions: [String]
  var unexpectedEnds: [NoPanic.UnexpectedEnd]
  var notices: [String]
  var interrupted: Bool
  /// When a violation ended the load (`--fail-fast`), in nanoseconds since the run's start; nil where none did.
  var failedAt: Int64?
  /// Requests that were sent once more (`Resending`).
  var resent: Int
  var online: [OnlineRecord]
}

/// Load with faults, final heal, recovery, final reads.
struct RunPhases {
  /// Longest time for the final reads, in seconds, besides what replicas are given to settle; what is in flight then is left to its time-out.
  static let finalSecondsMax = 10.0
  /// Longest time for the loop to end after the last operation can have ended, in seconds.
  static let endSecondsMax = 10.0
  /// Longest time for the final heal, in seconds.
  static let healSecondsMax = 30.0
  /// Time between two looks at the counts, in milliseconds.
  static let lookMilliseconds: Int64 = 20
  /// Time between two progress reports, in milliseconds.
  static let progressMilliseconds: Int64 = 200

  let plan: Plan
  let system: SystemUnderTest
  let directory: RunDirectory
  let options: RunOptions
  let log: RunLog

  func run(_ times: inout PhaseTimes) async throws -> Recording {
    let workload = try workload()
    let streams = RandomStreams(seed: plan.seed)
    let names = system.nodes.map(\.name)
    let instance = try workload.build(
      WorkloadSettings(
        parameters: plan.workload.parameters, threads: plan.concurrency, streams: streams, nodes: names))
    let schedule =
      options.schedule
      ?? FaultSchedule.make(
        settings: plan.faults, nodes: names, durationNanoseconds: Int64(plan.durationSeconds * 1e9), streams: streams,
        keepsQuorum: plan.keepsQuorum)
    try RunFiles.write(json: schedule, to: directory.file(RunFile.schedule))

    let recorder = FaultRecorder()
    let clock = RunClock()
    let watch = watch(instance, keyed: workload.keyed, clock)
    let loop = try LoopThread.start(
      loopSettings(workload, instance, streams, feed: watch?.feed), clock: clock, nodes: names)
    let nemesis = NemesisRunner(
      schedule: schedule, cluster: system.cluster, clock: NemesisClock(now: { clock.now })
    ) { event in
      let line = event.historyEvent(index: 0)
      log.note("nemesis: \(line.function) \(line.value)\(line.error.map { " " + $0 } ?? "")")
      recorder.take(event)
      loop.post(.record(line))
    }
    log.note("load begins")
    let progress = reportProgress(loop, clock, recorder)
    defer { progress.cancel() }

    let failedFast = await load(nemesis, loop, clock, watch)
    let failedAt = failedFast ? clock.now : nil
    let interrupted = Task.isCancelled
    times.end("load")
    if failedFast, let seconds = plan.online.freezeSeconds {
      progress.cancel()
      await freeze(seconds: seconds, faults: recorder.active)
      times.end("freeze")
    }
    let isCut = interrupted || failedFast
    let broken = await finalHeal(nemesis)
    let healed = clock.now
    log.note("final heal done")
    let recovery = isCut || !broken.isEmpty ? nil : await recover(loop)
    times.end("recovery")
    if !isCut, let final = instance.finalGenerator {
      loop.post(.replace(final))
      await withDeadline(seconds: Self.finalSecondsMax + plan.workload.settleSeconds) { await loop.untilIdle() }
    }
    loop.post(.stop)
    let (history, online) = try await ended(loop, watch)
    times.end("final")
    log.note("\(history.count) events recorded")
    return Recording(
      history: history, faults: recorder.records(history), schedule: schedule, recovery: recovery,
      healed: isCut ? nil : healed, instance: instance,
      functions: workload.operations.filter { plan.workload.uses($0) }.map(\.name).sorted(),
      unexpectedEnds: system.unexpectedEnds.map { .init(node: $0.node, how: $0.how, time: $0.at - clock.origin) },
      notices: schedule.notices + environment + recorder.problems + recorder.skips + broken
        + notices(online, failedAt: failedAt), interrupted: interrupted, failedAt: failedAt, resent: loop.counts.resent,
      online: online)
  }

  /// What this machine cannot do, in words.
  private var environment: [String] {
    let wanted = Set(plan.faults.compactMap { FaultCatalogue.named($0.name) }.flatMap(\.requires))
    let packets = wanted.contains(.packets) ? system.cluster.packetsUnavailable : nil
    let clocks = wanted.contains(.clocks) ? system.cluster.clocksUnavailable : nil
    return (system.cluster.networkUnavailable.map { ["links cannot be cut here: \($0)"] } ?? [])
      + (packets.map { ["packets cannot be queued here: \($0)"] } ?? []) + (clocks.map { ["\($0)"] } ?? [])
  }

  private func workload() throws -> Workload {
    guard let workload = Workloads.Catalogue.named(plan.workload.name) else {
      throw RunFailure.environment("there is no workload '\(plan.workload.name)'")
    }
    return workload
  }

  private func loopSettings(
    _ workload: Workload, _ instance: WorkloadInstance, _ streams: RandomStreams, feed: EventFeed?
  ) throws -> LoopThread.Settings {
    LoopThread.Settings(
      generator: paced(instance.generator, streams), keyed: workload.keyed, threads: plan.concurrency,
      client: try SystemClient(
        client: plan.client, operations: plan.operations, scope: system.scope, slots: plan.concurrency),
      placement: plan.client.placement, historyPath: directory.file(RunFile.history),
      resends: streams.stream("run.resend"), feed: feed)
  }

  private func paced(_ generator: any Generator, _ streams: RandomStreams) -> any Generator {
    guard let rate = plan.rate else { return generator }
    return generator.rate(rate, .staggered, stream: streams.stream("run.stagger"))
  }

  /// The load phase: the nemesis works its schedule off; ends at its time, or at once when the run is cancelled or has
  /// failed and is to end then.
  ///
  /// - Returns: whether a failure ended it. Then nothing is invoked any more, and faults are left in force.
  private func load(_ nemesis: NemesisRunner, _ loop: LoopControl, _ clock: RunClock, _ watch: OnlineWatch?) async
    -> Bool
  {
    // The schedule ends before the load phase does; a fault that hangs must not prolong it.
    let working = Task { await nemesis.run() }
    let rest = plan.durationSeconds - Double(clock.now) / 1e9
    let isOn = plan.online.failFast
    let system = system
    let endOfProcess = { @Sendable in await system.untilUnexpectedEnd() }
    let failFast = FailFast(
      watch: isOn ? watch : nil, endOfProcess: isOn && FailFast.endsAreFailures(plan) ? endOfProcess : nil)
    // The generator has no end: the loop is idle early only if it failed, and then there is nothing to wait for.
    await withDeadline(seconds: max(0, rest), untilCancelled: true) { await failFast.untilFailure(orIdle: loop) }
    working.cancel()
    guard failFast.hasFailed, !Task.isCancelled else { return false }
    loop.post(.replace { _ in operations([]) })
    // An injection or a healing under way is ended first, so that what is left in force stays as it is.
    await withDeadline(seconds: Self.healSecondsMax) { await working.value }
    return true
  }

  /// The history, when the last operation in flight has ended.
  ///
  /// - Throws: also where the loop hangs, as it does in a regular expression of the plan that backtracks for ever.
  private func ended(_ loop: LoopControl) async throws -> History {
    let seconds = plan.client.timeoutSeconds + Self.endSecondsMax
    await withDeadline(seconds: seconds) { _ = try? await loop.untilEnd() }
    guard loop.hasEnded else {
      throw RunFailure.environment(
        "the client loop does not end (\(seconds) s after it was told to): does a regex of the plan backtrack for ever?"
      )
    }
    return try await loop.untilEnd()
  }

  /// The history, and what was found in it while it grew.
  private func ended(_ loop: LoopControl, _ watch: OnlineWatch?) async throws -> (History, [OnlineRecord]) {
    do {
      let history = try await ended(loop)
      return (history, await watch?.close() ?? [])
    } catch {
      _ = await watch?.close()
      throw error
    }
  }

  /// Returns what may still be broken, in words.
  private func finalHeal(_ nemesis: NemesisRunner) async -> [String] {
    let broken = Mutex<[String]?>(nil)
    await withDeadline(seconds: Self.healSecondsMax) {
      let left = await nemesis.finalHeal()
      broken.withLock { $0 = left }
    }
    return broken.withLock { $0 } ?? ["the final heal did not end within \(Self.healSecondsMax) s"]
  }

  /// Waits until every node is healthy and operations succeed again; ends as soon as that is so.
  private func recover(_ loop: LoopControl) async -> Recovers.Observation {
    let before = loop.counts
    let start = ContinuousClock.now
    let deadline = start + .milliseconds(Int64(plan.recoverySeconds * 1000))
    let unhealthy = await system.probes.untilReady(deadline: deadline)
    while loop.counts.ok - before.ok < plan.minimums.okAfterHeal, ContinuousClock.now < deadline,
      !Task.isCancelled, !loop.hasEnded
    {
      try? await Task.sleep(for: .milliseconds(Self.lookMilliseconds))
    }
    let elapsed = ContinuousClock.now - start
    return Recovers.Observation(
      unhealthy: unhealthy.map { "\($0.node) (\($0.answer))" }, okBeforeHeal: before.ok,
      okAfterHeal: loop.counts.ok - before.ok,
      endedAfterHeal: loop.counts.ended - before.ended,
      okWanted: plan.minimums.okAfterHeal, seconds: elapsed / .seconds(1), deadlineSeconds: plan.recoverySeconds)
  }

  private func reportProgress(_ loop: LoopControl, _ clock: RunClock, _ recorder: FaultRecorder) -> Task<Void, Never> {
    Task {
      while !Task.isCancelled {
        let seconds = Double(clock.now) / 1e9
        options.observe(
          RunProgress(
            phase: seconds < plan.durationSeconds ? .load : .recovery, seconds: seconds,
            loadSeconds: plan.durationSeconds, counts: loop.counts, faults: recorder.active))
        try? await Task.sleep(for: .milliseconds(Self.progressMilliseconds))
      }
    }
  }
}
