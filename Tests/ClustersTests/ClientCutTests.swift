import Testing

extension SandboxTests {
  /// Cuts between the controller, from where clients talk, and nodes.
  @Suite struct ClientCuts {
    @Test(arguments: Network.Case.all)
    func clientsLoseExactlyTheCutNodesAndNodesKeepEachOther(_ test: Network.Case) async throws {
      guard await Availability.allows(test.account) else { return }
      let session = try await ProbeSession.ready(as: test.account)
      try await session.startCluster(3, placement: test.placement)
      #expect(try await session.ask("connect n1") == "connected")
      #expect(try await session.ask("echo a 5") == "a")
      _ = try await session.ask("cut controller>n1 n1>controller")
      // The kernel takes what is sent: that it is lost must not be seen by the sender.
      #expect(try await session.ask("send n1 3") == "3")
      #expect(try await session.ask("send n2 2") == "2")
      #expect(try await session.ask("node n2 received 2") == "198.18.0.1=2")
      #expect(try await session.ask("echo b 1") == "timeout")
      #expect(try await session.ask("node n3 send n1 4") == "4")
      let counted = try await session.ask("drops").split(separator: " ")
      #expect(counted.map { $0.split(separator: "=")[0] } == ["controller>n1", "n1>controller"])
      let lost = try #require(counted.first?.split(separator: "=").last.flatMap { Int($0) })
      #expect(lost >= 4, "three datagrams and a segment")
      _ = try await session.ask("cut")
      #expect(try await session.ask("await-echo 15") == "b")
      #expect(try await session.ask("node n1 received 4") == "198.18.0.13=4")
    }

    /// Answers are lost, questions arrive.
    @Test func oneDirectionCanBeCutAlone() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(2)
      _ = try await session.ask("cut n1>controller")
      #expect(try await session.ask("send n1 3") == "3")
      #expect(try await session.ask("connect n1 1") == "refused")
      let dropped = try await session.ask("drops")
      #expect(dropped.hasPrefix("n1>controller=") && dropped != "n1>controller=0")
      _ = try await session.ask("cut")
      #expect(try await session.ask("node n1 received 3") == "198.18.0.1=3")
      #expect(try await session.ask("connect n1 5") == "connected")
    }

    @Test func cutsOfClientsAndNodesGoTogetherAndComeApart() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(2)
      _ = try await session.ask("cut n1>n2 controller>n2 n2>controller")
      #expect(try await session.ask("node n1 send n2 2") == "2")
      // Of the commands' own connections a last segment may still be on its way.
      #expect(try await session.ask("drops", until: { $0.contains("n1>n2=2") }).contains("n1>n2=2"))
      #expect(try await session.ask("cut controller>n2 n2>controller").hasSuffix(" n1>n2=2"))
      #expect(try await session.ask("node n1 send n2 1") == "1")
      _ = try await session.ask("cut n1>n2")
      #expect(try await session.ask("node n2 received 1") == "198.18.0.11=1")
      for _ in 1...2 {
        _ = try await session.ask("teardown")
        try await session.startCluster(2)
        _ = try await session.ask("cut n1>n2 n1>controller")
      }
    }

    @Test func noNodeIsCalledLikeTheController() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(2)
      #expect(await session.reply("cut controller>controller").contains("from controller to itself"))
      #expect(await session.reply("cut controller>n7") == "error there is no node 'n7': the nodes are n1, n2")
    }
  }
}
