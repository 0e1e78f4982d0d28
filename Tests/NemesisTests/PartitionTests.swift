import Clusters
import Histories
import Testing

@testable import Nemesis

@Suite struct PartitionTests {
  let cluster = FakeCluster(5)
  let time = ManualClock()
  let fault: PartitionFault

  init() { fault = PartitionFault(clock: time.jumping) }

  private func inject(_ target: String, _ order: [String], in other: FakeCluster? = nil) async throws -> Injection {
    try await fault.inject(action("partition", target, order: order), in: other ?? cluster)
  }

  @Test func halvesCutsAMinorityFromTheRestBothWays() async throws {
    let injection = try await inject("halves", ["n4", "n2", "n5", "n1", "n3"])
    #expect(injection == .injected(targets: "n2 n4 | n1 n3 n5"))
    #expect(
      cluster.fakeNetwork.calls == [
        links("n4>n1 n4>n3 n4>n5 n2>n1 n2>n3 n2>n5 n1>n4 n3>n4 n5>n4 n1>n2 n3>n2 n5>n2")
      ])
  }

  @Test func isolateOneCutsTheFirstFromAll() async throws {
    #expect(try await inject("isolate-one", ["n3", "n1", "n2", "n4", "n5"]) == .injected(targets: "n3 | n1 n2 n4 n5"))
    #expect(cluster.fakeNetwork.cutNow == links("n3>n1 n3>n2 n3>n4 n3>n5 n1>n3 n2>n3 n4>n3 n5>n3"))
  }

  @Test func isolatePrimaryTakesTheFirstInOrderOfThoseThatSaySo() async throws {
    cluster.fakePrimaries.answer([["n2", "n5"]])
    let injection = try await inject("isolate-primary", ["n1", "n5", "n4", "n2", "n3"])
    #expect(injection == .injected(targets: "n5 | n1 n2 n3 n4"))
    #expect(cluster.fakeNetwork.cutNow == links("n5>n1 n5>n2 n5>n3 n5>n4 n1>n5 n2>n5 n3>n5 n4>n5"))
  }

  @Test func primaryMinorityKeepsThePrimaryWithThoseThatComeNext() async throws {
    cluster.fakePrimaries.answer([["n2"]])
    #expect(
      try await inject("primary-minority", ["n4", "n5", "n2", "n1", "n3"]) == .injected(targets: "n2 n4 | n1 n3 n5"))
  }

  @Test func isolatePrimaryWaitsForAnElection() async throws {
    cluster.fakePrimaries.answer([[], [], [], ["n2"]])
    #expect(try await inject("isolate-primary", cluster.names) == .injected(targets: "n2 | n1 n3 n4 n5"))
    #expect(time.now == 150_000_000)
  }

  @Test func isolatePrimaryGivesUpAfterASecond() async throws {
    #expect(
      try await inject("isolate-primary", cluster.names)
        == .skipped(reason: "no node said within 1000 ms that it is primary"))
    #expect(time.now == 1_000_000_000)
    #expect(cluster.fakePrimaries.questions == 21)
    #expect(cluster.fakeNetwork.calls.isEmpty)
  }

  @Test func clusterThatCannotBeDividedIsSkipped() async throws {
    let one = FakeCluster(1)
    #expect(try await inject("halves", one.names, in: one) == .skipped(reason: "1 nodes cannot be divided that way"))
    #expect(one.fakeNetwork.calls.isEmpty)
  }

  @Test func nodesAreNamedInTheClustersOrder() async throws {
    let cluster = FakeCluster(11)
    let injection = try await inject("isolate-one", ["n9", "n11", "n10"] + cluster.names.prefix(8), in: cluster)
    #expect(injection == .injected(targets: "n9 | n1 n2 n3 n4 n5 n6 n7 n8 n10 n11"))
  }

  @Test func evidenceCountsPacketsPerLink() async throws {
    let cluster = FakeCluster(3)
    _ = try await inject("isolate-one", ["n2", "n1", "n3"], in: cluster)
    cluster.fakeNetwork.traffic(4, on: Link(from: "n2", to: "n1"))
    cluster.fakeNetwork.traffic(3, on: Link(from: "n3", to: "n2"))
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary == "7 packets dropped on 2 of 4 cut links")
    let rows: [Value] = [
      ["from": "n1", "to": "n2", "packets": 0, "bytes": 0], ["from": "n2", "to": "n1", "packets": 4, "bytes": 240],
      ["from": "n2", "to": "n3", "packets": 0, "bytes": 0], ["from": "n3", "to": "n2", "packets": 3, "bytes": 180],
    ]
    #expect(evidence.detail == ["packets": 7, "bytes": 420, "links": .list(rows)])
    #expect(cluster.fakeNetwork.cutNow.isEmpty)
  }

  @Test func noTrafficIsNoEvidence() async throws {
    _ = try await inject("halves", cluster.names)
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary == "0 packets dropped on 0 of 12 cut links")
  }

  @Test func silentlyIgnoredCutIsNoEvidence() async throws {
    cluster.fakeNetwork.configure { $0.ignores = true }
    _ = try await inject("halves", cluster.names)
    cluster.fakeNetwork.traffic(100)
    #expect(try await !fault.heal(in: cluster).took)
  }

  @Test func failedHealCanBeRepeatedWithItsEvidence() async throws {
    _ = try await inject("halves", cluster.names)
    cluster.fakeNetwork.traffic(1)
    cluster.fakeNetwork.configure { $0.failures = 1 }
    await #expect(throws: Planned.self) { try await fault.heal(in: cluster) }
    #expect(try await fault.heal(in: cluster).summary == "12 packets dropped on 12 of 12 cut links")
  }

  @Test func failedCutThrowsAndLeavesNothingCut() async throws {
    cluster.fakeNetwork.configure { $0.failures = 1 }
    await #expect(throws: Planned.self) { try await inject("halves", cluster.names) }
    #expect(cluster.fakeNetwork.calls.last == [])
    #expect(cluster.fakeNetwork.cutNow.isEmpty)
  }

  @Test func restoreHealsWithoutAnInjectionToo() async throws {
    try await fault.restore(in: cluster)
    #expect(cluster.fakeNetwork.calls == [[]])
    _ = try await inject("halves", cluster.names)
    try await fault.restore(in: cluster)
    try await fault.restore(in: cluster)
    #expect(cluster.fakeNetwork.cutNow.isEmpty)
    try await fault.restore(in: FakeCluster(3, without: .network))
  }

  @Test func unknownTargetIsSkipped() async throws {
    #expect(try await inject("thirds", cluster.names) == .skipped(reason: "partition has no target `thirds`"))
  }
}
