import Clusters
import Histories
import Testing

@testable import Nemesis

/// The target `rolling` of kill, pause and restart.
@Suite struct RollingTests {
  let cluster = FakeCluster(3)
  let time = ManualClock()
  let order = ["n2", "n3", "n1"]

  private func fault(_ name: String) throws -> any Fault {
    switch name {
    case "kill": KillFault(clock: time.clock)
    case "pause": PauseFault(clock: time.clock)
    default: RestartFault(clock: time.clock)
    }
  }

  private func inject(_ fault: any Fault, _ name: String) async throws -> Injection {
    var asked = action(name, "rolling", order: order)
    asked.hold = 1_200_000_000
    return try await fault.inject(asked, in: cluster)
  }

  /// Wakes the tour so often, and waits until it sleeps again.
  private func steps(_ count: Int) async {
    for _ in 0..<count {
      await time.whenAsleep(1)
      time.wakeNext()
    }
  }

  @Test(arguments: [
    ("kill", ["kill", "start"]), ("pause", ["pause", "resume"]), ("restart", ["stop", "start"]),
  ])
  func eachIsHitWhenTheOneBeforeIsBack(_ name: String, _ verbs: [String]) async throws {
    let fault = try fault(name)
    #expect(try await inject(fault, name) == .injected(targets: "n2 n3 n1"))
    var moments: [Int64] = []
    for _ in 0..<6 {
      await time.whenAsleep(1)
      #expect(try cluster.names.count { try cluster.fakeProcesses.state($0).isUndisturbed } >= 2)
      time.wakeNext()
      moments.append(time.now / 1_000_000)
    }
    #expect(moments == [0, 200, 400, 600, 800, 1000])
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary.hasSuffix("; one after the other"))
    #expect(evidence.detail.map?["order"] == ["n2", "n3", "n1"])
    #expect(evidence.detail.map?["nodes"]?.list?.count == 3)
    let calls = cluster.fakeProcesses.calls.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
    #expect(calls == order.flatMap { node in verbs.map { "\($0) \(node)" } })
    #expect(try cluster.names.allSatisfy { try cluster.fakeProcesses.state($0).isUndisturbed })
  }

  @Test(arguments: ["kill", "pause", "restart"])
  func healingInTheMiddleMendsTheLastOne(_ name: String) async throws {
    let fault = try fault(name)
    _ = try await inject(fault, name)
    await steps(3)
    await time.whenAsleep(1)  // n2 is back, n3 is broken
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.detail.map?["order"] == ["n2", "n3"])
    #expect(try cluster.names.allSatisfy { try cluster.fakeProcesses.state($0).isUndisturbed })
  }

  @Test(arguments: ["kill", "pause", "restart"])
  func oneAloneIsNoRoll(_ name: String) async throws {
    let fault = try fault(name)
    _ = try await inject(fault, name)
    await steps(1)
    await time.whenAsleep(1)
    #expect(try await !fault.heal(in: cluster).took)
  }

  @Test(arguments: ["kill", "pause", "restart"])
  func silentlyIgnoredIsNoEvidence(_ name: String) async throws {
    cluster.fakeProcesses.configure {
      ($0.ignoresKills, $0.ignoresPauses, $0.ignoresStops) = (true, true, true)
    }
    let fault = try fault(name)
    _ = try await inject(fault, name)
    await steps(6)
    #expect(try await !fault.heal(in: cluster).took)
  }

  @Test(arguments: ["kill", "pause", "restart"])
  func nodesThatAreDownArePassedOver(_ name: String) async throws {
    cluster.fakeProcesses.configure { $0.states["n3"] = .signaled(signal: 9) }
    let fault = try fault(name)
    _ = try await inject(fault, name)
    await steps(5)
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.detail.map?["order"] == ["n2", "n1"])
    #expect(try cluster.fakeProcesses.state("n3") == .signaled(signal: 9))
  }

  @Test(arguments: ["kill", "pause", "restart"])
  func failureEndsItAndIsSaid(_ name: String) async throws {
    cluster.fakeProcesses.configure {
      ($0.killFails, $0.pauseFails, $0.stopFails) = (["n3"], ["n3"], ["n3"])
    }
    let fault = try fault(name)
    _ = try await inject(fault, name)
    await steps(3)
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary.contains("; it could not go on: n3 cannot be "))
    #expect(try cluster.names.allSatisfy { try cluster.fakeProcesses.state($0).isUndisturbed })
  }

  @Test(arguments: ["kill", "pause", "restart"])
  func restoreEndsIt(_ name: String) async throws {
    let fault = try fault(name)
    _ = try await inject(fault, name)
    await steps(1)
    await time.whenAsleep(1)
    try await fault.restore(in: cluster)
    #expect(try cluster.names.allSatisfy { try cluster.fakeProcesses.state($0).isUndisturbed })
  }
}

extension ProcessState {
  fileprivate var isUndisturbed: Bool { if case .running = self { true } else { false } }
}
