import Clusters
import Generators
import Histories
import Synchronization
import Testing

@testable import Nemesis

private let millisecond: Int64 = 1_000_000

/// A runner on a fake cluster of three nodes; times in milliseconds.
private struct Bench {
  let cluster: FakeCluster
  let time = ManualClock()
  let log = EventLog()
  let runner: NemesisRunner

  init(
    _ actions: [(fault: String, target: String, at: Int64, hold: Int64)], packages: [FaultPackage]? = nil,
    cluster: FakeCluster = FakeCluster(3), order: [String]? = nil, jumping: Bool = false
  ) {
    self.cluster = cluster
    let planned = actions.enumerated().map { index, action in
      FaultAction(
        id: index, fault: action.fault, target: action.target, at: action.at * millisecond,
        hold: action.hold * millisecond, order: order ?? cluster.names)
    }
    let schedule = FaultSchedule(
      seed: 1, durationNanoseconds: 10_250 * millisecond, nodes: cluster.names, actions: planned)
    let clock = jumping ? time.jumping : time.clock
    let real = [
      package(.kill) { KillFault(clock: clock) }, package(.partition) { PartitionFault(clock: clock) },
    ]
    runner = NemesisRunner(schedule: schedule, cluster: cluster, clock: clock, packages: packages ?? real) {
      [log] event in log.append(event)
    }
  }

  /// Wakes the sleepers one by one while the runner runs; `asleep` is how many sleep before each.
  func drive(_ asleep: [Int]) async {
    for count in asleep {
      await time.whenAsleep(count)
      time.wakeNext()
    }
  }
}

private func package(_ model: FaultPackage, make: @escaping @Sendable () -> any Fault) -> FaultPackage {
  var copy = model
  copy.make = make
  return copy
}

@Suite(.timeLimit(.minutes(1))) struct NemesisRunnerTests {
  @Test func injectsHoldsAndHealsEachInTurn() async {
    let bench = Bench([("partition", "isolate-one", 100, 50), ("partition", "halves", 300, 60)], jumping: true)
    bench.cluster.fakeNetwork.configure { $0.packetsAtOnce = 2 }
    await bench.runner.run()
    #expect(
      bench.log.lines == [
        "100 injecting partition#0", "100 injected partition#0 on n1 | n2 n3",
        "150 healing partition#0", "150 healed partition#0 took",
        "300 injecting partition#1", "300 injected partition#1 on n1 | n2 n3",
        "360 healing partition#1", "360 healed partition#1 took",
      ])
    let calls = bench.cluster.fakeNetwork.calls
    #expect(calls.map(\.count) == [4, 0, 4, 0])
    #expect(await bench.runner.finalHeal().isEmpty)
    #expect(bench.log.lines.count == 8)
  }

  @Test func differentFaultsRunSideBySide() async {
    let bench = Bench([("kill", "one", 100, 200), ("partition", "halves", 150, 50)])
    bench.cluster.fakeNetwork.configure { $0.packetsAtOnce = 1 }
    let run = Task { await bench.runner.run() }
    await bench.drive([2, 2, 2])
    await bench.log.when("200 healed partition#1 took")
    await bench.drive([1])
    await run.value
    #expect(
      bench.log.lines == [
        "100 injecting kill#0", "100 injected kill#0 on n1",
        "150 injecting partition#1", "150 injected partition#1 on n1 | n2 n3",
        "200 healing partition#1", "200 healed partition#1 took",
        "300 healing kill#0", "300 healed kill#0 took",
      ])
  }

  /// A search for a primary that lasts must hold up nobody else.
  @Test func slowInjectionDoesNotDelayAnotherFaultsHeal() async {
    let gate = Gate()
    let slow = FaultScript(injects: { _ in
      await gate.pass()
      return .injected(targets: "slow")
    })
    let bench = Bench(
      [("quick", "any", 100, 100), ("slow", "any", 150, 100)],
      packages: [FaultScript().package("quick"), slow.package("slow")])
    let run = Task { await bench.runner.run() }
    await bench.drive([2, 2])
    await bench.log.when("150 injecting slow#1")
    await bench.drive([1])
    await bench.log.when("200 healed quick#0 took")
    #expect(!bench.log.lines.contains { $0.contains("injected slow") })
    bench.time.set(400 * millisecond)
    await gate.open()
    await bench.drive([1])
    await run.value
    // It was held for as long as asked, from the moment it was there.
    #expect(
      bench.log.lines.suffix(3) == [
        "400 injected slow#1 on slow", "500 healing slow#1", "500 healed slow#1 took",
      ])
  }

  @Test func nothingLastsBeyondTheLoadPhase() async {
    let time = Mutex<ManualClock?>(nil)
    let slow = FaultScript(injects: { _ in
      time.withLock { $0?.set(9_600 * millisecond) }
      return .injected(targets: "x")
    })
    let bench = Bench(
      [("slow", "any", 8_000, 1_000), ("slow", "any", 9_500, 500)], packages: [slow.package("slow")], jumping: true)
    time.withLock { $0 = bench.time }
    await bench.runner.run()
    #expect(
      bench.log.lines == [
        "8000 injecting slow#0", "9600 injected slow#0 on x", "10000 healing slow#0", "10000 healed slow#0 took",
        "10000 skipped slow#1: its turn came too late: the actions before it took too long",
      ])
  }

  @Test func unavailableFaultsAreSkippedVisibly() async {
    let bench = Bench(
      [("kill", "one", 100, 50), ("kill", "one", 300, 50), ("earthquake", "any", 400, 50)],
      cluster: FakeCluster(3, without: .processes), jumping: true)
    await bench.runner.run()
    #expect(
      Set(bench.log.lines.map { $0.split(separator: " ", maxSplits: 1)[1] }) == [
        "skipped kill#0: this kind of cluster cannot start and kill processes",
        "skipped kill#1: this kind of cluster cannot start and kill processes",
        "skipped earthquake#2: there is no fault named earthquake",
      ])
    #expect(await bench.runner.finalHeal().isEmpty)
  }

  @Test func tooFewNodesAreSkippedVisibly() async {
    let bench = Bench([("partition", "halves", 100, 50)], cluster: FakeCluster(1), jumping: true)
    await bench.runner.run()
    #expect(bench.log.lines == ["100 skipped partition#0: partition needs at least 2 nodes; the cluster has 1"])
  }

  @Test func scheduleOfAnotherClusterIsSkipped() async {
    let bench = Bench([("kill", "one", 100, 50)], order: ["a", "b"], jumping: true)
    await bench.runner.run()
    #expect(bench.log.lines == ["100 skipped kill#0: its nodes (a b) are not those of the cluster"])
    #expect(bench.cluster.fakeProcesses.calls.isEmpty)
  }

  @Test func ignoredInjectionsGiveNoEvidence() async {
    let bench = Bench([("kill", "one", 100, 50), ("partition", "halves", 100, 50)], jumping: true)
    bench.cluster.fakeNetwork.configure {
      $0.ignores = true
      $0.packetsAtOnce = 5
    }
    bench.cluster.fakeProcesses.configure { $0.ignoresKills = true }
    await bench.runner.run()
    let took = bench.log.events.compactMap { event -> Bool? in
      if case .healed(_, let evidence, _) = event { evidence.took } else { nil }
    }
    #expect(took == [false, false])
  }

  @Test func failedInjectionIsReportedAndTheNextIsTried() async {
    let bench = Bench([("partition", "halves", 100, 50), ("partition", "halves", 200, 50)], jumping: true)
    bench.cluster.fakeNetwork.configure {
      $0.failures = 1
      $0.packetsAtOnce = 1
    }
    await bench.runner.run()
    #expect(
      bench.log.lines == [
        "100 injecting partition#0", "100 failed to inject partition#0: Planned()",
        "200 injecting partition#1", "200 injected partition#1 on n1 | n2 n3",
        "250 healing partition#1", "250 healed partition#1 took",
      ])
  }

  @Test func cancelledRunIsHealedInTheEnd() async {
    let bench = Bench([("kill", "one", 100, 200), ("partition", "halves", 150, 500), ("kill", "one", 800, 100)])
    bench.cluster.fakeNetwork.configure { $0.packetsAtOnce = 1 }
    let run = Task {
      await bench.runner.run()
      // Still in the cancelled task: the fake cluster throws when it sees the cancellation.
      return await bench.runner.finalHeal()
    }
    await bench.drive([2, 2])
    await bench.time.whenAsleep(2)
    #expect(bench.cluster.fakeNetwork.cutNow.count == 4)
    run.cancel()
    #expect(await run.value.isEmpty)
    #expect(
      bench.log.lines == [
        "100 injecting kill#0", "100 injected kill#0 on n1",
        "150 injecting partition#1", "150 injected partition#1 on n1 | n2 n3",
        "150 healing kill#0", "150 healed kill#0 took",
        "150 healing partition#1", "150 healed partition#1 took",
      ])
    #expect(bench.cluster.fakeNetwork.cutNow.isEmpty)
    #expect(await bench.runner.finalHeal().isEmpty)
    #expect(bench.log.lines.count == 8, "healed twice")
  }

  /// The final heal comes while the schedule still runs, from a signal handler say.
  @Test func finalHealStopsTheSchedule() async {
    let gate = Gate()
    let slow = FaultScript(injects: { _ in
      await gate.pass()
      return .injected(targets: "slow")
    })
    let bench = Bench([("slow", "any", 100, 100), ("slow", "any", 500, 100)], packages: [slow.package("slow")])
    let run = Task { await bench.runner.run() }
    await bench.drive([1])
    await bench.log.when("100 injecting slow#0")
    let final = Task { await bench.runner.finalHeal() }
    await gate.open()
    #expect(await final.value.isEmpty)
    await run.value
    #expect(
      bench.log.lines == [
        "100 injecting slow#0", "100 injected slow#0 on slow", "100 healing slow#0", "100 healed slow#0 took",
      ])
    await bench.runner.run()
    #expect(bench.log.lines.count == 4, "ran again after the final heal")
  }

  @Test func healingUnderWayIsEnded() async {
    let gate = Gate()
    let script = FaultScript(heals: {
      await gate.pass()
      try Task.checkCancellation()
      return FaultEvidence(took: true, summary: "", detail: nil)
    })
    let bench = Bench([("slow", "any", 100, 100)], packages: [script.package("slow")])
    let run = Task { await bench.runner.run() }
    await bench.drive([1, 1])
    await bench.log.when("200 healing slow#0")
    run.cancel()
    await gate.open()
    await run.value
    #expect(bench.log.lines.last == "200 healed slow#0 took")
  }

  @Test func interruptedSearchForAPrimaryIsSkipped() async {
    let bench = Bench([("partition", "isolate-primary", 100, 100)])
    let run = Task { await bench.runner.run() }
    await bench.drive([1])
    await bench.time.whenAsleep(1)
    run.cancel()
    await run.value
    #expect(
      bench.log.lines == ["100 injecting partition#0", "100 skipped partition#0: the run was interrupted"])
  }

  @Test func failedHealIsTriedAgainInTheEnd() async {
    let bench = Bench([("partition", "halves", 100, 50), ("partition", "halves", 200, 50)], jumping: true)
    bench.cluster.fakeNetwork.configure { $0.packetsAtOnce = 3 }
    let network = bench.cluster.fakeNetwork
    network.configure { $0.callsThatFail = [1] }
    await bench.runner.run()
    #expect(
      bench.log.lines == [
        "100 injecting partition#0", "100 injected partition#0 on n1 | n2 n3",
        "150 healing partition#0", "150 failed to heal partition#0: Planned()",
        "200 skipped partition#1: action 0 could not be healed",
      ])
    #expect(await bench.runner.finalHeal().isEmpty)
    #expect(bench.log.lines.suffix(2) == ["200 healing partition#0", "200 healed partition#0 took"])
    #expect(network.cutNow.isEmpty)
  }

  @Test func whatStaysBrokenIsReturnedAndCanBeTriedAgain() async {
    let broken = Mutex(true)
    let script = FaultScript(
      heals: { throw Planned() },
      restores: { if broken.withLock({ $0 }) { throw Planned() } })
    let bench = Bench([("stuck", "any", 100, 50)], packages: [script.package("stuck")], jumping: true)
    await bench.runner.run()
    #expect(await bench.runner.finalHeal() == ["stuck: Planned()"])
    #expect(bench.log.lines.last == "150 failed to restore stuck: Planned()")
    broken.withLock { $0 = false }
    #expect(await bench.runner.finalHeal().isEmpty)
  }

  @Test func finalHealRestoresEveryFaultOfTheSchedule() async {
    let restored = Mutex<[String]>([])
    let packages = ["a", "b", "c"].map { name in
      FaultScript(restores: { restored.withLock { $0.append(name) } }).package(name)
    }
    let bench = Bench([("c", "any", 100, 50), ("a", "any", 120, 50)], packages: packages)
    #expect(await bench.runner.finalHeal().isEmpty)
    #expect(restored.withLock { $0 } == ["a", "c"])
    #expect(bench.log.lines.isEmpty)
  }

  /// What needs the system to be healed waits until the system can.
  @Test func finalHealUndoesLastWhatNeedsTheSystem() async {
    let order = Mutex<[String]>([])
    let packages = ["a", "b"].map { name in
      var package = FaultScript(
        heals: {
          order.withLock { $0.append("heal \(name)") }
          return FaultEvidence(took: true, summary: "", detail: nil)
        }, restores: { order.withLock { $0.append("restore \(name)") } }
      ).package(name)
      package.healsLast = name == "a"
      return package
    }
    let bench = Bench([("a", "any", 100, 500), ("b", "any", 100, 500)], packages: packages)
    let run = Task { await bench.runner.run() }
    await bench.drive([2, 2])
    await bench.time.whenAsleep(2)
    run.cancel()
    await run.value
    #expect(await bench.runner.finalHeal().isEmpty)
    #expect(order.withLock { $0 } == ["heal b", "heal a", "restore b", "restore a"])
  }

  /// Two faults that cut at once: each heals its own links and leaves the other's.
  @Test func packagesShareTheNetwork() async {
    let second = package(.partition) { PartitionFault(clock: .startingNow()) }
    var other = second
    other.name = "other"
    let bench = Bench(
      [("partition", "halves", 100, 200), ("other", "isolate-one", 200, 200)], packages: [second, other])
    bench.cluster.fakeNetwork.configure { $0.packetsAtOnce = 1 }
    let run = Task { await bench.runner.run() }
    await bench.drive([2, 2])
    await bench.time.whenAsleep(2)
    bench.cluster.fakeNetwork.traffic(1)
    await bench.drive([2])
    await bench.log.when("300 healed partition#0 took")
    #expect(bench.cluster.fakeNetwork.cutNow.count == 4)
    await bench.drive([1])
    await run.value
    #expect(bench.log.lines.last == "400 healed other#1 took")
    #expect(bench.cluster.fakeNetwork.cutNow.isEmpty)
  }

  /// A whole schedule, end to end: everything that was injected is healed with evidence, nothing stays broken.
  @Test(arguments: 0..<50 as Range<UInt64>) func wholeSchedulesLeaveNothingBroken(_ seed: UInt64) async throws {
    let cluster = FakeCluster(5)
    cluster.fakePrimaries.answer([["n3"]])
    cluster.fakeNetwork.configure { $0.packetsAtOnce = 1 }
    let log = EventLog()
    for name in ["kill", "membership", "partition"] {
      let settings = try #require(FaultCatalogue.named(name)).defaultSettings(durationSeconds: 60)
      let schedule = FaultSchedule.make(
        settings: [settings], nodes: cluster.names, durationNanoseconds: 60_000 * millisecond,
        streams: RandomStreams(seed: seed))
      let clock = ManualClock().jumping
      let packages = [.kill, .partition, package(.membership) { MembershipFault(clock: clock) }]
      let runner = NemesisRunner(schedule: schedule, cluster: cluster, clock: clock, packages: packages) {
        log.append($0)
      }
      let before = log.events.count
      await runner.run()
      let healed = log.events[before...].filter { if case .healed(_, let proof, _) = $0 { proof.took } else { false } }
      #expect(healed.count == schedule.actions.count)
      #expect(await runner.finalHeal().isEmpty)
    }
    #expect(cluster.fakeNetwork.cutNow.isEmpty)
    #expect(cluster.fakeMembership.members == cluster.names)
    for name in cluster.names { #expect(try cluster.fakeProcesses.state(name).pid != nil) }
  }
}
