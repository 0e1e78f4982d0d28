import Clusters
import Histories
import Testing

@testable import Nemesis

@Suite struct ClockFaultTests {
  let cluster = FakeCluster(5)
  let time = ManualClock()
  let order = ["n4", "n2", "n5", "n1", "n3"]

  init() {
    let time = time
    cluster.fakeClocks.configure { $0.now = { time.now } }
  }

  private func action(
    _ fault: String, _ target: String, _ parameters: [String: FaultArgument]
  ) -> FaultAction {
    FaultAction(id: 0, fault: fault, target: target, at: 0, hold: 1_000_000_000, order: order, parameters: parameters)
  }

  private func bump(_ target: String = "minority", behind: Double = 0) -> FaultAction {
    action("clock-bump", target, ["offset": .number(1.5), "behind": .number(behind)])
  }

  private var drift: FaultAction { action("clock-drift", "minority", ["rate": .number(-25)]) }

  // MARK: - Bump

  @Test(arguments: [
    ("one", "n4"), ("minority", "n2 n4"), ("majority", "n2 n4 n5"), ("all", "n1 n2 n3 n4 n5"), ("primary", "n5"),
  ])
  func bumpSetsTheFirstOfTheOrder(_ target: String, _ victims: String) async throws {
    cluster.fakePrimaries.answer([["n3", "n5"]])
    let fault = ClockBumpFault(clock: time.jumping)
    #expect(try await fault.inject(bump(target), in: cluster) == .injected(targets: "\(victims) by +1.5 s"))
    #expect(cluster.fakeClocks.skewed.joined(separator: " ") == victims)
    #expect(try await fault.heal(in: cluster).took)
    #expect(cluster.fakeClocks.skewed.isEmpty)
  }

  @Test func bumpBehindAndItsEvidence() async throws {
    let fault = ClockBumpFault(clock: time.jumping)
    #expect(try await fault.inject(bump("one", behind: 1), in: cluster) == .injected(targets: "n4 by -1.5 s"))
    #expect(cluster.fakeClocks.ahead("n4") == -1_500_000_000)
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary == "n4: pid 201 -1.5 s, back pid 201 +1.5 s")
    let away: Value = ["pid": 201, "before": 0, "after": -1_500_000_000]
    let back: Value = ["pid": 201, "before": -1_500_000_000, "after": 0]
    #expect(
      evidence.detail == [
        "nodes": [["node": "n4", "offset": -1_500_000_000, "away": [away], "back": [back]]]
      ])
  }

  @Test func silentlyIgnoredSkewsAreNoEvidence() async throws {
    cluster.fakeClocks.configure { $0.ignores = true }
    for package in [FaultPackage.clockBump, .clockDrift, .clockStrobe] {
      let fault = package.make()
      let parameters: [String: FaultArgument] = [
        "offset": .number(1), "behind": .number(0), "rate": .number(50), "period": .number(60),
      ]
      _ = try await fault.inject(action(package.name, "minority", parameters), in: cluster)
      time.set(time.now + 1_000_000_000)
      #expect(try await !fault.heal(in: cluster).took, "\(package.name)")
    }
  }

  /// It is another fault that killed it: what is proved of one end of the skew is enough, of none it is not.
  @Test func nodeThatIsDownAtOneEndIsProvedByTheOther() async throws {
    let fault = ClockBumpFault(clock: time.jumping)
    cluster.fakeClocks.configure { $0.down = ["n4"] }
    _ = try await fault.inject(bump(), in: cluster)
    cluster.fakeClocks.configure { $0.down = [] }
    #expect(try await fault.heal(in: cluster).took)
    cluster.fakeClocks.configure { $0.down = ["n4"] }
    _ = try await fault.inject(bump(), in: cluster)
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary.contains("n4: no process had its clock moved"))
  }

  @Test func clockThatMovedByAnotherDistanceIsNoEvidence() {
    let right = ClockStep(pid: 1, before: 0, after: 1_040_000_000)
    let wrong = ClockStep(pid: 2, before: 0, after: 700_000_000)
    #expect(jumpEvidence([ClockJump(node: "n1", offset: 1_000_000_000, away: [right])]).took)
    #expect(!jumpEvidence([ClockJump(node: "n1", offset: 1_000_000_000, away: [right, wrong])]).took)
    #expect(!jumpEvidence([ClockJump(node: "n1", offset: 1_000_000_000, away: [right], back: [right])]).took)
    #expect(!jumpEvidence([ClockJump(node: "n1", offset: 0, away: [ClockStep(pid: 1, before: 0, after: 0)])]).took)
    #expect(!jumpEvidence([]).took)
  }

  @Test func failedBumpLeavesEveryClockRight() async throws {
    cluster.fakeClocks.configure { $0.fails = ["n5"] }
    let fault = ClockBumpFault(clock: time.jumping)
    await #expect(throws: FaultError("n5 cannot have its clock set: Planned()")) {
      try await fault.inject(bump("majority"), in: cluster)
    }
    #expect(cluster.fakeClocks.skewed.isEmpty)
    #expect(try await fault.heal(in: cluster).summary == "no clock was to be set")
  }

  // MARK: - Drift

  @Test func driftIsProvedByWhatWasGained() async throws {
    let fault = ClockDriftFault(clock: time.clock)
    #expect(try await fault.inject(drift, in: cluster) == .injected(targets: "n2 n4 by -25.0 %"))
    time.set(8_000_000_000)
    #expect(cluster.fakeClocks.ahead("n2") == -2_000_000_000)
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary == "n2: pid 201 gained -2.0 s; n4: pid 201 gained -2.0 s")
    #expect(cluster.fakeClocks.skewed.isEmpty)
  }

  @Test func driftAtAnotherRateIsNoEvidence() {
    let gain = { (change: Int64) in
      ClockGain(node: "n1", wanted: 980...1000, back: [ClockStep(pid: 1, before: change, after: 0)]).tookEffect
    }
    #expect(gain(990) && gain(1090))
    #expect(!gain(1200) && !gain(800) && !gain(-990) && !gain(0))
  }

  // MARK: - Strobe

  @Test func strobeJumpsToAndFroUntilItIsHealed() async throws {
    let fault = ClockStrobeFault(clock: time.clock)
    let action = action("clock-strobe", "one", ["offset": .number(2), "period": .number(0.1)])
    #expect(try await fault.inject(action, in: cluster) == .injected(targets: "n4 by +2.0 s every 0.1 s"))
    var seen = [cluster.fakeClocks.ahead("n4")]
    for turn in 1...4 {
      await time.whenAsleep(1)
      #expect(time.wakeNext() == Int64(turn) * 100_000_000)
      await time.whenAsleep(1)
      seen.append(cluster.fakeClocks.ahead("n4"))
    }
    #expect(seen == [2_000_000_000, 0, 2_000_000_000, 0, 2_000_000_000])
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary == "n4: 6 jumps measured")
    #expect(cluster.fakeClocks.skewed.isEmpty)
    await time.whenAsleep(0)
  }

  @Test func strobeThatFailsUnderWayIsSaid() async throws {
    let fault = ClockStrobeFault(clock: time.clock)
    let action = action("clock-strobe", "one", ["offset": .number(2), "period": .number(0.1)])
    _ = try await fault.inject(action, in: cluster)
    await time.whenAsleep(1)
    time.wakeNext()
    await time.whenAsleep(1)
    cluster.fakeClocks.configure { $0.fails = ["n4"] }
    time.wakeNext()
    await time.whenAsleep(0)
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary == "n4: 2 jumps measured; ended early: n4 cannot have its clock set: Planned()")
    #expect(cluster.fakeClocks.skewed.isEmpty)
  }

  @Test func strobeNeedsAJumpToAndOneFro() {
    #expect(ClockStrobing(node: "n1", seen: 2, missed: 0).tookEffect)
    #expect(!ClockStrobing(node: "n1", seen: 1, missed: 0).tookEffect)
    #expect(!ClockStrobing(node: "n1", seen: 9, missed: 1).tookEffect)
  }

  // MARK: - All of them

  @Test(arguments: [FaultPackage.clockBump, .clockDrift, .clockStrobe].map(\.name))
  func restoreTakesBackItsOwnAndNothingElse(_ name: String) async throws {
    let package = try #require(FaultCatalogue.named(name))
    for owner in [name, "other"] {
      _ = try await cluster.fakeClocks.set("n1", ClockSkew(offsetNanoseconds: 7), by: owner)
    }
    let fault = package.make()
    for _ in 1...2 { try await fault.restore(in: cluster) }
    #expect(cluster.fakeClocks.ahead("n1") == 7)
    try await fault.restore(in: FakeCluster(3, without: .clocks))
    let refusal = package.unavailability(target: "one", in: FakeCluster(3, without: .clocks))
    #expect(refusal?.contains("x86-64") == true)
  }

  /// The fake throws in a cancelled task, as a cluster may.
  @Test func cancelledCallerStillSetsAll() async throws {
    let fault = ClockBumpFault(clock: time.jumping)
    let (cluster, action) = (cluster, bump())
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      let injection = try await fault.inject(action, in: cluster)
      return (injection, try await fault.heal(in: cluster))
    }
    let (injection, evidence) = try await task.value
    #expect(injection == .injected(targets: "n2 n4 by +1.5 s"))
    #expect(evidence.took && cluster.fakeClocks.skewed.isEmpty)
  }

  @Test(arguments: [FaultPackage.clockBump, .clockDrift, .clockStrobe].map(\.name))
  func initialParametersAreWithinTheirLimits(_ name: String) throws {
    let package = try #require(FaultCatalogue.named(name))
    for parameter in package.parameters { #expect(parameter.problem(parameter.initial) == nil, "\(parameter.name)") }
  }
}
