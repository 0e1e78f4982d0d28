import Testing

extension SandboxTests {
  /// How rules of several kinds, cuts and crashes go together.
  @Suite struct PacketRules {
    private func number(_ name: String, in text: String) -> Int {
      text.split(separator: " ").first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) } ?? -1
    }

    private func cluster(_ placement: String = "auto") async throws -> ProbeSession {
      let session = try await ProbeSession.ready()
      try await session.startCluster(2, placement: placement)
      return session
    }

    @Test func kindsAddUpAndEndOneByOne() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await cluster()
      _ = try await session.ask("impose delay 0.02 0 uniform seed 1 n1>n2")
      _ = try await session.ask("impose duplicate 100 seed 1 n1>n2 n2>n1")
      _ = try await session.ask("node n1 send n2 5")
      #expect(try await session.ask("node n2 received 10") == "198.18.0.11=10")
      #expect(number("affected", in: try await session.ask("lift duplicate")) >= 5)
      _ = try await session.ask("node n1 send n2 5")
      #expect(try await session.ask("node n2 received 5") == "198.18.0.11=5")
      // Those of the first burst, once each, and those of the second one.
      #expect(number("affected", in: try await session.ask("lift delay")) >= 10)
    }

    /// A packet that is under way when its link is cut does not arrive.
    @Test(arguments: ["bridge", "perNode"])
    func cutDropsWhatIsHeldBack(_ placement: String) async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await cluster(placement)
      _ = try await session.ask("node n1 send n2 1")
      #expect(try await session.ask("node n2 received 1") == "198.18.0.11=1")
      _ = try await session.ask("impose delay 0.5 0 uniform seed 1 n1>n2")
      _ = try await session.ask("node n1 send n2 3")
      _ = try await session.ask("cut n1>n2")
      _ = try await session.ask("node n2 numbers 800")
      _ = try await session.ask("lift delay")
      #expect(number("n1>n2", in: try await session.ask("cut")) >= 3)
      #expect(try await session.ask("node n2 received 0") == "")
    }

    /// Healing does not lose what is under way, and does not turn its order around.
    @Test func liftedDelayLetsEverythingGoInOrder() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await cluster()
      _ = try await session.ask("impose delay 20 0 uniform seed 1 n1>n2")
      _ = try await session.ask("node n1 number n2 100 0")
      _ = try await session.ask("lift delay")
      #expect(try await session.ask("node n2 numbers 500") == "count=100 distinct=100 late=0 strange=0")
    }

    @Test func wrongRulesAreRefusedAndChangeNothing() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await cluster()
      #expect(await session.reply("impose delay 0.1 0 uniform seed 1 n1>n9").contains("there is no node 'n9'"))
      #expect(await session.reply("impose delay 0.1 0 uniform seed 1 n1>n1").contains("from n1 to itself"))
      #expect(await session.reply("impose loss 120 0 seed 1 n1>n2").contains("from 0 to 100"))
      #expect(await session.reply("impose delay -1 0 uniform seed 1 n1>n2").contains("0 to 60"))
      #expect(try await session.ask("lift delay") == "none")
      #expect(!(try await session.ask("list /proc/self/task")).isEmpty)
    }

    @Test func ruleWithoutTrafficOfTheSystemHasNoEffect() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await cluster()
      _ = try await session.ask("impose loss 100 0 seed 1 n1>n2")
      #expect(try await session.ask("node n2 numbers 300") == "count=0 distinct=0 late=0 strange=0")
      let effects = try await session.ask("lift loss")
      #expect(number("affected", in: effects) == 0 && number("sent", in: effects) > 0)
    }

    /// Evidence must not come from what was asked for: here packets go around the queue, and nobody is told.
    @Test(arguments: [
      "delay 0.05 0 uniform", "loss 50 0", "duplicate 100", "corrupt 100", "reorder 50 0.01", "rate 1000",
    ])
    func silentlyDisabledRuleHasNoEvidence(_ rule: String) async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await cluster("bridge")
      _ = try await session.ask("impose delay 0 0 uniform seed 1 n1>n2")
      #expect(try await session.ask("bypass") == "0")
      _ = try await session.ask("impose \(rule) seed 1 n1>n2")
      _ = try await session.ask("node n1 send n2 20")
      #expect(try await session.ask("node n2 received 20") == "198.18.0.11=20")
      let effects = try await session.ask("lift \(rule.split(separator: " ")[0])")
      #expect(number("affected", in: effects) == 0 && number("median", in: effects) < 40_000_000)
      #expect(number("checksums", in: effects) == 0 && number("duplicated", in: effects) == 0)
    }

    @Test func tearDownWithRulesInForceLeavesNothing() async throws {
      guard await Availability.allows(.current) else { return }
      let host = HostState.now()
      let session = try await ProbeSession.ready()
      for _ in 1...2 {
        try await session.startCluster(2)
        _ = try await session.ask("impose delay 5 0 uniform seed 1 n1>n2 n2>n1")
        _ = try await session.ask("node n1 send n2 5")
        _ = try await session.ask("teardown")
        #expect(try await session.ask("list /sys/class/net") == "lo")
      }
      #expect(HostState.now() == host)
    }

    @Test func killOfTheControllerLeavesNothing() async throws {
      guard await Availability.allows(.current) else { return }
      let host = HostState.now()
      let session = try await cluster()
      _ = try await session.ask("impose delay 5 0 uniform seed 1 n1>n2 n2>n1")
      _ = try await session.ask("node n1 send n2 5")
      session.send("raise 9")
      #expect(await session.exitCode() == 70)
      #expect(session.processes.isEmpty && HostState.now() == host)
    }
  }
}
