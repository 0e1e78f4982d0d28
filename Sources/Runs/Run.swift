import Checkers
import Clusters
import Foundation
import Generators
import Histories
import Nemesis
import Plans
import RunStore
import Systems
import Workloads

/// One run of a plan, from an empty folder to its results: the pipeline that the README draws.
///
/// It expects to be inside the sandbox already (`Sandbox.enter`).
public struct Run: Sendable {
  public let plan: Plan
  public let options: RunOptions

  public init(plan: Plan, options: RunOptions) {
    self.plan = plan
    self.options = options
  }

  /// Runs it all. Cancelling the task ends the load phase; what was recorded is still healed, judged and written.
  ///
  /// - Throws: `RunFailure`, `StoreError`, `LaunchError`, `ClusterError`: the environment failed, nothing was judged.
  public func execute() async throws -> RunOutcome {
    let started = Date()
    var phases = PhaseTimes()
    let directory = try RunDirectory.create(store: options.store, plan: plan.name, seed: plan.seed, at: started)
    directory.becomeLatest()
    try RunFiles.write(Array(plan.source.text.utf8), to: directory.file(RunFile.plan))
    try RunFiles.write(json: plan.resolved, to: directory.file(RunFile.resolvedPlan))
    try RunFiles.write(json: Invocation(of: plan), to: directory.file(RunFile.invocation))
    let log = try RunLog(path: directory.file(RunFile.log))
    let now = Date.now.formatted(.iso8601.time(includingFractionalSeconds: true))
    log.note("it is \(now)Z; run of plan '\(plan.name)', seed \(plan.seed)")
    do {
      let system = try await SystemUnderTest.setUp(
        plan: plan, directory: directory, options: options, log: log)
      let plan = try await possible(system)
      phases.end("setup")
      let recording = try await RunPhases(plan: plan, system: system, directory: directory, options: options, log: log)
        .run(&phases)
      await system.tearDown(graceSeconds: plan.system.stopGraceSeconds)
      let results = try Results(plan: plan, options: options, started: started, directory: directory, log: log)
        .write(recording, system: system, phases: &phases)
      return RunOutcome(directory: directory, results: results, interrupted: recording.interrupted)
    } catch {
      log.note("the run failed: \(error)")
      throw error
    }
  }

  /// The plan as far as the machine allows its faults.
  ///
  /// - Throws: where that is not all of it, and nobody said that this is enough.
  private func possible(_ system: SystemUnderTest) async throws -> Plan {
    let faults = UnavailableFaults(plan.faults, on: system.cluster)
    if faults.reasons.isEmpty { return plan }
    guard options.skipsUnavailable else {
      await system.tearDown(graceSeconds: plan.system.stopGraceSeconds)
      throw RunFailure.environment(faults.refusal)
    }
    var plan = plan
    plan.faults = faults.available
    plan.notices += faults.reasons.map { "left out, since this machine does not allow it: \($0)" }
    return plan
  }
}

/// Seconds of each phase.
struct PhaseTimes: Sendable {
  private var last = RunClock.monotonic()
  private(set) var seconds: [String: Double] = [:]

  /// The time since the last phase's end belongs to `phase`.
  mutating func end(_ phase: String) {
    let now = RunClock.monotonic()
    seconds[phase, default: 0] += Double(now - last) / 1e9
    last = now
  }
}
