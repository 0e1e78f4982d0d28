import RaftKV
import Testing

@Suite struct RequestTests {
  private let write = Operation.write(Bench.put("k", "v"))

  @Test func withoutALeaderTheRefusalIsDefinite() throws {
    var bench = try Bench(term: 1)
    bench.handle(.request(write, id: 1))
    #expect(bench.answers == [1: .noLeader])
  }

  @Test func aFollowerPassesTheRequestOnAndTheAnswerBack() throws {
    var bench = try Bench(term: 1)
    bench.hearFrom(leader: 2, term: 1)
    _ = bench.takeSent()
    bench.handle(.request(write, id: 7))
    let forward = try #require(bench.takeSent(to: 2).compactMap(\.forward).first)
    #expect(forward.term == 1)
    #expect(forward.operation == write)
    bench.receive(.forwardReply(ForwardReply(id: forward.id, outcome: .written)), from: 2)
    bench.receive(.forwardReply(ForwardReply(id: forward.id, outcome: .noLeader)), from: 2)
    #expect(bench.answers == [7: .written])
  }

  @Test func whenTheLeaderIsLostTheFateOfAWriteIsUnknown() throws {
    var bench = try Bench(term: 1)
    bench.hearFrom(leader: 2, term: 1)
    bench.handle(.request(write, id: 1))
    bench.handle(.request(.get(key: [1]), id: 2))
    bench.wait(Bench.electionTimeoutMax)
    #expect(bench.answers == [1: .unknown, 2: .noLeader])
  }

  @Test func aRequestThatTakesTooLongIsAnswered() throws {
    var bench = try Bench(term: 1) { $0.requestTimeout = 100_000_000 }
    bench.hearFrom(leader: 2, term: 1)
    bench.handle(.request(write, id: 1))
    bench.wait(50_000_000)
    bench.hearFrom(leader: 2, term: 1)
    #expect(bench.answers.isEmpty)
    bench.wait(60_000_000)
    #expect(bench.answers == [1: .unknown])
  }

  @Test func aRepeatedForwardIsProposedOnce() throws {
    var bench = try Bench()
    bench.becomeLeader()
    let forward = Message.forward(Forward(term: 1, id: 9, operation: write))
    bench.receive(forward, from: 2)
    bench.receive(forward, from: 2)
    bench.receive(.forward(Forward(term: 1, id: 8, operation: write)), from: 2)
    #expect(bench.raft.log.lastIndex == 2)
    bench.receive(.forward(Forward(term: 1, id: 9, operation: write)), from: 3)
    #expect(bench.raft.log.lastIndex == 3, "ids of different servers are different")
  }

  @Test func aForwardToAnotherTermsLeaderIsRefused() throws {
    var bench = try Bench(term: 0)
    bench.becomeLeader()
    bench.receive(.heartbeatReply(HeartbeatReply(term: 5, round: 0)), from: 2)
    _ = bench.takeSent()
    bench.receive(.forward(Forward(term: 4, id: 1, operation: write)), from: 2)
    #expect(bench.takeSent(to: 2) == [.forwardReply(ForwardReply(id: 1, outcome: .noLeader))])
  }

  /// A copy of a forward that was proposed must not be refused for certain, however late it arrives.
  @Test func aCopyThatArrivesAfterTheLeadershipGetsNoAnswer() throws {
    var bench = try Bench()
    bench.becomeLeader()
    let forward = Message.forward(Forward(term: 1, id: 1, operation: write))
    bench.receive(forward, from: 2)
    bench.receive(.heartbeatReply(HeartbeatReply(term: 5, round: 0)), from: 3)
    #expect(bench.takeSent(to: 2).compactMap(\.forwardReply?.outcome) == [.unknown])
    bench.receive(forward, from: 2)
    #expect(bench.takeSent(to: 2).isEmpty)
  }

  /// Before its crash this server may have led term 3 and proposed the same request.
  @Test func aRestartedServerDoesNotRefuseForCertainWhatItMayHaveProposed() throws {
    var bench = try Bench(term: 3, votedFor: 1)
    bench.receive(.forward(Forward(term: 3, id: 1, operation: write)), from: 2)
    #expect(bench.takeSent(to: 2) == [.forwardReply(ForwardReply(id: 1, outcome: .unknown))])
  }

  @Test func forwardsOfTwoLivesHaveDifferentIDs() throws {
    func firstID(_ life: UInt32) throws -> ForwardID {
      var recovered = RecoveredState()
      try recovered.replay(
        PersistBatch(sequence: 1, hardState: HardState(currentTerm: 1, lives: life), suffix: nil))
      var raft = Raft(Configuration(id: 1, members: [1, 2, 3]), recovered: recovered, at: 0)
      _ = raft.step(.endOfBatch, at: 0)
      _ = raft.step(.persisted(1), at: 0)
      _ = raft.step(.received(.heartbeat(Heartbeat(term: 1, commit: 0, round: 0)), from: 2), at: 0)
      for case .send(.forward(let forward), _) in raft.step(.request(write, id: 1), at: 0) { return forward.id }
      return 0
    }
    let first = try firstID(4)
    #expect(first > 0)
    #expect(try firstID(5) > first + 1_000_000)
  }

  @Test func tooManyProposalsAreRefusedForCertain() throws {
    var bench = try Bench { $0.limits.proposalsInFlightMax = 2 }
    bench.becomeLeader()
    for id in 1...3 as ClosedRange<RequestID> { bench.handle(.request(write, id: id)) }
    #expect(bench.answers == [3: .overloaded])
    #expect(bench.raft.log.lastIndex == 3)
  }

  @Test func aTransactionIsOneEntryAndIsAnsweredWhenItIsCommitted() throws {
    var bench = try Bench()
    bench.becomeLeader()
    let steps: [MicroOperation] = [.append("l", 1), .r("l"), .append("m", 2)]
    bench.handle(.request(.write(.transaction(Transaction(steps))), id: 1))
    #expect(bench.raft.log[2]?.payload == .command(.transaction(Transaction(steps))))
    #expect(bench.answers.isEmpty)
    bench.acknowledge(2, from: 2)
    bench.acknowledge(2, from: 3)
    #expect(bench.answers == [1: .committed([.list(1)])])
    #expect(bench.raft.log.lastIndex == 2)
  }

  @Test func whenTheLeaderIsLostOnlyATransactionWithAnEffectIsUnknown() throws {
    var bench = try Bench(term: 1)
    bench.hearFrom(leader: 2, term: 1)
    bench.handle(.request(.write(.transaction(Transaction([.r("a"), .w("b", 1)]))), id: 1))
    bench.handle(.request(.write(.transaction(Transaction([.r("a"), .atLeast("b", 1)]))), id: 2))
    bench.wait(Bench.electionTimeoutMax)
    #expect(bench.answers == [1: .unknown, 2: .noLeader])
  }

  @Test func ackBeforeCommitIsTheBug() throws {
    var bench = try Bench(bug: .ackBeforeCommit)
    bench.becomeLeader()
    bench.handle(.request(write, id: 1))
    bench.handle(.request(.write(.cas(key: Bytes("k".utf8), from: Bytes("v".utf8), to: [1])), id: 2))
    bench.handle(.request(.write(.cas(key: Bytes("k".utf8), from: Bytes("v".utf8), to: [1])), id: 3))
    #expect(bench.answers == [1: .written, 2: .written, 3: .compareFailed])
    #expect(bench.raft.commitIndex == 0)
  }

  @Test(
    arguments: [(5, nil, 3), (4, nil, 3), (1, nil, 1), (5, .shortQuorum, 2), (3, .shortQuorum, 1)]
      as [(NodeID, RaftBug?, Int)])
  func quorums(members: NodeID, bug: RaftBug?, quorum: Int) {
    #expect(Membership(1...members).quorum(bug) == quorum)
  }

  @Test func configurationsAreChecked() {
    var configuration = Configuration(id: 9, members: [1, 2, 2])
    configuration.electionTimeoutMax = configuration.electionTimeoutMin
    configuration.heartbeatInterval = configuration.electionTimeoutMin
    #expect(configuration.problems().count == 4)
    #expect(Configuration(id: 1, members: [1]).problems().isEmpty)
  }
}
