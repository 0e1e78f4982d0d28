import Clusters
import Histories
import Testing

@testable import Nemesis

@Suite struct PauseTests {
  let cluster = FakeCluster(5)
  let time = ManualClock()
  let fault: PauseFault
  let order = ["n4", "n2", "n5", "n1", "n3"]

  init() { fault = PauseFault(clock: time.jumping) }

  private func inject(_ target: String) async throws -> Injection {
    try await fault.inject(action("pause", target, order: order), in: cluster)
  }

  private var paused: [String] {
    get throws {
      try cluster.names.filter { if case .paused = try cluster.fakeProcesses.state($0) { true } else { false } }
    }
  }

  @Test(arguments: [
    ("one", "n4"), ("minority", "n2 n4"), ("majority", "n2 n4 n5"), ("all", "n1 n2 n3 n4 n5"), ("primary", "n5"),
  ])
  func stopsTheFirstOfTheOrder(_ target: String, _ victims: String) async throws {
    cluster.fakePrimaries.answer([["n3", "n5"]])
    #expect(try await inject(target) == .injected(targets: victims))
    #expect(try paused.joined(separator: " ") == victims)
    #expect(try await fault.heal(in: cluster).took)
    #expect(try paused.isEmpty)
  }

  @Test func evidenceIsStateT() async throws {
    _ = try await inject("minority")
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary == "n2: pid 102 in state T, then running; n4: pid 104 in state T, then running")
    let node = { (name: String, pid: Int64) -> Value in
      ["node": .string(name), "pid": .int(pid), "paused": true, "held": true, "resumed": true]
    }
    #expect(evidence.detail == ["nodes": [node("n2", 102), node("n4", 104)]])
  }

  @Test func silentlyIgnoredPauseIsNoEvidence() async throws {
    cluster.fakeProcesses.configure { $0.ignoresPauses = true }
    _ = try await inject("one")
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary == "n4: not in state T")
  }

  @Test func everyTargetMustHaveStopped() {
    let still = Standstill(node: "n1", stopped: .paused(pid: 7), beforeWaking: .paused(pid: 7), after: .running(pid: 7))
    let moving = Standstill(node: "n2", stopped: .running(pid: 8), beforeWaking: .running(pid: 8))
    #expect(pauseEvidence([still]).took)
    #expect(!pauseEvidence([still, moving]).took)
    #expect(!pauseEvidence([]).took)
  }

  /// The kill fault may come in between: it has its own evidence, and starts the node again itself.
  @Test func nodeThatIsKilledMeanwhileIsLeftAlone() async throws {
    _ = try await inject("one")
    cluster.fakeProcesses.configure {
      $0.states["n4"] = .signaled(signal: 9)
      $0.calls = []
    }
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary == "n4: pid 104 in state T, ended before it was resumed")
    #expect(cluster.fakeProcesses.calls.isEmpty)
  }

  @Test func nodesThatAreDownAreNotStopped() async throws {
    cluster.fakeProcesses.configure { $0.states["n4"] = .signaled(signal: 9) }
    #expect(try await inject("minority") == .injected(targets: "n2"))
    #expect(try await fault.heal(in: cluster).took)
    #expect(try await inject("one") == .skipped(reason: "no process runs on n4"))
  }

  @Test func failedPauseLetsTheOthersGoOn() async throws {
    cluster.fakeProcesses.configure { $0.pauseFails = ["n5"] }
    await #expect(throws: FaultError("n5 cannot be paused: Planned()")) { try await inject("majority") }
    #expect(try paused.isEmpty)
    #expect(try await fault.heal(in: cluster).summary == "no node was to be paused")
  }

  @Test func failedResumeIsSaidAndHealCanBeRepeated() async throws {
    cluster.fakeProcesses.configure { $0.resumeFails = ["n2"] }
    _ = try await inject("minority")
    await #expect(throws: FaultError("n2 cannot be resumed: Planned()")) { try await fault.heal(in: cluster) }
    cluster.fakeProcesses.configure { $0.resumeFails = [] }
    _ = try await fault.heal(in: cluster)
    #expect(try paused.isEmpty)
  }

  @Test func restoreWakesWhatStandsStillAndNothingElse() async throws {
    cluster.fakeProcesses.configure {
      $0.states["n1"] = .paused(pid: 101)
      $0.states["n3"] = .notStarted
    }
    try await fault.restore(in: cluster)
    #expect(cluster.fakeProcesses.calls == ["resume n1"])
    try await fault.restore(in: FakeCluster(3, without: .processes))
  }

  /// The fake throws in a cancelled task, as a cluster may.
  @Test func cancelledCallerStillStopsAll() async throws {
    let (fault, cluster, order) = (fault, cluster, order)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await fault.inject(action("pause", "minority", order: order), in: cluster)
    }
    #expect(try await task.value == .injected(targets: "n2 n4"))
    #expect(try await fault.heal(in: cluster).took)
  }
}
