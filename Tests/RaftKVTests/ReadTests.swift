import RaftKV
import Testing

@Suite struct ReadTests {
  private let key = Bytes("k".utf8)

  /// A leader of five with a committed entry of its term.
  private func leader() throws -> Bench {
    var bench = try Bench()
    bench.becomeLeader()
    bench.acknowledge(1, from: 2)
    bench.acknowledge(1, from: 3)
    _ = bench.takeSent()
    return bench
  }

  @Test func aReadWaitsForAQuorumThatStillFollows() throws {
    var bench = try leader()
    bench.handle(.request(.get(key: key), id: 1))
    let round = try #require(bench.takeSent(to: 2).compactMap(\.heartbeat?.round).last)
    bench.confirm(round: round, from: 2)
    #expect(bench.answers.isEmpty)
    bench.confirm(round: round, from: 3)
    #expect(bench.answers == [1: .notFound])
  }

  @Test func anAnswerToAnEarlierHeartbeatDoesNotCount() throws {
    var bench = try leader()
    bench.handle(.request(.get(key: key), id: 1))
    let round = try #require(bench.takeSent(to: 2).compactMap(\.heartbeat?.round).last)
    for peer in 2...5 as ClosedRange<NodeID> { bench.confirm(round: round - 1, from: peer) }
    #expect(bench.answers.isEmpty)
  }

  @Test func aNewLeaderReadsOnlyAfterItsFirstCommit() throws {
    var bench = try Bench(term: 1, log: [1, 1])
    bench.becomeLeader()
    bench.handle(.request(.get(key: Bytes("old0".utf8)), id: 1))
    for peer in 2...5 as ClosedRange<NodeID> { bench.confirm(round: 0, from: peer) }
    #expect(bench.answers.isEmpty)
    bench.acknowledge(3, from: 2)
    bench.acknowledge(3, from: 3)
    let round = try #require(bench.takeSent(to: 2).compactMap(\.heartbeat?.round).last)
    bench.confirm(round: round, from: 2)
    bench.confirm(round: round, from: 3)
    #expect(bench.answers == [1: .value(Bytes("1".utf8))])
  }

  @Test func readsThatArriveTogetherShareARound() throws {
    var bench = try leader()
    for id in 1...50 { bench.handle(.request(.get(key: key), id: RequestID(id))) }
    let rounds = Set(bench.takeSent(to: 2).compactMap(\.heartbeat?.round))
    #expect(rounds.count <= 2)
    for round in rounds.sorted() {
      bench.confirm(round: round, from: 2)
      bench.confirm(round: round, from: 3)
    }
    let last = try #require(bench.takeSent(to: 2).compactMap(\.heartbeat?.round).last)
    bench.confirm(round: last, from: 2)
    bench.confirm(round: last, from: 3)
    #expect(bench.answers.count == 50)
  }

  @Test func aReadDoesNotTouchTheLog() throws {
    var bench = try leader()
    let batches = bench.batches.count
    bench.handle(.request(.get(key: key), id: 1))
    #expect(bench.raft.log.lastIndex == 1)
    #expect(bench.batches.count == batches)
  }

  @Test func aStaleReadIsTheBug() throws {
    var bench = try Bench(bug: .staleRead)
    bench.handle(.request(.get(key: key), id: 1))
    #expect(bench.answers == [1: .notFound])
  }

  @Test func aTransactionThatOnlyReadsNeedsNoEntry() throws {
    var bench = try leader()
    let before = bench.raft.log.lastIndex
    bench.handle(.request(.write(.transaction(Transaction([.r("k"), .r("l")]))), id: 1))
    #expect(bench.answers.isEmpty, "it waits for its round as any read")
    let round = try #require(bench.takeSent(to: 2).compactMap(\.heartbeat?.round).last)
    bench.confirm(round: round, from: 2)
    bench.confirm(round: round, from: 3)
    #expect(bench.answers == [1: .committed([nil, nil])])
    #expect(bench.raft.log.lastIndex == before)
  }
}
