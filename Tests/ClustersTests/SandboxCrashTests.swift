import Glibc
import Testing

extension SandboxTests {
  /// Kill -9 of any of the three processes at any moment leaves nothing.
  @Suite struct Crash {
    private enum Victim: CaseIterable { case outer, initProcess, controller }

    /// SplitMix64: the moments are drawn from the seed alone.
    private struct Moments: RandomNumberGenerator {
      var state: UInt64
      mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
      }
    }

    /// Rounds an account; the moments reach from the first instruction to some time after the last start.
    private static let rounds = 24

    /// Sends all the work at once, so that the kill falls anywhere in it.
    private func launch(as account: Account) throws -> ProbeSession {
      let session = try ProbeSession(as: account)
      session.send(session.setUp(3, program: "node \(session.marker)"))
      for command in ["start n1", "start n2", "start n3", "cut n1>n2", "node n1 stray", "node n2 stray"] {
        session.send(command)
      }
      return session
    }

    /// Ready and the seven replies.
    private func finishTime(as account: Account) async throws -> Duration {
      let start = ContinuousClock.now
      let session = try launch(as: account)
      for _ in 0..<8 { #expect(await session.nextLine()?.hasPrefix("ok") == true) }
      // An exec that has just begun shows no environment for a moment.
      while session.processes.count < 8 && ContinuousClock.now - start < .seconds(10) {
        try await Task.sleep(for: .milliseconds(1))
      }
      #expect(session.processes.count == 8)
      return ContinuousClock.now - start
    }

    @Test(arguments: Account.allCases)
    func killOfAnyProcessAtAnyMomentLeavesNothing(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      let host = HostState.now()
      let whole = try await finishTime(as: account)
      var moments = Moments(state: 7)
      var slowest = Duration.zero
      var alive: [Int] = []
      for round in 0..<Self.rounds {
        let session = try launch(as: account)
        let victim = Victim.allCases[round % 3]
        try await Task.sleep(for: whole * Double.random(in: 0...1.2, using: &moments))
        alive.append(session.processes.count)
        kill(pid(of: victim, in: session), SIGKILL)
        let start = ContinuousClock.now
        // One that is in an exec shows no environment for a moment: gone is what is not seen twice.
        var looks = 0
        while looks < 2 && ContinuousClock.now - start < .seconds(10) {
          looks = session.processes.isEmpty ? looks + 1 : 0
          try await Task.sleep(for: .milliseconds(2))
        }
        slowest = max(slowest, ContinuousClock.now - start)
        #expect(looks == 2, "round \(round), \(victim): \(session.processes)")
      }
      #expect(HostState.now() == host)
      print(
        "crashes as \(account.rawValue): \(Self.rounds) kills, alive at each: \(alive), slowest end: \(slowest)"
      )
    }

    /// What does not exist yet is replaced by its nearest ancestor.
    private func pid(of victim: Victim, in session: ProbeSession) -> pid_t {
      switch victim {
      case .outer: session.pid
      case .initProcess: session.initProcess ?? session.pid
      case .controller: session.controller ?? session.initProcess ?? session.pid
      }
    }
  }
}
