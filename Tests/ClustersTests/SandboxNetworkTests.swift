import Testing

extension SandboxTests {
  @Suite struct Network {
    struct Case: Sendable, CustomTestStringConvertible {
      var account: Account
      var placement: String
      var testDescription: String { "\(account.rawValue), \(placement)" }

      static let all = Account.allCases.flatMap { account in
        ["bridge", "perNode"].map { Case(account: account, placement: $0) }
      }
    }

    @Test(arguments: Account.allCases)
    func namesResolveHostsAreNamedAndNothingIsReachableOutside(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      let session = try await ProbeSession.ready(as: account)
      let before = text("/etc/hosts")
      try await session.startCluster(3)
      #expect(try await session.ask("resolve n3") == "198.18.0.13")
      #expect(try await session.ask("node n1 resolve n3") == "198.18.0.13")
      #expect(try await session.ask("node n2 hostname") == "n2")
      #expect(try await session.ask("node n1 outside") == "errno 101")
      #expect(try await session.ask("node n1 send n2 3") == "3")
      #expect(try await session.ask("node n2 received 3") == "198.18.0.11=3")
      #expect(text("/etc/hosts") == before)
    }

    @Test(arguments: Case.all)
    func cutStopsPacketsInExactlyTheAskedDirections(_ test: Case) async throws {
      guard await Availability.allows(test.account) else { return }
      let session = try await ProbeSession.ready(as: test.account)
      try await session.startCluster(3, placement: test.placement)
      // Neighbours' addresses are resolved first: a datagram on its way to an ARP answer would be counted later.
      for (from, to) in [(1, 2), (2, 1), (1, 3), (3, 2)] {
        _ = try await session.ask("node n\(from) send n\(to) 1")
        #expect(try await session.ask("node n\(to) received 1") == "198.18.0.1\(from)=1")
      }
      _ = try await session.ask("cut n1>n2 n3>n2")
      _ = try await session.ask("node n1 send n2 5")
      _ = try await session.ask("node n3 send n2 2")
      _ = try await session.ask("node n2 send n1 4")
      _ = try await session.ask("node n1 send n3 6")
      #expect(try await session.ask("node n1 received 4") == "198.18.0.12=4")
      #expect(try await session.ask("node n3 received 6") == "198.18.0.11=6")
      #expect(try await session.ask("node n2 received 0") == "")
      #expect(try await session.ask("drops") == "n1>n2=5 n3>n2=2")
      // A link that stays cut keeps its count; a healed one gives its last.
      let healed = try await session.ask("cut n1>n2 n2>n1")
      #expect(healed.hasSuffix(" n3>n2=2"))
      #expect(try await session.ask("drops") == "n1>n2=5 n2>n1=0")
      _ = try await session.ask("node n3 send n2 3")
      #expect(try await session.ask("node n2 received 3") == "198.18.0.13=3")
      #expect(try await session.ask("cut").hasSuffix(" n1>n2=5 n2>n1=0"))
      #expect(try await session.ask("drops") == "")
      _ = try await session.ask("node n1 send n2 1")
      #expect(try await session.ask("node n2 received 1") == "198.18.0.11=1")
    }

    @Test func healRestoresAnEstablishedConnection() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(2)
      _ = try await session.ask("node n2 resolve n1")  // n2 is listening
      #expect(try await session.ask("node n1 connect n2") == "connected")
      #expect(try await session.ask("node n1 echo a 5") == "a")
      _ = try await session.ask("cut n1>n2 n2>n1")
      #expect(try await session.ask("node n1 echo b 1") == "timeout")
      _ = try await session.ask("cut")
      #expect(try await session.ask("node n1 await-echo 15") == "b")
    }

    @Test func wrongLinksAreRefusedAndChangeNothing() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(2)
      _ = try await session.ask("cut n1>n2")
      #expect(await session.reply("cut n1>n9") == "error there is no node 'n9': the nodes are n1, n2")
      #expect(await session.reply("cut n1>n1").contains("from n1 to itself"))
      #expect(try await session.ask("drops") == "n1>n2=0")
    }

    @Test func twoSandboxesWithEqualAddressesDoNotMeet() async throws {
      guard await Availability.allows(.current) else { return }
      let first = try await ProbeSession.ready()
      let second = try await ProbeSession.ready()
      try await first.startCluster(2)
      try await second.startCluster(2)
      _ = try await first.ask("node n1 send n2 2")
      #expect(try await first.ask("node n2 received 2") == "198.18.0.11=2")
      #expect(try await second.ask("node n2 received 0") == "")
      _ = try await first.ask("cut n1>n2")
      _ = try await second.ask("node n1 send n2 3")
      #expect(try await second.ask("node n2 received 3") == "198.18.0.11=3")
      first.send("exit 0")
      #expect(await first.exitCode() == 0)
      _ = try await second.ask("node n1 send n2 1")
      #expect(try await second.ask("node n2 received 1") == "198.18.0.11=1")
    }

    @Test func sameControllerCanSetUpAgainAfterTearDown() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      for _ in 1...3 {
        try await session.startCluster(2)
        _ = try await session.ask("cut n1>n2")
        _ = try await session.ask("teardown")
        #expect(try await session.ask("list /sys/class/net") == "lo")
        #expect(try await session.ask("resolve n1") == "unknown")
        #expect(HostProcess.all(marked: session.marker).count == 3)
      }
    }
  }
}
