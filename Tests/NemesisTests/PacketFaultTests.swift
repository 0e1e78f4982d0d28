import Clusters
import Histories
import Testing

@testable import Nemesis

@Suite struct PacketFaultTests {
  static let packages = FaultCatalogue.all.filter { $0.requires == [.packets] }

  let cluster = FakeCluster(3)
  let order = ["n2", "n3", "n1"]

  private func action(
    _ package: FaultPackage, _ target: String = "one", _ parameters: [String: FaultArgument] = [:]
  ) -> FaultAction {
    FaultAction(
      id: 0, fault: package.name, target: target, at: 0, hold: 1_000_000_000, order: order, parameters: parameters)
  }

  private func links(
    _ target: String, _ parameters: [String: FaultArgument] = [:]
  ) async throws -> Set<Link> {
    let fault = FaultPackage.packetLoss.make()
    _ = try await fault.inject(action(.packetLoss, target, parameters), in: cluster)
    defer { cluster.fakePackets.configure { $0.rules = [:] } }
    return cluster.fakePackets.rules[0].links
  }

  @Test func directionAndClientsDecideWhichLinks() async throws {
    #expect(try await links("one") == NemesisTests.links("n2>n1 n1>n2 n2>n3 n3>n2"))
    #expect(try await links("one", ["direction": .text("out")]) == NemesisTests.links("n2>n1 n2>n3"))
    #expect(try await links("one", ["direction": .text("in")]) == NemesisTests.links("n1>n2 n3>n2"))
    #expect(
      try await links("one", ["direction": .text("out"), "clients": .text("yes")])
        == NemesisTests.links("n2>n1 n2>n3 n2>controller"))
    #expect(try await links("link") == NemesisTests.links("n2>n3 n3>n2"))
    #expect(try await links("link", ["direction": .text("in")]) == NemesisTests.links("n3>n2"))
    #expect(try await links("all").count == 6)
    #expect(try await links("all", ["clients": .text("yes")]).count == 12)
    cluster.fakePrimaries.answer([["n1"]])
    #expect(
      try await links("primary", ["direction": .text("out")]) == NemesisTests.links("n1>n2 n1>n3"))
  }

  @Test func everyPackageImposesItsOwnKindWithItsNumbers() async throws {
    let given: [String: FaultArgument] = [
      "percent": .number(12), "correlation": .number(50), "delay": .number(0.25), "jitter": .number(0.01),
      "distribution": .text("pareto"), "rate": .number(64000), "seed": .number(4711),
    ]
    let expected: [String: PacketChange] = [
      "packet-corrupt": .corrupt(percent: 12), "packet-delay": .delay(seconds: 0.25, jitterSeconds: 0.01, .pareto),
      "packet-duplicate": .duplicate(percent: 12), "packet-loss": .loss(percent: 12, correlation: 0.5),
      "packet-rate": .rate(bitsPerSecond: 64000), "packet-reorder": .reorder(percent: 12, seconds: 0.25),
      "slow-close": .slowClose(seconds: 0.25), "tcp-reset": .reset,
    ]
    #expect(Set(Self.packages.map(\.name)) == Set(expected.keys))
    for package in Self.packages {
      let cluster = FakeCluster(3)
      let fault = package.make()
      #expect(try await fault.inject(action(package, "one", given), in: cluster) == .injected(targets: "n2"))
      #expect(cluster.fakePackets.rules.map(\.change) == [expected[package.name]])
      #expect(cluster.fakePackets.rules.map(\.seed) == [4711])
      try await fault.restore(in: cluster)
      #expect(cluster.fakePackets.rules.isEmpty, "\(package.name)")
    }
  }

  /// What a plan gets that names the fault and nothing else must be a rule that a cluster accepts.
  @Test(arguments: PacketFaultTests.packages.map(\.name))
  func initialParametersAreWithinTheirLimits(_ name: String) throws {
    let package = try #require(FaultCatalogue.named(name))
    for parameter in package.parameters { #expect(parameter.problem(parameter.initial) == nil) }
    #expect(package.parameters.map(\.name).contains("direction"))
    #expect(package.targets.map(\.name).contains("link"))
  }

  // MARK: - Evidence

  private func evidence(
    _ package: FaultPackage, _ effects: PacketEffects, _ parameters: [String: FaultArgument] = [:]
  ) async throws -> FaultEvidence {
    cluster.fakePackets.configure { $0.effects = effects }
    let fault = package.make()
    _ = try await fault.inject(action(package, "one", parameters), in: cluster)
    return try await fault.heal(in: cluster)
  }

  private func effects(
    packets: Int = 40, probe: ProbeReport = ProbeReport(), stack: StackCounters = StackCounters()
  ) -> PacketEffects {
    PacketEffects(
      affected: PacketCount(packets: packets, bytes: 60 * packets),
      links: [
        Link(from: "n2", to: "n1"): PacketTally(seen: 90, hit: packets),
        Link(from: "n2", to: "n3"): PacketTally(seen: 5),
      ],
      probe: probe, stacks: ["n1": stack, "n2": StackCounters()])
  }

  @Test func delayIsProvedByWhatProbesTook() async throws {
    let parameters: [String: FaultArgument] = ["delay": .number(0.05), "jitter": .number(0.01)]
    let slow = ProbeReport(links: 2, sent: 20, received: 20, medianNanoseconds: 51_340_000)
    let proved = try await evidence(.packetDelay, effects(probe: slow), parameters)
    #expect(proved.took)
    #expect(proved.summary == "40 packets delayed on 1 of 2 links; probes took 51.3 ms")
    let quick = ProbeReport(links: 2, sent: 20, received: 20, medianNanoseconds: 310_000)
    let idle = try await evidence(.packetDelay, effects(probe: quick), parameters)
    #expect(!idle.took)
    #expect(idle.summary == "40 packets delayed on 1 of 2 links; nothing else noticed it")
    #expect(try await !evidence(.packetDelay, effects(probe: ProbeReport()), parameters).took)
  }

  @Test func corruptionReorderingAndResetsAreProvedByTheReceiversKernels() async throws {
    #expect(try await !evidence(.packetCorrupt, effects()).took)
    #expect(try await evidence(.packetCorrupt, effects(stack: StackCounters(checksumErrors: 3))).took)
    #expect(try await !evidence(.packetReorder, effects()).took)
    #expect(try await evidence(.packetReorder, effects(stack: StackCounters(outOfOrder: 1))).took)
    #expect(try await evidence(.packetReorder, effects(probe: ProbeReport(late: 1))).took)
    #expect(try await !evidence(.tcpReset, effects()).took)
    #expect(try await evidence(.tcpReset, effects(stack: StackCounters(resets: 2))).took)
  }

  @Test(arguments: PacketFaultTests.packages.map(\.name))
  func withoutPacketsOfTheSystemNothingTook(_ name: String) async throws {
    let package = try #require(FaultCatalogue.named(name))
    let probe = ProbeReport(sent: 9, received: 9, duplicated: 9, late: 9, medianNanoseconds: 60_000_000_000)
    let stack = StackCounters(checksumErrors: 9, resets: 9, retransmitted: 9, outOfOrder: 9)
    #expect(try await !evidence(package, effects(packets: 0, probe: probe, stack: stack)).took)
    #expect(try await evidence(package, effects(packets: 1, probe: probe, stack: stack)).took)
  }

  @Test(arguments: PacketFaultTests.packages.map(\.name))
  func silentlyIgnoredRuleIsNoEvidence(_ name: String) async throws {
    let package = try #require(FaultCatalogue.named(name))
    cluster.fakePackets.configure { $0.ignores = true }
    let found = try await evidence(package, effects())
    #expect(!found.took)
    #expect(found.summary == "the rule was no longer in force")
  }

  // MARK: - Failures

  @Test func failedInjectionLeavesNoRule() async throws {
    cluster.fakePackets.configure { $0.imposeFailures = 1 }
    let fault = FaultPackage.packetLoss.make()
    await #expect(throws: Planned.self) { try await fault.inject(action(.packetLoss), in: cluster) }
    #expect(cluster.fakePackets.rules.isEmpty)
  }

  @Test func failedHealCanBeRepeatedWithItsEvidence() async throws {
    cluster.fakePackets.configure { [effects = effects()] state in state.effects = effects }
    let fault = FaultPackage.packetLoss.make()
    _ = try await fault.inject(action(.packetLoss), in: cluster)
    cluster.fakePackets.configure { $0.liftFailures = 1 }
    await #expect(throws: Planned.self) { try await fault.heal(in: cluster) }
    #expect(try await fault.heal(in: cluster).took)
    #expect(cluster.fakePackets.rules.isEmpty)
  }

  @Test func restoreLiftsWithoutAnInjectionToo() async throws {
    cluster.fakePackets.configure { $0.rules[.loss] = PacketRule(.loss(percent: 1, correlation: 0), on: [], seed: 1) }
    let fault = FaultPackage.packetLoss.make()
    try await fault.restore(in: cluster)
    try await fault.restore(in: cluster)
    #expect(cluster.fakePackets.rules.isEmpty)
    try await fault.restore(in: FakeCluster(3, without: .packets))
  }

  @Test func clusterThatCannotIsSkippedWithTheReason() async throws {
    let cluster = FakeCluster(3, without: .packets)
    let reason = try #require(FaultPackage.packetLoss.unavailability(target: "one", in: cluster))
    #expect(reason.contains("nfnetlink_queue"))
    #expect(
      try await FaultPackage.packetLoss.make().inject(action(.packetLoss), in: cluster) == .skipped(reason: reason))
  }

  /// The fake throws in a cancelled task, as a cluster may.
  @Test func cancelledCallerStillImposesAndHeals() async throws {
    let (cluster, action) = (cluster, action(.packetLoss))
    let fault = FaultPackage.packetLoss.make()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return (try await fault.inject(action, in: cluster), try await fault.heal(in: cluster))
    }
    #expect(try await task.value.0 == .injected(targets: "n2"))
    #expect(cluster.fakePackets.rules.isEmpty)
  }
}
