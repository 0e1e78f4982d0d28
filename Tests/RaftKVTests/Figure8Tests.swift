import RaftKV
import RaftSimulationKit
import SimulationKit
import Testing

/// Figure 8 of the paper, step by step: "a time sequence showing why a leader cannot determine commitment using log
/// entries from older terms" (§5.4.2).
@Suite struct Figure8Tests {
  /// (a) S1 leads term 2 and replicates entry 2 to S2 only. (b) S1 crashes; S5 wins term 3 with S3 and S4, writes
  /// another entry 2, and crashes. (c) S1 comes back and wins term 4; its no-op, entry 3, is still on its way while
  /// entry 2 reaches S2 and S3, a majority with S1.
  private func playToC(bug: RaftBug? = nil) throws -> ScriptedCluster {
    var cluster = try ScriptedCluster(bug: bug)
    #expect(try cluster.elect(1))
    for server in ScriptedCluster.servers { #expect(cluster.terms(server) == [1]) }

    cluster.crash(1)
    try cluster.start(1)
    cluster.delivers = { message, _, to in !message.isAppend || to == 2 }
    #expect(try cluster.elect(1))
    #expect([1, 2, 3, 4, 5].map(cluster.terms) == [[1, 2], [1, 2], [1], [1], [1]])

    cluster.crash(1)
    cluster.delivers = { message, _, to in !message.isAppend && to != 2 }
    #expect(try cluster.elect(5))
    cluster.crash(5)

    try cluster.start(1)
    cluster.delivers = { message, _, to in
      !(message.append?.entries.contains { $0.term == 4 } ?? false) && !(message.isAppend && to == 4)
    }
    #expect(try cluster.elect(1))
    // The message that proves what S2 and S3 hold carries no entry; it is what the leader repeats when answers are late.
    try cluster.retransmit(1)
    try cluster.retransmit(1)
    #expect([1, 2, 3, 4].map(cluster.terms) == [[1, 2, 4], [1, 2], [1, 2], [1]])
    return cluster
  }

  /// (d) S1 crashes, S5 wins with the votes of S2, S3 and S4, and replaces entry 2 everywhere. That is no harm, because
  /// S1 never took entry 2 for committed.
  @Test func anEntryOfAnOldTermOnAMajorityMayBeOverwritten() throws {
    var cluster = try playToC()
    #expect(cluster[1]?.currentTerm == 4)
    #expect(cluster[1]?.commitIndex == 0)
    cluster.crash(1)
    try cluster.start(5)
    cluster.delivers = { _, _, _ in true }
    #expect(try cluster.elect(5))
    try cluster.retransmit(5)
    for server in 2...5 as ClosedRange<NodeID> {
      #expect(cluster.terms(server) == [1, 3, 5])
      #expect(cluster[server]?.lastApplied == 3)
    }
  }

  /// (e) The no-op reaches a majority before S1 crashes: both entries are committed, and S5 cannot win any more.
  @Test func anEntryOfTheLeadersOwnTermCommitsTheOldOneForGood() throws {
    var cluster = try playToC()
    cluster.delivers = { message, _, to in !(message.isAppend && to == 4) }
    try cluster.retransmit(1)
    try cluster.retransmit(1)
    #expect(cluster[1]?.commitIndex == 3)
    cluster.crash(1)
    try cluster.start(5)
    #expect(try !cluster.elect(5))
    #expect(try cluster.elect(2))
    #expect(cluster.terms(2).prefix(3) == [1, 2, 4])
  }

  /// The same schedule as (d) on a core that counts replicas of old terms: it commits entry 2 in (c), and the invariants
  /// notice when S5 is elected without it.
  @Test func countingReplicasOfOldTermsLosesACommittedEntry() throws {
    var cluster = try playToC(bug: .commitEarlierTermByCounting)
    #expect(cluster[1]?.lastApplied == 2)
    cluster.crash(1)
    try cluster.start(5)
    cluster.delivers = { _, _, _ in true }
    let violation = #expect(throws: Violation.self) { try cluster.elect(5) }
    #expect(violation?.invariant == "Leader Completeness")
  }
}
