import Glibc

/// A node's clock, set in its running processes.
extension NodeRuntime {
  /// Rounds of looking for processes that were forked while the others were given a new line.
  private static let roundsMax = 100
  /// How often a process is stopped again because a thread stood in the midst of what is to be replaced.
  private static let stopsMax = 100

  func setClock(_ skew: ClockSkew, by owner: String) async throws -> [ClockStep] {
    try await turn.with { [self] in
      let earlier = clock.line(of: owner)
      if skew.isNone && earlier == nil { return [] }
      let now = NodeClock.now()
      clock.replace(skew.isNone ? nil : SkewLine(skew, base: now), of: owner, at: now)
      do {
        return try await spread()
      } catch {
        clock.replace(earlier, of: owner, at: NodeClock.now())
        // What was reached is brought back; the first error is the one that tells.
        _ = try? await spread()
        throw error
      }
    }
  }

  /// Gives the node's line to processes that have appeared, or run another program, since it was set.
  func spreadClock() async throws {
    try await turn.with { [self] in
      if clock.isSkewed { _ = try await spread() }
    }
  }

  func measureClock() async throws -> [ClockReading] {
    try await turn.with { [self] in
      try clock.processes().compactMap { process in
        try process.ahead().map { ClockReading(pid: process.pid, aheadNanoseconds: $0) }
      }
    }
  }

  /// Makes every process follow the node's line. A child that was forked meanwhile has its parent's old one: the search
  /// goes on until a round finds nothing to do. Only with the turn held.
  private func spread() async throws -> [ClockStep] {
    var steps: [Int32: ClockStep] = [:]
    for _ in 0..<Self.roundsMax {
      var isSettled = true
      for process in try clock.processes() {
        guard let step = try await give(process, clock.line) else { continue }
        isSettled = false
        steps[process.pid] = ClockStep(
          pid: step.pid, before: steps[process.pid]?.before ?? step.before, after: step.after)
      }
      if isSettled { return steps.sorted { $0.key < $1.key }.map(\.value) }
    }
    throw ClusterError.clockNotSet(
      pid: 0, reason: "\(spec.node.name) starts processes faster than they can be given it")
  }

  /// Nil when there was nothing to do.
  private func give(_ process: SkewedProcess, _ line: SkewLine) async throws -> ClockStep? {
    let state = process.state
    switch state {
    case .gone: return nil
    case .foreign: throw ClusterError.clockNotSet(pid: process.pid, reason: "its vDSO is not the kernel's")
    case .untouched where line == .none: return nil
    case .patched where process.line == line: return nil
    case .untouched, .patched: break
    }
    guard let before = try process.ahead() else { return nil }
    if case .patched(let block) = state {
      try process.follow(line, block: block)
    } else {
      try await stillness.whileHeld { try await install(line, in: process) }
    }
    guard let after = try process.ahead() else { return nil }
    return ClockStep(pid: process.pid, before: before, after: after)
  }

  /// Stops the process for the time of the writing; one that somebody else has paused stays so.
  private func install(_ line: SkewLine, in process: SkewedProcess) async throws {
    let wasStopped = process.isStopped
    defer { if !wasStopped { process.signal(SIGCONT) } }
    for _ in 0..<Self.stopsMax {
      try await standStill(process)
      if !process.isTorn || !process.isThere { return try process.install(line) }
      if wasStopped { break }
      process.signal(SIGCONT)
      await Self.oneMillisecond()
    }
    throw ClusterError.clockNotSet(pid: process.pid, reason: "its threads are always reading the clock")
  }

  private func standStill(_ process: SkewedProcess) async throws {
    let deadline = ContinuousClock.now + .seconds(Self.settleSecondsMax)
    process.signal(SIGSTOP)
    while process.isThere && !process.isStopped {
      guard ContinuousClock.now < deadline else {
        throw ClusterError.notPaused(node: spec.node.name, pids: [process.pid], seconds: Self.settleSecondsMax)
      }
      await Self.oneMillisecond()
    }
  }
}
