import Testing

@testable import RaftKV

/// Single-server membership changes (thesis §4).
@Suite struct MembershipTests {
  private func add(_ node: NodeID) -> Operation { .changeMembers(.add(node)) }
  private func remove(_ node: NodeID) -> Operation { .changeMembers(.remove(node)) }

  /// A leader of 1…3 that has committed its no-op; 4 and 5 may become members.
  private func leader(bug: RaftBug? = nil) throws -> Bench {
    var bench = try Bench(members: 3, servers: 5, bug: bug) { $0.requestTimeout = 60_000_000_000 }
    bench.becomeLeader()
    bench.acknowledge(1, from: 2)
    bench.acknowledge(1, from: 3)
    _ = bench.takeSent()
    return bench
  }

  @Test func majoritiesOfConfigurationsThatDifferByOneServerOverlap() {
    for count in 1...9 {
      let old = Membership(1...NodeID(count))
      let new = old.applying(.add(99))
      #expect(old.quorum() + new.quorum() > new.voters.count)
      #expect(new.applying(.remove(99)) == old)
      #expect(old.applying(.add(1)) == old)
    }
  }

  @Test func aNewServerCatchesUpBeforeItCounts() throws {
    var bench = try leader()
    bench.handle(.request(add(4), id: 1))
    #expect(bench.raft.members == [1, 2, 3])
    #expect(bench.takeSent(to: 4).compactMap(\.append?.prevLogIndex) == [1])
    bench.receive(
      .appendReply(AppendReply(term: 1, result: .conflict(prevLogIndex: 1, conflictTerm: 0, conflictIndex: 1))), from: 4
    )
    #expect(bench.takeSent(to: 4).compactMap(\.append?.entries.count) == [1])
    #expect(bench.raft.members == [1, 2, 3])
    bench.acknowledge(1, from: 4)
    #expect(bench.raft.members == [1, 2, 3, 4], "in use as soon as it is in the log")
    #expect(bench.raft.committedMembers == [1, 2, 3])
    #expect(bench.answers.isEmpty)
    bench.acknowledge(2, from: 2)
    #expect(bench.answers.isEmpty, "three of four are a quorum")
    bench.acknowledge(2, from: 4)
    #expect(bench.answers == [1: .written])
    #expect(bench.raft.committedMembers == [1, 2, 3, 4])
  }

  @Test func aNewServerThatCannotBeReachedIsGivenUp() throws {
    var bench = try leader()
    bench.handle(.request(add(4), id: 1))
    for _ in 0..<8 {
      bench.wait(Bench.heartbeatInterval)
      for peer in [2, 3] as [NodeID] { bench.confirm(round: 0, from: peer) }
    }
    #expect(bench.answers == [1: .changeRefused(.notCaughtUp)])
    #expect(bench.raft.log.lastIndex == 1)
    bench.handle(.request(add(5), id: 2))
    #expect(bench.answers[2] == nil, "another may be added now")
  }

  /// Each round takes longer than an election time-out, as more and more is written meanwhile.
  @Test func aNewServerThatIsTooSlowIsGivenUpAfterTenRounds() throws {
    var bench = try leader()
    bench.handle(.request(add(4), id: 1))
    for round in 1...10 as ClosedRange<RequestID> {
      let target = bench.raft.log.lastIndex
      bench.handle(.request(.write(Bench.put("k", "v")), id: 100 + round))
      for _ in 0..<4 {
        bench.wait(Bench.heartbeatInterval)
        for peer in [2, 3, 4] as [NodeID] { bench.confirm(round: 0, from: peer) }
      }
      bench.acknowledge(bench.raft.log.lastIndex, from: 2)
      #expect(bench.answers[1] == nil, "round \(round)")
      bench.acknowledge(target, from: 4)
    }
    #expect(bench.answers[1] == .changeRefused(.notCaughtUp))
    #expect(bench.raft.members == [1, 2, 3])
  }

  @Test func aChangeWaitsForTheOneBefore() throws {
    var bench = try leader()
    bench.handle(.request(remove(3), id: 1))
    #expect(bench.raft.members == [1, 2])
    bench.handle(.request(remove(2), id: 2))
    bench.handle(.request(add(4), id: 3))
    #expect(bench.answers == [2: .changeRefused(.inProgress), 3: .changeRefused(.inProgress)])
    bench.acknowledge(2, from: 2)
    #expect(bench.answers[1] == .written)
    bench.handle(.request(remove(2), id: 4))
    #expect(bench.raft.members == [1])
    #expect(bench.answers[4] == .written, "it is a quorum by itself now")
  }

  @Test func aChangeWhileAnotherIsUnderWayIsTheBug() throws {
    var bench = try leader(bug: .twoServerMembershipChange)
    bench.handle(.request(remove(3), id: 1))
    bench.handle(.request(remove(2), id: 2))
    #expect(bench.raft.members == [1])
  }

  /// The condition of 2015: two leaders must not hold changes that do not know of each other.
  @Test func aLeaderThatCommittedNothingInItsTermChangesNothing() throws {
    var bench = try Bench(members: 3, servers: 5)
    bench.becomeLeader()
    bench.handle(.request(add(4), id: 1))
    bench.handle(.request(remove(3), id: 2))
    #expect(bench.answers == [1: .changeRefused(.notReady), 2: .changeRefused(.notReady)])
    #expect(bench.raft.log.lastIndex == 1)
  }

  @Test func whatIsSoAlreadyIsAnsweredAndWhatCannotBeIsRefused() throws {
    var bench = try leader()
    bench.handle(.request(add(2), id: 1))
    bench.handle(.request(remove(5), id: 2))
    bench.handle(.request(add(9), id: 3))
    #expect(bench.answers == [1: .written, 2: .written, 3: .changeRefused(.unknownServer)])
    #expect(bench.raft.log.lastIndex == 1)
    var single = try Bench(members: 1)
    single.becomeLeader()
    single.handle(.request(remove(1), id: 1))
    #expect(single.answers == [1: .changeRefused(.lastMember)])
  }

  @Test func aRemovedLeaderDoesNotCountItselfAndStepsDownWhenItIsCommitted() throws {
    var bench = try leader()
    bench.handle(.request(remove(1), id: 1))
    #expect(bench.raft.role == .leader)
    bench.acknowledge(2, from: 2)
    #expect(bench.raft.commitIndex == 1, "one of two others is no quorum")
    bench.acknowledge(2, from: 3)
    #expect(bench.answers == [1: .written])
    #expect(bench.raft.role == .follower)
    _ = bench.takeSent()
    bench.wait(4 * Bench.electionTimeoutMax)
    #expect(bench.raft.role == .follower, "it is no member and stays quiet")
    #expect(bench.takeSent().isEmpty)
  }

  @Test func aServerThatIsNoMemberStartsNoElection() throws {
    var bench = try Bench(members: 3) {
      $0.members = [2, 3]
      $0.servers = [1, 2, 3]
    }
    bench.wait(4 * Bench.electionTimeoutMax)
    #expect(bench.raft.role == .follower)
    #expect(bench.takeSent().isEmpty)
    bench.receive(.requestVote(VoteRequest(term: 1, lastLogIndex: 0, lastLogTerm: 0)), from: 2)
    #expect(bench.takeSent(to: 2).compactMap(\.voteReply?.granted) == [true], "but it votes (thesis §4.1)")
  }

  @Test func votesOfServersThatAreNoMembersDoNotCount() throws {
    var bench = try Bench(members: 3, servers: 5)
    while bench.raft.role == .follower { bench.wait(5_000_000) }
    for peer in [4, 5] as [NodeID] { bench.receive(.preVoteReply(VoteReply(term: 1, granted: true)), from: peer) }
    #expect(bench.raft.role == .preCandidate)
    bench.receive(.preVoteReply(VoteReply(term: 1, granted: true)), from: 2)
    #expect(bench.raft.role == .candidate)
  }

  @Test func aConfigurationThatIsOverwrittenIsUndone() throws {
    var bench = try Bench(members: 3, servers: 5, term: 1)
    func append(_ term: Term, _ payload: Payload) -> Message {
      .appendEntries(
        AppendEntries(
          term: term, prevLogIndex: 0, prevLogTerm: 0, entries: [Entry(term: term, payload: payload)], leaderCommit: 0))
    }
    bench.receive(append(1, .configuration(Membership([1, 2, 3, 4]))), from: 2)
    #expect(bench.raft.members == [1, 2, 3, 4])
    bench.receive(append(2, .noop), from: 3)
    #expect(bench.raft.members == [1, 2, 3])
  }

  @Test func theConfigurationSurvivesRestarts() throws {
    var bench = try leader()
    bench.handle(.request(remove(3), id: 1))
    var recovered = RecoveredState()
    for batch in bench.batches { try recovered.replay(batch) }
    #expect(Raft(bench.raft.configuration, recovered: recovered, at: 0).members == [1, 2])
    let contents = SnapshotContents(
      lastIncludedIndex: 9, lastIncludedTerm: 1, membership: Membership([1, 4, 5]), machine: StateMachine())
    let raft = Raft(bench.raft.configuration, recovered: RecoveredState(snapshot: contents), at: 0)
    #expect(raft.members == [1, 4, 5])
  }

  @Test func leaseReadsAreTheBug() throws {
    var bench = try leader(bug: .leaseRead)
    bench.handle(.request(.get(key: [1]), id: 1))
    #expect(bench.answers == [1: .notFound], "without a round of heartbeats")
    var correct = try leader()
    correct.handle(.request(.get(key: [1]), id: 1))
    #expect(correct.answers.isEmpty)
  }
}
