import Testing

extension SandboxTests {
  /// Each kind of bad link, measured by programs on the nodes that know nothing of it.
  @Suite struct Packets {
    typealias Case = Network.Case

    private static let both = "seed 7 n1>n2 n2>n1"
    /// Datagrams of a measurement: fewer than fit into the receiver's buffer.
    private static let count = 200

    /// `a=1 b=2` by name.
    private func numbers(_ text: String) -> [String: Int] {
      text.split(separator: " ").reduce(into: [:]) { result, word in
        let parts = word.split(separator: "=")
        if parts.count == 2 { result[String(parts[0])] = Int(parts[1]) }
      }
    }

    private func cluster(_ test: Case) async throws -> ProbeSession {
      let session = try await ProbeSession.ready(as: test.account)
      try await session.startCluster(3, placement: test.placement)
      guard try await session.ask("node n1 connect n2") == "connected" else {
        throw ProbeSession.Problem(description: "n2 does not listen")
      }
      return session
    }

    private func burst(_ session: ProbeSession) async throws -> [String: Int] {
      _ = try await session.ask("node n1 number n2 \(Self.count) 100")
      return numbers(try await session.ask("node n2 numbers 150"))
    }

    /// Nothing of any rule is left on the link.
    private func expectNormal(_ session: ProbeSession, _ what: String) async throws {
      let found = try await burst(session)
      #expect(found == ["count": Self.count, "distinct": Self.count, "late": 0, "strange": 0], "\(what)")
    }

    @Test(arguments: Case.all)
    func delayIsInTheRoundTripAndGoneAfterwards(_ test: Case) async throws {
      guard await Availability.allows(test.account) else { return }
      let session = try await cluster(test)
      _ = try await session.ask("impose delay 0.03 0 uniform \(Self.both)")
      let slow = try #require(Double(try await session.ask("node n1 round-trip 5")))
      #expect((60...200).contains(slow))
      let effects = numbers(try await session.ask("lift delay"))
      #expect((30_000_000...150_000_000).contains(effects["median"] ?? 0))
      #expect((effects["affected"] ?? 0) >= 10 && effects["passed"] == 0)
      let quick = try #require(Double(try await session.ask("node n1 round-trip 5")))
      #expect(quick < 30)
      #expect(try await session.ask("lift delay") == "none")
    }

    @Test(arguments: Case.all)
    func lostAndDoubledDatagramsAreAsManyAsTheKernelCounted(_ test: Case) async throws {
      guard await Availability.allows(test.account) else { return }
      let session = try await cluster(test)
      _ = try await session.ask("impose loss 20 0 \(Self.both)")
      let lossy = try await burst(session)
      let loss = numbers(try await session.ask("lift loss"))
      #expect(lossy["count"] == Self.count - (loss["affected"] ?? -1))
      // Five standard deviations.
      #expect((12...68).contains(loss["affected"] ?? 0))
      try await expectNormal(session, "after loss")
      _ = try await session.ask("impose duplicate 20 \(Self.both)")
      let doubled = try await burst(session)
      let copies = numbers(try await session.ask("lift duplicate"))
      #expect(doubled["distinct"] == Self.count && doubled["count"] == Self.count + (copies["affected"] ?? -1))
      #expect((12...68).contains(copies["affected"] ?? 0))
      try await expectNormal(session, "after duplicates")
    }

    @Test(arguments: Case.all)
    func overtakenAndDamagedPacketsAreNoticedByTheReceiver(_ test: Case) async throws {
      guard await Availability.allows(test.account) else { return }
      let session = try await cluster(test)
      _ = try await session.ask("impose reorder 20 0.005 \(Self.both)")
      let mixed = try await burst(session)
      _ = try await session.ask("node n1 bulk 100000")
      let reorder = numbers(try await session.ask("lift reorder"))
      #expect(mixed["distinct"] == Self.count && (mixed["late"] ?? 0) > 0)
      #expect((reorder["disordered"] ?? 0) > 0)
      try await expectNormal(session, "after reordering")
      _ = try await session.ask("impose corrupt 20 \(Self.both)")
      let damaged = try await burst(session)
      // TCP sends again what was damaged: the application sees nothing of it.
      #expect(try await session.ask("node n1 bulk 20000") != "broken")
      let corrupt = numbers(try await session.ask("lift corrupt"))
      #expect((1..<Self.count).contains(damaged["count"] ?? 0) && damaged["strange"] == 0)
      #expect((corrupt["checksums"] ?? 0) >= Self.count - (damaged["count"] ?? 0))
      try await expectNormal(session, "after corruption")
    }

    @Test(arguments: Case.all)
    func rateLimitsThroughput(_ test: Case) async throws {
      guard await Availability.allows(test.account) else { return }
      let session = try await cluster(test)
      _ = try await session.ask("impose rate 1000000 \(Self.both)")
      // 50,000 bytes take 0.4 s each way, and TCP lets the ways overlap a little.
      let time = try #require(Double(try await session.ask("node n1 bulk 50000")))
      #expect(time >= 400)
      #expect((numbers(try await session.ask("lift rate"))["affected"] ?? 0) > 0)
      let quick = try #require(Double(try await session.ask("node n1 bulk 1000")))
      #expect(quick < 400)
    }

    @Test(arguments: Case.all)
    func openConnectionsAreResetAndNewOnesLive(_ test: Case) async throws {
      guard await Availability.allows(test.account) else { return }
      let session = try await cluster(test)
      #expect(try await session.ask("node n1 echo a 5") == "a")
      _ = try await session.ask("impose reset \(Self.both)")
      #expect(try await session.ask("node n1 fate 5") == "ECONNRESET")
      _ = try await session.ask("node n1 close")
      #expect(try await session.ask("node n1 connect n2") == "connected")
      #expect(try await session.ask("node n1 echo b 5") == "b")
      let effects = numbers(try await session.ask("lift reset"))
      #expect(effects["affected"] == 1 && effects["resets"] == 2)
      #expect(try await session.ask("node n1 echo c 5") == "c")
    }

    /// n2 serves one connection after the other: the next one waits until it hears that the first was closed.
    @Test(arguments: Case.all)
    func closingIsHeardOfLate(_ test: Case) async throws {
      guard await Availability.allows(test.account) else { return }
      let session = try await cluster(test)
      #expect(try await session.ask("node n1 echo a 5") == "a")
      _ = try await session.ask("impose slowClose 0.4 \(Self.both)")
      _ = try await session.ask("node n1 close")
      let start = ContinuousClock.now
      #expect(try await session.ask("node n1 connect n2") == "connected")
      #expect(try await session.ask("node n1 echo b 5") == "b")
      #expect(ContinuousClock.now - start >= .milliseconds(350))
      #expect((numbers(try await session.ask("lift slowClose"))["affected"] ?? 0) >= 1)
    }

    /// The controller's own questions are the clients' traffic here.
    @Test(arguments: Case.all)
    func clientsLinksAreLinksToo(_ test: Case) async throws {
      guard await Availability.allows(test.account) else { return }
      let session = try await cluster(test)
      for link in ["controller>n1", "n1>controller"] {
        _ = try await session.ask("impose delay 0.05 0 uniform seed 1 \(link)")
        let start = ContinuousClock.now
        #expect(try await session.ask("node n1 hostname") == "n1")
        // The handshake and the answer, or the question: two ways.
        #expect(ContinuousClock.now - start >= .milliseconds(100), "\(link)")
        #expect((numbers(try await session.ask("lift delay"))["affected"] ?? 0) > 0, "\(link)")
      }
      _ = try await session.ask("impose duplicate 100 seed 1 controller>n1 n1>controller")
      #expect(try await session.ask("node n1 hostname") == "n1")
      let effects = numbers(try await session.ask("lift duplicate"))
      #expect((effects["affected"] ?? 0) > 0 && effects["late"] == 0)
    }
  }
}
