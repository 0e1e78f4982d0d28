import Clusters
import Histories
import Testing

@testable import Nemesis

@Suite struct CPUSqueezeTests {
  let cluster = FakeCluster(5)
  let fault = CPUSqueezeFault(clock: ManualClock().jumping)

  private func action(_ target: String) -> FaultAction {
    FaultAction(
      id: 0, fault: "cpu-squeeze", target: target, at: 0, hold: 1_000_000_000, order: ["n4", "n2", "n5", "n1", "n3"],
      parameters: ["share": .number(25)])
  }

  @Test func squeezesTheFirstOfTheOrderUntilItIsHealed() async throws {
    #expect(try await fault.inject(action("minority"), in: cluster) == .injected(targets: "n2 n4 to 25.0 %"))
    #expect(cluster.fakeProcessors.shares == ["n2": 0.25, "n4": 0.25])
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary.hasPrefix("n2: in state T for 75 % of 1.0 s, 0.12 s of processor time; n4: "))
    #expect(cluster.fakeProcessors.shares.isEmpty)
  }

  @Test func processesThatGoOnRunningAreNoEvidence() async throws {
    cluster.fakeProcessors.configure { $0.obedience = 0 }
    _ = try await fault.inject(action("one"), in: cluster)
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary == "n4: in state T for 0 % of 1.0 s, 0.12 s of processor time")
    #expect(try await !fault.heal(in: cluster).took)
  }

  @Test func failedSqueezeLetsTheOthersGoOn() async throws {
    cluster.fakeProcessors.configure { $0.fails = ["n2"] }
    await #expect(throws: FaultError("n2 cannot be squeezed: Planned()")) {
      try await fault.inject(action("all"), in: cluster)
    }
    #expect(cluster.fakeProcessors.shares.isEmpty)
  }

  @Test func cancelledCallerStillSqueezesAndReleasesAll() async throws {
    let (fault, cluster, action) = (fault, cluster, action("majority"))
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      _ = try await fault.inject(action, in: cluster)
      return try await fault.heal(in: cluster)
    }
    #expect(try await task.value.took)
    #expect(cluster.fakeProcessors.shares.isEmpty)
  }

  @Test func restoreReleasesAll() async throws {
    try await cluster.fakeProcessors.squeeze("n1", share: 0.5)
    for _ in 1...2 { try await fault.restore(in: cluster) }
    #expect(cluster.fakeProcessors.shares.isEmpty)
    try await fault.restore(in: FakeCluster(3, without: .processors))
  }
}
