import Clusters
import Histories
import Testing

@testable import Nemesis

@Suite struct RestartTests {
  let cluster = FakeCluster(5)
  let time = ManualClock()
  let fault: RestartFault
  let order = ["n4", "n2", "n5", "n1", "n3"]

  init() { fault = RestartFault(clock: time.jumping) }

  private func inject(_ target: String) async throws -> Injection {
    try await fault.inject(action("restart", target, order: order), in: cluster)
  }

  @Test(arguments: [
    ("one", "n4"), ("minority", "n2 n4"), ("majority", "n2 n4 n5"), ("all", "n1 n2 n3 n4 n5"), ("primary", "n5"),
  ])
  func endsAndStartsTheFirstOfTheOrder(_ target: String, _ victims: String) async throws {
    cluster.fakePrimaries.answer([["n3", "n5"]])
    #expect(try await inject(target) == .injected(targets: victims))
    let names = victims.split(separator: " ")
    #expect(Set(cluster.fakeProcesses.calls) == Set(names.flatMap { ["stop \($0) 5.0", "start \($0)"] }))
    for name in cluster.names { #expect(try cluster.fakeProcesses.state(name).pid != nil) }
    #expect(try await fault.heal(in: cluster).took)
  }

  @Test func graceIsThePlans() async throws {
    var asked = action("restart", "one", order: order)
    asked.parameters = ["grace": .number(0.25)]
    _ = try await fault.inject(asked, in: cluster)
    #expect(cluster.fakeProcesses.calls == ["stop n4 0.25", "start n4"])
  }

  @Test func evidenceIsTheKernelsReport() async throws {
    _ = try await inject("one")
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary == "n4: pid 104 ended with code 0, back as pid 106")
    let node: Value = [
      "node": "n4", "ends": [["pid": 104, "signal": nil, "code": 0]], "pid": 106, "running": true,
    ]
    #expect(evidence.detail == ["nodes": [node]])
    #expect(try await fault.heal(in: cluster).summary == "no node was to be restarted")
  }

  @Test func silentlyIgnoredStopIsNoEvidence() async throws {
    cluster.fakeProcesses.configure { $0.ignoresStops = true }
    _ = try await inject("one")
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary == "n4: no process ended, back as pid 104")
  }

  @Test func nodeThatHadToBeKilledIsNoEvidence() async throws {
    cluster.fakeProcesses.configure { $0.stubborn = ["n2"] }
    _ = try await inject("minority")
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary.hasPrefix("n2: pid 102 had to be killed, as its time to end was up, back as pid 10"))
  }

  @Test(arguments: [
    (ProcessEnd(pid: 7, signal: nil, code: 0), ProcessState.running(pid: 8), true),
    (ProcessEnd(pid: 7, signal: nil, code: 3), .running(pid: 8), true),
    (ProcessEnd(pid: 7, signal: 15, code: nil), .running(pid: 8), true),
    (ProcessEnd(pid: 7, signal: 9, code: nil), .running(pid: 8), false),
    (ProcessEnd(pid: 7, signal: 15, code: nil), .running(pid: 7), false),
    (ProcessEnd(pid: 7, signal: 15, code: nil), .exited(code: 1), false),
  ])
  func onlyACleanEndAndANewPidCount(_ end: ProcessEnd, _ back: ProcessState, _ took: Bool) {
    #expect(restartEvidence([Restart(node: "n1", ends: [end], back: back)]).took == took)
    #expect(!restartEvidence([Restart(node: "n1", ends: [], back: back)]).took)
    #expect(!restartEvidence([]).took)
  }

  @Test func nodeThatDiesAfterItsStartIsSaidAndLeftToTheFinalHeal() async throws {
    _ = try await inject("one")
    cluster.fakeProcesses.configure { $0.states["n4"] = .exited(code: 1) }
    #expect(
      try await fault.heal(in: cluster).summary == "n4: pid 104 ended with code 0, back as pid 106, down again")
    #expect(try cluster.fakeProcesses.state("n4") == .exited(code: 1))
    try await fault.restore(in: cluster)
    #expect(try cluster.fakeProcesses.state("n4") == .running(pid: 107))
  }

  @Test func nodesThatAreDownAreNotChosen() async throws {
    cluster.fakeProcesses.configure { $0.states["n4"] = .signaled(signal: 9) }
    #expect(try await inject("minority") == .injected(targets: "n2"))
    #expect(try await inject("one") == .skipped(reason: "no process runs on n4"))
  }

  @Test func failedStopLeavesAllRunning() async throws {
    cluster.fakeProcesses.configure { $0.stopFails = ["n5"] }
    await #expect(throws: FaultError("n5 cannot be restarted: Planned()")) { try await inject("majority") }
    for name in cluster.names { #expect(try cluster.fakeProcesses.state(name).pid != nil) }
    #expect(try await fault.heal(in: cluster).summary == "no node was to be restarted")
  }

  @Test func failedStartIsTriedAgainByRestore() async throws {
    cluster.fakeProcesses.configure { $0.startFails = ["n4"] }
    await #expect(throws: FaultError("n4 cannot be started: Planned()")) { try await inject("one") }
    cluster.fakeProcesses.configure { $0.startFails = [] }
    try await fault.restore(in: cluster)
    #expect(try cluster.fakeProcesses.state("n4").pid != nil)
    try await fault.restore(in: FakeCluster(3, without: .processes))
  }

  @Test func cancelledCallerStillRestartsAll() async throws {
    let (fault, cluster, order) = (fault, cluster, order)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await fault.inject(action("restart", "minority", order: order), in: cluster)
    }
    #expect(try await task.value == .injected(targets: "n2 n4"))
    #expect(try await fault.heal(in: cluster).took)
  }
}
