import RaftKV
import Testing

@Suite struct ElectionTests {
  @Test func aServerWithoutLeaderAsksFirstAndKeepsItsTerm() throws {
    var bench = try Bench(term: 3, log: [1, 3])
    bench.wait(Bench.electionTimeoutMax)
    #expect(bench.raft.role == .preCandidate)
    #expect(bench.raft.currentTerm == 3)
    let questions = bench.takeSent().map(\.message).filter(\.isPreVote)
    #expect(questions.first == .preVote(VoteRequest(term: 4, lastLogIndex: 2, lastLogTerm: 3)))
    bench.wait(10 * Bench.electionTimeoutMax)
    #expect(bench.raft.currentTerm == 3, "a server that is cut off must not disturb the others on its return")
  }

  @Test func aMajorityOfPreVotesStartsTheElection() throws {
    var bench = try Bench(term: 3)
    bench.wait(Bench.electionTimeoutMax)
    bench.receive(.preVoteReply(VoteReply(term: 4, granted: true)), from: 2)
    #expect(bench.raft.role == .preCandidate)
    bench.receive(.preVoteReply(VoteReply(term: 4, granted: true)), from: 2)
    #expect(bench.raft.role == .preCandidate, "a vote that arrives twice counts once")
    bench.receive(.preVoteReply(VoteReply(term: 4, granted: true)), from: 3)
    #expect(bench.raft.role == .candidate)
    #expect(bench.raft.currentTerm == 4)
    #expect(bench.raft.votedFor == 1)
  }

  @Test func aLeaderOpensItsTermWithAnEntry() throws {
    var bench = try Bench(term: 3, log: [1])
    bench.becomeLeader()
    #expect(bench.raft.role == .leader)
    #expect(bench.terms == [1, 4])
    #expect(bench.raft.log[2]?.payload == .noop)
    #expect(bench.takeSent().contains { $0.message.append?.entries.count == 1 })
  }

  @Test func votesAreAskedForOnlyWhenTheOwnVoteIsOnDisk() throws {
    var bench = try Bench(members: 3)
    bench.wait(Bench.electionTimeoutMax)
    bench.diskIsFast = false
    bench.receive(.preVoteReply(VoteReply(term: 1, granted: true)), from: 2)
    #expect(bench.raft.role == .candidate)
    #expect(!bench.takeSent().contains { $0.message.isRequestVote })
    bench.finishDisk()
    #expect(bench.takeSent().contains { $0.message.isRequestVote })
  }

  @Test func theOwnVoteCountsOnlyWhenItIsOnDisk() throws {
    var bench = try Bench(members: 1, diskIsFast: false)
    bench.finishDisk()
    bench.wait(Bench.electionTimeoutMax)
    #expect(bench.raft.role == .candidate)
    bench.finishDisk()
    #expect(bench.raft.role == .leader)
  }

  @Test func aServerVotesOnceInATerm() throws {
    var bench = try Bench(term: 1)
    let question = Message.requestVote(VoteRequest(term: 2, lastLogIndex: 0, lastLogTerm: 0))
    bench.receive(question, from: 2)
    bench.receive(question, from: 3)
    bench.receive(question, from: 2)
    let granted = bench.takeSent().compactMap { sent in
      sent.message.voteReply.map { [UInt32($0.granted ? 1 : 0), sent.to] }
    }
    #expect(granted == [[1, 2], [0, 3], [1, 2]])
  }

  @Test func aVoteIsRememberedOverARestart() throws {
    var bench = try Bench(term: 2, votedFor: 2)
    bench.receive(.requestVote(VoteRequest(term: 2, lastLogIndex: 9, lastLogTerm: 2)), from: 3)
    #expect(bench.takeSent(to: 3).compactMap(\.voteReply) == [VoteReply(term: 2, granted: false)])
  }

  @Test func aVoteLeavesOnlyWhenItIsOnDisk() throws {
    var bench = try Bench(term: 1)
    bench.diskIsFast = false
    bench.receive(.requestVote(VoteRequest(term: 2, lastLogIndex: 0, lastLogTerm: 0)), from: 2)
    #expect(bench.takeSent(to: 2).isEmpty)
    #expect(bench.batches.last?.hardState == HardState(currentTerm: 2, votedFor: 2, lives: 2))
    bench.finishDisk()
    #expect(bench.takeSent(to: 2) == [.voteReply(VoteReply(term: 2, granted: true))])
  }

  @Test(arguments: [(1, 9, false), (2, 1, false), (2, 2, true), (3, 1, true)] as [(Term, LogIndex, Bool)])
  func onlyACandidateWithAnUpToDateLogGetsTheVote(lastTerm: Term, lastIndex: LogIndex, granted: Bool) throws {
    var bench = try Bench(term: 3, log: [1, 2])
    let question = VoteRequest(term: 4, lastLogIndex: lastIndex, lastLogTerm: lastTerm)
    bench.receive(.preVote(question), from: 2)
    #expect(bench.takeSent(to: 2).compactMap(\.preVoteReply?.granted) == [granted])
    bench.receive(.requestVote(question), from: 2)
    #expect(bench.takeSent(to: 2).compactMap(\.voteReply?.granted) == [granted])
  }

  @Test func aServerWithALiveLeaderIgnoresElections() throws {
    var bench = try Bench(term: 1)
    bench.hearFrom(leader: 2, term: 1)
    _ = bench.takeSent()
    let question = VoteRequest(term: 7, lastLogIndex: 9, lastLogTerm: 6)
    bench.receive(.requestVote(question), from: 3)
    bench.receive(.preVote(question), from: 3)
    #expect(bench.raft.currentTerm == 1)
    #expect(bench.takeSent(to: 3) == [.preVoteReply(VoteReply(term: 1, granted: false))])
    bench.now += 150_000_000
    bench.receive(.requestVote(question), from: 3)
    #expect(bench.raft.currentTerm == 7, "the leader has been silent for the shortest election time-out")
  }

  @Test func aLeaderWithoutAQuorumStepsDown() throws {
    var bench = try Bench()
    bench.becomeLeader()
    bench.acknowledge(1, from: 2)
    bench.acknowledge(1, from: 3)
    bench.handle(.request(.write(Bench.put("k", "v")), id: 1))
    bench.handle(.request(.get(key: Bytes("k".utf8)), id: 2))
    // One of four followers is not enough to stay.
    for _ in 0..<8 {
      bench.wait(Bench.heartbeatInterval)
      bench.confirm(round: 0, from: 2)
    }
    #expect(bench.raft.role != .leader)
    #expect(bench.answers == [1: .unknown, 2: .noLeader])
  }

  @Test func aLeaderWithAQuorumStays() throws {
    var bench = try Bench()
    bench.becomeLeader()
    for _ in 0..<20 {
      bench.wait(Bench.heartbeatInterval)
      bench.confirm(round: 0, from: 2)
      bench.confirm(round: 0, from: 3)
    }
    #expect(bench.raft.role == .leader)
  }

  @Test func aLeaderOfAnOldTermLearnsItFromTheAnswer() throws {
    var bench = try Bench(term: 5)
    bench.receive(.heartbeat(Heartbeat(term: 4, commit: 0, round: 3)), from: 2)
    #expect(bench.takeSent(to: 2) == [.heartbeatReply(HeartbeatReply(term: 5, round: 3))])
    var leader = try Bench()
    leader.becomeLeader()
    leader.receive(.heartbeatReply(HeartbeatReply(term: 9, round: 0)), from: 2)
    #expect(leader.raft.role == .follower)
    #expect(leader.raft.currentTerm == 9)
  }
}
