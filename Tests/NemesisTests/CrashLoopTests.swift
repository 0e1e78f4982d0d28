import Clusters
import Generators
import Histories
import Testing

@testable import Nemesis

@Suite struct CrashLoopTests {
  let cluster = FakeCluster(5)
  let time = ManualClock()
  let fault: CrashLoopFault
  let order = ["n4", "n2", "n5", "n1", "n3"]

  init() { fault = CrashLoopFault(clock: time.clock) }

  private func inject(_ target: String) async throws -> Injection {
    try await fault.inject(action("crash-loop", target, order: order), in: cluster)
  }

  /// Lets `turns` turns happen, one after the other, while `loops` loops are at work.
  private func turns(_ turns: Int, of loops: Int) async {
    for _ in 0..<turns {
      await time.whenAsleep(loops)
      time.wakeNext()
    }
    await time.whenAsleep(loops)
  }

  @Test(arguments: [
    ("one", "n4"), ("minority", "n2 n4"), ("majority", "n2 n4 n5"), ("all", "n1 n2 n3 n4 n5"), ("primary", "n5"),
  ])
  func everyChosenNodeDiesAgainAndAgain(_ target: String, _ victims: String) async throws {
    cluster.fakePrimaries.answer([["n3", "n5"]])
    #expect(try await inject(target) == .injected(targets: victims))
    let names = victims.split(separator: " ").map(String.init)
    await turns(20 * names.count, of: names.count)
    let kills = Dictionary(grouping: cluster.fakeProcesses.calls.filter { $0.hasPrefix("kill") }, by: { $0 })
    #expect(Set(kills.keys) == Set(names.map { "kill \($0)" }))
    #expect(kills.values.map(\.count).min() ?? 0 >= 2, "each at its own pace, none left out")
    #expect(try await fault.heal(in: cluster).took)
    for name in cluster.names { #expect(try cluster.fakeProcesses.state(name).pid != nil) }
  }

  /// Whole turns: a node is down for no longer than a start takes.
  @Test func everyKillIsFollowedByAStart() async throws {
    _ = try await inject("one")
    await turns(3, of: 1)
    #expect(cluster.fakeProcesses.calls == Array(repeating: ["kill n4", "start n4"], count: 3).flatMap { $0 })
    #expect(try cluster.fakeProcesses.state("n4") == .running(pid: 108))
  }

  @Test func uptimesAreDrawnAnewAboutTheAskedOne() async throws {
    var asked = action("crash-loop", "one", order: order)
    asked.parameters = ["uptime": .number(0.2)]
    _ = try await fault.inject(asked, in: cluster)
    await turns(1, of: 1)
    var moments: [Int64] = []
    for _ in 0..<50 {
      moments.append(time.now)
      await turns(1, of: 1)
    }
    let uptimes = zip(moments, moments.dropFirst()).map { Double($1 - $0) / 1e9 }
    #expect(Set(uptimes).count == uptimes.count)
    #expect(uptimes.allSatisfy { (0.1...0.3).contains($0) })
    #expect(abs(uptimes.reduce(0, +) / Double(uptimes.count) - 0.2) < 0.03)
    _ = try await fault.heal(in: cluster)
  }

  /// The moments of all deaths, by the schedule alone.
  @Test func equalActionsGiveEqualTurnsAndNodesAreOutOfStep() async throws {
    func moments(_ node: String, at: Int64) -> [Double] {
      var asked = action("crash-loop", "all", order: order)
      asked.at = at
      var stream = asked.stream(node)
      return (0..<10).map { _ in stream.unit() }
    }
    #expect(moments("n1", at: 7) == moments("n1", at: 7))
    #expect(moments("n1", at: 7) != moments("n2", at: 7))
    #expect(moments("n1", at: 7) != moments("n1", at: 8))
  }

  @Test func evidenceIsTheKernelsReport() async throws {
    _ = try await inject("one")
    await turns(2, of: 1)
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary == "n4: 2 deaths by signal 9, back as pid 107")
    let node: Value = ["node": "n4", "deaths": 2, "own-ends": 0, "killed": [104, 106], "problem": nil, "pid": 107]
    #expect(evidence.detail == ["deaths-min": 1, "nodes": [node]])
  }

  @Test func silentlyIgnoredKillIsNoEvidence() async throws {
    cluster.fakeProcesses.configure { $0.ignoresKills = true }
    _ = try await inject("one")
    await turns(5, of: 1)
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary == "n4: 0 deaths by signal 9, back as pid 104")
    #expect(!cluster.fakeProcesses.calls.contains("start n4"))
  }

  @Test func everyChosenNodeMustHaveDiedOftenEnough() {
    let crashes = [3, 1].enumerated().map { index, deaths in
      Crashes(record: CrashRecord(node: "n\(index)", deaths: deaths), after: .running(pid: 7))
    }
    #expect(crashEvidence(crashes, deathsMin: 1).took)
    #expect(!crashEvidence(crashes, deathsMin: 2).took)
    #expect(!crashEvidence([], deathsMin: 1).took)
  }

  /// An end that nobody asked for is counted apart, and the cluster's own report of it stays as it is.
  @Test func nodeThatEndsByItselfIsStartedAgainAndSaid() async throws {
    _ = try await inject("one")
    await turns(2, of: 1)
    cluster.fakeProcesses.configure { $0.states["n4"] = .signaled(signal: 4) }
    await turns(1, of: 1)
    #expect(try cluster.fakeProcesses.state("n4") == .running(pid: 108))
    #expect(
      try await fault.heal(in: cluster).summary
        == "n4: 2 deaths by signal 9, 1 by itself, back as pid 108")
  }

  @Test func nodeThatAnotherFaultKilledIsLeftToIt() async throws {
    _ = try await inject("one")
    await turns(2, of: 1)
    cluster.fakeProcesses.configure { $0.states["n4"] = .signaled(signal: 9) }
    await turns(3, of: 1)
    #expect(try cluster.fakeProcesses.state("n4") == .signaled(signal: 9))
    #expect(try await fault.heal(in: cluster).summary == "n4: 2 deaths by signal 9, not back")
    #expect(try cluster.fakeProcesses.state("n4") == .signaled(signal: 9))
    try await fault.restore(in: cluster)
    #expect(try cluster.fakeProcesses.state("n4") == .running(pid: 108))
  }

  @Test func nodesThatAreDownAreNotChosen() async throws {
    cluster.fakeProcesses.configure { $0.states["n4"] = .signaled(signal: 9) }
    #expect(try await inject("minority") == .injected(targets: "n2"))
    await turns(2, of: 1)
    #expect(try await fault.heal(in: cluster).took)
    #expect(try await inject("one") == .skipped(reason: "no process runs on n4"))
  }

  @Test func failedStartIsSaidAndHealCanBeRepeated() async throws {
    _ = try await inject("one")
    await time.whenAsleep(1)
    cluster.fakeProcesses.configure { $0.startFails = ["n4"] }
    time.wakeNext()
    await time.whenAsleep(0)
    await #expect(throws: FaultError("n4 cannot be started: Planned()")) { try await fault.heal(in: cluster) }
    cluster.fakeProcesses.configure { $0.startFails = [] }
    #expect(
      try await fault.heal(in: cluster).summary == "n4: 1 death by signal 9, Planned(), back as pid 106")
  }

  /// A loop is ended between a start and the next kill, never between a kill and its start.
  @Test func cancelledRunLeavesNothingDownAfterRestore() async throws {
    _ = try await inject("all")
    await turns(12, of: 5)
    try await fault.restore(in: cluster)
    await time.whenAsleep(0)
    for name in cluster.names { #expect(try cluster.fakeProcesses.state(name).pid != nil) }
    try await fault.restore(in: cluster)
    #expect(try await fault.heal(in: cluster).summary == "no node was to be killed")
    try await fault.restore(in: FakeCluster(3, without: .processes))
  }
}
