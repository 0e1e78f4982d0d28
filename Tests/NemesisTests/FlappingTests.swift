import Clusters
import Histories
import Testing

@testable import Nemesis

@Suite struct FlappingTests {
  let cluster = FakeCluster(3)
  let time = ManualClock()
  let fault: PartitionFault
  let cut = links("n2>n1 n2>n3 n1>n2 n3>n2")

  init() { fault = PartitionFault(clock: time.clock) }

  private func inject() async throws -> Injection {
    var asked = action("partition", "flapping", order: ["n2", "n1", "n3"])
    asked.parameters = ["period": .number(0.4)]
    return try await fault.inject(asked, in: cluster)
  }

  /// Lets half a period pass.
  private func half() async {
    await time.whenAsleep(1)
    time.wakeNext()
    await time.whenAsleep(1)
  }

  @Test func cutComesAndGoesByHalfPeriods() async throws {
    #expect(try await inject() == .injected(targets: "n2 | n1 n3"))
    for turn in 1...5 {
      #expect(cluster.fakeNetwork.cutNow == (turn % 2 == 1 ? cut : []))
      await half()
      #expect(time.now == Int64(turn) * 200_000_000)
    }
    _ = try await fault.heal(in: cluster)
    #expect(cluster.fakeNetwork.cutNow.isEmpty)
    await time.whenAsleep(0)
  }

  @Test func evidenceIsTheSumOfAllCuts() async throws {
    _ = try await inject()
    cluster.fakeNetwork.traffic(2)
    await half()
    cluster.fakeNetwork.traffic(50)  // nothing is cut
    await half()
    cluster.fakeNetwork.traffic(3)
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary == "20 packets dropped on 4 of 4 cut links, which were cut 2 times")
    #expect(evidence.detail.map?["cuts"] == 2)
  }

  @Test func silentlyIgnoredCutsAreNoEvidence() async throws {
    cluster.fakeNetwork.configure { $0.ignores = true }
    _ = try await inject()
    for _ in 0..<4 { await half() }
    cluster.fakeNetwork.traffic(9)
    #expect(try await !fault.heal(in: cluster).took)
  }

  @Test func failedCallEndsItWithItsReasonAndHealingWorks() async throws {
    _ = try await inject()
    await time.whenAsleep(1)
    cluster.fakeNetwork.traffic(1)
    cluster.fakeNetwork.configure { $0.failures = 1 }
    time.wakeNext()
    await time.whenAsleep(0)
    #expect(
      try await fault.heal(in: cluster).summary
        == "4 packets dropped on 4 of 4 cut links, which were cut once, then Planned()")
  }

  @Test func failedHealKeepsTheEvidenceForTheNext() async throws {
    _ = try await inject()
    cluster.fakeNetwork.traffic(2)
    await half()
    cluster.fakeNetwork.configure { $0.failures = 1 }
    await #expect(throws: Planned.self) { try await fault.heal(in: cluster) }
    #expect(try await fault.heal(in: cluster).took)
    #expect(try await fault.heal(in: cluster).summary == "0 packets dropped on 0 of 0 cut links")
  }

  @Test func restoreEndsIt() async throws {
    _ = try await inject()
    await half()
    await half()
    try await fault.restore(in: cluster)
    await time.whenAsleep(0)
    #expect(cluster.fakeNetwork.cutNow.isEmpty)
  }
}
