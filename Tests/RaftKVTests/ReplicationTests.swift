import RaftKV
import Testing

@Suite struct ReplicationTests {
  /// Figure 8 of the paper: an entry of an old term on a majority of servers may still be overwritten, so it must not be
  /// committed by counting (c); it is committed together with an entry of the leader's own term (e).
  @Test func entriesOfOldTermsAreNotCommittedByCounting() throws {
    var bench = try Bench(term: 3, log: [1, 2])
    bench.becomeLeader()
    #expect(bench.terms == [1, 2, 4])
    bench.acknowledge(2, from: 2)
    bench.acknowledge(2, from: 3)
    #expect(bench.raft.commitIndex == 0)
    bench.acknowledge(3, from: 2)
    bench.acknowledge(3, from: 3)
    #expect(bench.raft.commitIndex == 3)
    #expect(bench.raft.lastApplied == 3)
  }

  @Test func theLeaderCountsItselfOnlyWhenItsDiskIsDone() throws {
    var bench = try Bench(members: 3)
    bench.becomeLeader()
    bench.diskIsFast = false
    bench.acknowledge(1, from: 2)
    bench.handle(.request(.write(Bench.put("k", "v")), id: 1))
    bench.acknowledge(2, from: 2)
    #expect(bench.raft.commitIndex == 1)
    bench.finishDisk()
    #expect(bench.raft.commitIndex == 2)
    #expect(bench.answers == [1: .written])
  }

  @Test func aWriteIsAnsweredWhenAMajorityHasIt() throws {
    var bench = try Bench()
    bench.becomeLeader()
    bench.handle(.request(.write(Bench.put("k", "v")), id: 1))
    bench.acknowledge(2, from: 2)
    #expect(bench.answers.isEmpty)
    bench.acknowledge(2, from: 2)
    #expect(bench.answers.isEmpty, "an answer that arrives twice counts once")
    bench.acknowledge(2, from: 3)
    #expect(bench.answers == [1: .written])
  }

  @Test func aFollowerAnswersOnlyWhenItsDiskIsDone() throws {
    var bench = try Bench(term: 1)
    bench.diskIsFast = false
    let entry = Entry(term: 1, payload: .noop)
    bench.receive(
      .appendEntries(AppendEntries(term: 1, prevLogIndex: 0, prevLogTerm: 0, entries: [entry], leaderCommit: 0)),
      from: 2)
    #expect(bench.takeSent(to: 2).isEmpty)
    // An empty message with the same position must wait for the same disk.
    bench.receive(
      .appendEntries(AppendEntries(term: 1, prevLogIndex: 1, prevLogTerm: 1, entries: [], leaderCommit: 0)), from: 2)
    #expect(bench.takeSent(to: 2).isEmpty)
    bench.finishDisk()
    let matched = Message.appendReply(AppendReply(term: 1, result: .matched(matchIndex: 1)))
    #expect(bench.takeSent(to: 2) == [matched, matched])
  }

  /// Logs of figure 7: what each follower answers to the leader of term 8, whose last entry before its own is (10, 6).
  @Test(
    arguments: [
      ([1, 1, 1, 4, 4, 5, 5, 6, 6], 0, 10),  // (a)
      ([1, 1, 1, 4], 0, 5),  // (b)
      ([1, 1, 1, 4, 4, 4, 4], 0, 8),  // (e)
      ([1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3], 3, 7),  // (f)
    ] as [([Term], Term, LogIndex)])
  func aFollowerTellsWhereItsLogPartsFromTheLeaders(log: [Term], term: Term, index: LogIndex) throws {
    var bench = try Bench(term: 7, log: log)
    bench.receive(
      .appendEntries(
        AppendEntries(
          term: 8, prevLogIndex: 10, prevLogTerm: 6, entries: [Entry(term: 8, payload: .noop)], leaderCommit: 0)),
      from: 2)
    let expected = AppendReply(term: 8, result: .conflict(prevLogIndex: 10, conflictTerm: term, conflictIndex: index))
    #expect(bench.takeSent(to: 2).compactMap(\.appendReply) == [expected])
  }

  /// The leader of figure 7 skips a whole term per message on its way back.
  @Test(arguments: [(0, 5, 4), (3, 7, 6), (4, 4, 5)] as [(Term, LogIndex, LogIndex)])
  func theLeaderSkipsAWholeTerm(conflictTerm: Term, conflictIndex: LogIndex, nextPrevious: LogIndex) throws {
    var bench = try Bench(term: 7, log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6])
    bench.becomeLeader()
    _ = bench.takeSent()
    let conflict = AppendReply.Result.conflict(
      prevLogIndex: 10, conflictTerm: conflictTerm, conflictIndex: conflictIndex)
    bench.receive(.appendReply(AppendReply(term: 8, result: conflict)), from: 4)
    let appends = bench.takeSent(to: 4).compactMap(\.append)
    #expect(appends.map(\.prevLogIndex) == [nextPrevious])
    #expect(appends.first?.entries.count == Int(11 - nextPrevious))
  }

  @Test func aLaggingFollowerGetsEverythingInBoundedMessages() throws {
    var bench = try Bench(term: 1, log: Array(repeating: 1, count: 100)) { $0.limits.appendEntriesMax = 10 }
    bench.becomeLeader()
    _ = bench.takeSent()
    let conflict = AppendReply.Result.conflict(prevLogIndex: 100, conflictTerm: 0, conflictIndex: 1)
    bench.receive(.appendReply(AppendReply(term: 2, result: conflict)), from: 2)
    #expect(bench.takeSent(to: 2).compactMap(\.append?.entries.count) == [10], "one probe at a time")
    bench.acknowledge(10, from: 2)
    let appends = bench.takeSent(to: 2).compactMap(\.append)
    #expect(appends.map(\.prevLogIndex) == Array(stride(from: 10, through: 100, by: 10)))
  }

  @Test func unansweredMessagesAreBounded() throws {
    var bench = try Bench(log: []) {
      $0.limits.appendEntriesMax = 1
      $0.limits.appendsInFlightMax = 4
    }
    bench.becomeLeader()
    bench.acknowledge(1, from: 2)
    _ = bench.takeSent()
    for id in 1...20 { bench.handle(.request(.write(Bench.put("k", "v")), id: RequestID(id))) }
    #expect(bench.takeSent(to: 2).count(where: \.isAppend) == 4)
    bench.acknowledge(2, from: 2)
    #expect(bench.takeSent(to: 2).count(where: \.isAppend) == 1)
  }

  @Test func lostMessagesAreSentAgain() throws {
    var bench = try Bench()
    bench.becomeLeader()
    bench.acknowledge(1, from: 2)
    bench.acknowledge(1, from: 3)
    bench.handle(.request(.write(Bench.put("k", "v")), id: 1))
    _ = bench.takeSent()
    bench.wait(Bench.heartbeatInterval)
    let retry = bench.takeSent(to: 2).compactMap(\.append)
    #expect(retry.map(\.prevLogIndex) == [1])
    bench.acknowledge(1, from: 2)
    #expect(bench.takeSent(to: 2).compactMap(\.append?.entries.count) == [1])
  }

  @Test func aMessageThatWasOvertakenDoesNotShortenTheLog() throws {
    var bench = try Bench(term: 1)
    let entries = (1...3).map { Entry(term: 1, payload: .command(Bench.put("k", "\($0)"))) }
    let all = AppendEntries(term: 1, prevLogIndex: 0, prevLogTerm: 0, entries: entries, leaderCommit: 0)
    var older = all
    older.entries = Array(entries.prefix(1))
    bench.receive(.appendEntries(all), from: 2)
    bench.receive(.appendEntries(older), from: 2)
    #expect(bench.raft.log.lastIndex == 3)
  }

  @Test func entriesThatConflictAreReplacedOnDiskToo() throws {
    var bench = try Bench(term: 2, log: [1, 2, 2])
    let entry = Entry(term: 3, payload: .noop)
    bench.receive(
      .appendEntries(AppendEntries(term: 3, prevLogIndex: 1, prevLogTerm: 1, entries: [entry], leaderCommit: 2)),
      from: 2)
    #expect(bench.terms == [1, 3])
    #expect(bench.raft.commitIndex == 2)
    #expect(bench.batches.last?.suffix == PersistBatch.Suffix(firstIndex: 2, entries: [entry]))
  }

  @Test func aServerStopsRatherThanReplaceACommittedEntry() throws {
    var bench = try Bench(term: 1, log: [1])
    bench.receive(
      .appendEntries(AppendEntries(term: 1, prevLogIndex: 1, prevLogTerm: 1, entries: [], leaderCommit: 1)), from: 2)
    #expect(bench.raft.commitIndex == 1)
    bench.receive(
      .appendEntries(
        AppendEntries(
          term: 2, prevLogIndex: 0, prevLogTerm: 0, entries: [Entry(term: 2, payload: .noop)], leaderCommit: 0)),
      from: 3)
    #expect(bench.haltReason?.contains("entry 1") == true)
    #expect(bench.raft.isHalted)
  }
}
