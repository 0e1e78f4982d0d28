import Clusters
import Histories
import Testing

@testable import Nemesis

@Suite struct KillTests {
  let cluster = FakeCluster(5)
  let time = ManualClock()
  let fault: KillFault
  let order = ["n4", "n2", "n5", "n1", "n3"]

  init() { fault = KillFault(clock: time.jumping) }

  private func inject(_ target: String) async throws -> Injection {
    try await fault.inject(action("kill", target, order: order), in: cluster)
  }

  private var down: [String] {
    get throws { try cluster.names.filter { try cluster.fakeProcesses.state($0) == .signaled(signal: 9) } }
  }

  @Test(arguments: [
    ("one", "n4"), ("minority", "n2 n4"), ("majority", "n2 n4 n5"), ("all", "n1 n2 n3 n4 n5"), ("primary", "n5"),
  ])
  func killsTheFirstOfTheOrder(_ target: String, _ victims: String) async throws {
    cluster.fakePrimaries.answer([[], ["n3", "n5"]])
    #expect(try await inject(target) == .injected(targets: victims))
    #expect(try down.joined(separator: " ") == victims)
    #expect(Set(cluster.fakeProcesses.calls) == Set(victims.split(separator: " ").map { "kill \($0)" }))
    #expect(try await fault.heal(in: cluster).took)
    #expect(try down.isEmpty)
  }

  @Test func noPrimaryIsSkipped() async throws {
    #expect(try await inject("primary") == .skipped(reason: "no node said within 1000 ms that it is primary"))
    #expect(cluster.fakeProcesses.calls.isEmpty)
  }

  @Test func minorityOfTwoIsNone() async throws {
    let two = FakeCluster(2)
    let injection = try await fault.inject(action("kill", "minority", order: two.names), in: two)
    #expect(injection == .skipped(reason: "a minority of 2 nodes is none"))
  }

  @Test func evidenceIsTheKernelsReport() async throws {
    _ = try await inject("minority")
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    // Both are started at once: which of the two new pids a node gets is not ours to say.
    let back = try ["n2", "n4"].map { try #require(try cluster.fakeProcesses.state($0).pid) }
    #expect(Set(back) == [106, 107])
    #expect(
      evidence.summary
        == "n2: pid 102 ended by signal 9, back as pid \(back[0]); n4: pid 104 ended by signal 9, back as pid \(back[1])"
    )
    let ends = [102, 104].map { pid -> Value in [["pid": .int(Int64(pid)), "signal": 9, "code": nil]] }
    #expect(
      evidence.detail == [
        "nodes": [
          ["node": "n2", "ends": ends[0], "pid": .int(Int64(back[0]))],
          ["node": "n4", "ends": ends[1], "pid": .int(Int64(back[1]))],
        ]
      ])
  }

  @Test func silentlyIgnoredKillIsNoEvidence() async throws {
    cluster.fakeProcesses.configure { $0.ignoresKills = true }
    _ = try await inject("one")
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary == "n4: no process ended, back as pid 104")
    #expect(cluster.fakeProcesses.calls == ["kill n4"])
  }

  /// One of two nodes had crashed before: its kill proves nothing, so neither does the whole.
  @Test func everyTargetMustHaveDied() async throws {
    cluster.fakeProcesses.configure { $0.states["n2"] = .exited(code: 1) }
    _ = try await inject("minority")
    #expect(try await !fault.heal(in: cluster).took)
    #expect(try cluster.fakeProcesses.state("n2") == .running(pid: 107) || cluster.fakeProcesses.state("n2").pid == 106)
  }

  @Test func otherEndsAreNoEvidence() {
    let nine = ProcessEnd(pid: 7, signal: 9, code: nil)
    let took = { (ends: [ProcessEnd], after: ProcessState) in
      deathEvidence([Death(node: "n1", ends: ends, after: after)]).took
    }
    #expect(took([nine], .running(pid: 8)))
    #expect(!took([nine], .running(pid: 7)), "the same process runs on")
    #expect(!took([nine, ProcessEnd(pid: 6, signal: 15, code: nil)], .running(pid: 8)))
    #expect(!took([ProcessEnd(pid: 7, signal: nil, code: 0)], .running(pid: 8)))
    #expect(!deathEvidence([]).took)
  }

  @Test func nodeThatDoesNotComeBackIsSaid() {
    let ends = [ProcessEnd(pid: 7, signal: 9, code: nil), ProcessEnd(pid: 8, signal: nil, code: 3)]
    let death = Death(node: "n1", ends: ends, after: .exited(code: 1))
    #expect(
      death.summary == "n1: pid 7 ended by signal 9 and pid 8 ended by itself with code 3, down again with code 1")
  }

  @Test func failedStartIsSaidAndHealCanBeRepeated() async throws {
    cluster.fakeProcesses.configure { $0.startFails = ["n2"] }
    _ = try await inject("minority")
    await #expect(throws: FaultError("n2 cannot be started: Planned()")) { try await fault.heal(in: cluster) }
    #expect(try cluster.fakeProcesses.state("n4") == .running(pid: 106))
    cluster.fakeProcesses.configure { $0.startFails = [] }
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(cluster.fakeProcesses.calls.filter { $0 == "start n4" }.count == 1)
  }

  @Test func failedKillStartsTheOthersAgain() async throws {
    cluster.fakeProcesses.configure { $0.killFails = ["n5"] }
    await #expect(throws: FaultError("n5 cannot be killed: Planned()")) { try await inject("majority") }
    #expect(try down.isEmpty)
    #expect(try await fault.heal(in: cluster).summary == "no node was to be killed")
  }

  /// The fake throws in a cancelled task, as a cluster may: half of the nodes killed and forgotten would be worse.
  @Test func cancelledCallerStillKillsAll() async throws {
    let (fault, cluster, order) = (fault, cluster, order)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await fault.inject(action("kill", "minority", order: order), in: cluster)
    }
    #expect(try await task.value == .injected(targets: "n2 n4"))
    #expect(try await fault.heal(in: cluster).took)
  }

  @Test func restoreStartsWhatEndedAndNothingElse() async throws {
    _ = try await inject("one")
    cluster.fakeProcesses.configure {
      $0.states["n1"] = .exited(code: 134)
      $0.states["n2"] = .paused(pid: 102)
      $0.states["n3"] = .notStarted
      $0.calls = []
    }
    try await fault.restore(in: cluster)
    #expect(Set(cluster.fakeProcesses.calls) == ["start n1", "start n4"])
    try await fault.restore(in: cluster)
    #expect(cluster.fakeProcesses.calls.count == 2)
    #expect(try cluster.fakeProcesses.state("n2") == .paused(pid: 102))
    try await fault.restore(in: FakeCluster(3, without: .processes))
  }
}
