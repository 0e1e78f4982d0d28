import Testing

extension SandboxTests {
  /// Faults of the catalogue at work on real processes and a real network, seen by somebody other than the injector.
  @Suite struct Faults {
    /// How often a node's program has started, by its own word.
    private func starts(_ node: String, _ session: ProbeSession) async throws -> Int {
      try await session.ask("read \(session.directory.path)/nodes/\(node)/output.log")
        .split(separator: "\n").count { $0 == "node is up" }
    }

    @Test(arguments: Account.allCases)
    func crashLoopKillsAndStartsAgainAndAgain(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      let session = try await ProbeSession.ready(as: account)
      try await session.startCluster(3)
      let before = try await session.ask("state n2")
      #expect(try await session.ask("inject crash-loop one 9 n2,n1,n3 uptime=0.05") == "n2")
      // Three lives are seen from outside, each with a pid of its own.
      var lives: Set<String> = [before]
      while lives.count < 4 {
        lives.insert(try await session.ask("state n2", until: { $0.hasPrefix("running") && !lives.contains($0) }))
      }
      let evidence = try await session.ask("heal crash-loop")
      #expect(evidence.hasPrefix("took: n2: "))
      let deaths = try #require(evidence.split(separator: " ").dropFirst(2).first.flatMap { Int($0) })
      #expect(deaths >= 3)
      #expect(try await session.ask("node n2 hostname") == "n2")
      // A life that was too short to say that it is up is one more.
      #expect(try await starts("n2", session) <= deaths + 1)
      #expect(try await starts("n1", session) == 1)
      let ends = Array(repeating: "n2:9:-1:true", count: deaths).joined(separator: " ")
      #expect(try await session.ask("exits", until: { $0.count >= ends.count }) == ends)
    }

    @Test func nodeThatCrashesInACrashLoopIsNotHidden() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(2)
      #expect(try await session.ask("inject crash-loop one 9 n2,n1 uptime=2") == "n2")
      #expect(try await session.ask("node n2 crash") == "no answer")
      #expect(try await session.ask("exits", until: { $0.contains("n2:0:3:false") }).contains("n2:0:3:false"))
      _ = try await session.ask("heal crash-loop")
      #expect(try await session.ask("node n2 hostname") == "n2")
    }

    @Test(arguments: Account.allCases)
    func restartEndsByTheSignalThatIsAskedAndComesBack(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      let session = try await ProbeSession.ready(as: account)
      try await session.startCluster(3)
      #expect(try await session.ask("inject restart minority 1 n2,n1,n3") == "n2")
      let evidence = try await session.ask("heal restart")
      #expect(evidence.hasPrefix("took: n2: pid ") && evidence.contains(" ended by signal 15, back as pid "))
      #expect(try await session.ask("node n2 hostname") == "n2")
      #expect(try await starts("n2", session) == 2)
      #expect(try await session.ask("exits", until: { !$0.isEmpty }) == "n2:15:-1:true")
    }

    @Test func restartOfADeafNodeSaysThatItHadToBeKilled() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      _ = try await session.ask(session.setUp(1, program: "stubborn \(session.marker)"))
      _ = try await session.ask("start n1")
      let log = "read \(session.directory.path)/nodes/n1/output.log"
      #expect(try await session.ask(log, until: { !$0.isEmpty }) == "stubborn is up")
      #expect(try await session.ask("inject restart one 1 n1 grace=0.1") == "n1")
      #expect(try await session.ask("heal restart").hasPrefix("nothing: n1: pid "))
      #expect(try await session.ask("state n1").hasPrefix("running"))
    }

    @Test func rollingKillHitsEveryNodeInItsTurn() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(3)
      #expect(try await session.ask("inject kill rolling 0.3 n2,n3,n1") == "n2 n3 n1")
      #expect(
        try await session.ask("exits", until: { $0.split(separator: " ").count == 3 })
          == "n2:9:-1:true n3:9:-1:true n1:9:-1:true")
      #expect(try await session.ask("heal kill").hasPrefix("took: n1: pid "))
      for node in ["n1", "n2", "n3"] {
        #expect(try await session.ask("node \(node) hostname") == node)
        #expect(try await starts(node, session) == 2)
      }
    }

    /// Every node of a ring talks to its neighbours and to nobody else.
    @Test(arguments: Network.Case.all)
    func majoritiesRingCutsWhatIsNotNextToEachOther(_ test: Network.Case) async throws {
      guard await Availability.allows(test.account) else { return }
      let session = try await ProbeSession.ready(as: test.account)
      try await session.startCluster(5, placement: test.placement)
      _ = try await session.ask("inject partition majorities-ring 1 n1,n2,n3,n4,n5")
      for from in 1...5 {
        for to in 1...5 where to != from { _ = try await session.ask("node n\(from) send n\(to) 2") }
      }
      let ends = ["n1>n3", "n1>n4", "n2>n4", "n2>n5", "n3>n1", "n3>n5", "n4>n1", "n4>n2", "n5>n2", "n5>n3"]
      let drops = ends.map { "\($0)=2" }.joined(separator: " ")
      // Not at once: the first packets wait until their receiver's hardware address is known.
      #expect(try await session.ask("drops", until: { $0 == drops }) == drops)
      for node in 1...5 {
        let neighbours = [node == 1 ? 5 : node - 1, node == 5 ? 1 : node + 1].sorted()
        let expected = neighbours.map { "198.18.0.1\($0)=2" }.joined(separator: " ")
        #expect(try await session.ask("node n\(node) received 4") == expected, "n\(node)")
      }
      #expect(try await session.ask("heal partition") == "took: 20 packets dropped on 10 of 10 cut links")
    }

    @Test(arguments: [("one-way-in", "n1>n2", "n2>n1"), ("one-way-out", "n2>n1", "n1>n2")])
    func oneWayCutsLoseOneDirectionOnly(_ target: String, _ cut: String, _ open: String) async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(2)
      #expect(try await session.ask("inject partition \(target) 1 n2,n1").hasPrefix("n2 | n1, one way"))
      for link in [cut, open] {
        let ends = link.split(separator: ">")
        _ = try await session.ask("node \(ends[0]) send \(ends[1]) 3")
      }
      #expect(try await session.ask("drops", until: { $0 == "\(cut)=3" }) == "\(cut)=3")
      let open = open.split(separator: ">")
      #expect(try await session.ask("node \(open[1]) received 3") == "198.18.0.1\(open[0].dropFirst())=3")
      #expect(try await session.ask("node \(open[0]) received 0") == "")
      #expect(try await session.ask("heal partition") == "took: 3 packets dropped on 1 of 1 cut links")
    }

    /// What is sent every few milliseconds arrives at times and is lost at times, and a connection outlives it all.
    @Test func flappingComesAndGoes() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(2)
      #expect(try await session.ask("node n1 connect n2") == "connected")
      #expect(try await session.ask("inject partition flapping 5 n1,n2 period=0.1") == "n1 | n2")
      var (sent, arrived) = (0, 0)
      var changes: [Bool] = []
      let deadline = ContinuousClock.now + .seconds(10)
      while changes.count < 6 && ContinuousClock.now < deadline {
        sent += 1
        _ = try await session.ask("node n1 send n2 1")
        let got = try await session.ask("node n2 received 0") != ""
        arrived += got ? 1 : 0
        if changes.last != got { changes.append(got) }
      }
      #expect(changes.count == 6, "lost and arrived in turns")
      let evidence = try await session.ask("heal partition")
      #expect(evidence.hasPrefix("took: ") && evidence.contains(", which were cut "))
      #expect(arrived > 0 && arrived < sent)
      #expect(try await session.ask("node n1 echo a 15") == "a")
    }

    @Test func clientsCannotReachANodeThatItsPeersReach() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(3)
      #expect(try await session.ask("connect n2") == "connected")
      #expect(try await session.ask("inject partition clients 5 n2,n1,n3") == "n2, out of the clients' reach")
      #expect(try await session.ask("echo a 1") == "timeout")
      #expect(try await session.ask("node n1 send n2 3") == "3")
      let evidence = try await session.ask("heal partition")
      #expect(evidence.hasPrefix("took: ") && evidence.hasSuffix(" of 2 cut links"))
      #expect(try await session.ask("await-echo 15") == "a")
      #expect(try await session.ask("node n2 received 3") == "198.18.0.11=3")
    }
  }
}
