import Glibc
import Testing

extension SandboxTests {
  /// What a program that does nothing but compute gets of the processors, by the kernel's account of it.
  @Suite struct Squeezes {
    @Test(arguments: Account.allCases)
    func spinningProgramGetsItsShareAndNoMore(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      let session = try await ProbeSession.ready(as: account)
      try await session.startCluster(2)
      for node in ["n1", "n2"] { _ = try await session.ask("node \(node) spin") }
      _ = try await session.ask("squeeze n1 0.2")
      let start = try await ticks(session, "n1")
      let beside = try await ticks(session, "n2")
      // The machine is shared: what the other node, as busy and not squeezed, has meanwhile is the measure.
      let deadline = ContinuousClock.now + .seconds(20)
      while try await ticks(session, "n2") < beside + 60 && ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(5))
      }
      let others = try await ticks(session, "n2") - beside
      let used = try await ticks(session, "n1") - start
      let report = try await session.ask("release n1").split(separator: " ").compactMap { Double($0) }
      try #require(report.count == 3)
      #expect(Double(used) < 0.6 * Double(others), "\(used) ticks beside \(others)")
      #expect(report[1] > 0.5 * report[0] && report[1] <= report[0], "\(report)")
      #expect(try await session.ask("release n1") == "none")
      // It runs again, all the time.
      #expect(try await session.ask("state n1").hasPrefix("running"))
      #expect(try await session.ask("node n1 hostname") == "n1")
    }

    @Test func pauseAndRestartAreStrongerThanASqueeze() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(1)
      _ = try await session.ask("squeeze n1 0.5")
      #expect(try await session.ask("state n1").hasPrefix("running"))
      _ = try await session.ask("pause n1")
      let start = try await ticks(session, "n1")
      for _ in 1...100 { #expect(try await session.ask("state n1").hasPrefix("paused")) }
      #expect(try await ticks(session, "n1") == start)
      _ = try await session.ask("resume n1")
      #expect(try await session.ask("node n1 hostname") == "n1")
      // A clock is set in the midst of it, and what is started meanwhile is squeezed as well.
      #expect(try await session.ask("skew n1 5000000000 0 bump") != "")
      _ = try await session.ask("kill n1")
      _ = try await session.ask("start n1")
      #expect(try await session.ask("node n1 hostname") == "n1")
      for _ in 1...2 {
        _ = try await stat(session, "n1", until: { $0.contains(") T ") })
        _ = try await stat(session, "n1", until: { !$0.contains(") T ") })
      }
      let report = try await session.ask("release n1").split(separator: " ").compactMap { Double($0) }
      try #require(report.count == 3)
      #expect(report[0] > 0 && report[1] > 0)
      #expect(await session.reply("squeeze n1 0").contains("limits"))
    }

    /// User and system time of a node's first process, in the kernel's ticks.
    private func ticks(_ session: ProbeSession, _ node: String) async throws -> Int {
      let line = try await stat(session, node, until: { _ in true })
      let words = try #require(line.split(separator: ")").last).split(separator: " ")
      return try #require(Int(words[11])) + #require(Int(words[12]))
    }

    private func stat(
      _ session: ProbeSession, _ node: String, until isWished: (String) -> Bool
    ) async throws -> String {
      let state = try await session.ask("state \(node)")
      let pid = state.split(whereSeparator: { !$0.isNumber }).first.map(String.init) ?? ""
      return try await session.ask("read /proc/\(pid)/stat", until: isWished)
    }
  }
}
