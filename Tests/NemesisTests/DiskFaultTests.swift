import Clusters
import Histories
import Testing

@testable import Nemesis

@Suite struct DiskFaultTests {
  static let packages = FaultCatalogue.all.filter { $0.requires.contains(.disks) }

  let cluster = FakeCluster(5)
  let order = ["n4", "n2", "n5", "n1", "n3"]

  private func action(
    _ package: FaultPackage, _ target: String = "minority", _ given: [String: FaultArgument] = [:]
  ) -> FaultAction {
    var parameters: [String: FaultArgument] = [:]
    for parameter in package.parameters {
      if case .range(let low, _) = parameter.initial {
        parameters[parameter.name] = .number(low)
      } else {
        parameters[parameter.name] = parameter.initial
      }
    }
    return FaultAction(
      id: 0, fault: package.name, target: target, at: 0, hold: 1_000_000_000, order: order,
      parameters: parameters.merging(given) { $1 })
  }

  private var down: [String] {
    get throws { try cluster.names.filter { try cluster.fakeProcesses.state($0).hasEnded } }
  }

  @Test func namesAndParametersHold() {
    #expect(
      Self.packages.map(\.name) == [
        "disk-bitflip", "disk-errors", "disk-full", "disk-lose-unsynced", "disk-restore", "disk-slow",
        "disk-torn-write", "disk-truncate",
      ])
    for package in Self.packages {
      for parameter in package.parameters { #expect(parameter.problem(parameter.initial) == nil, "\(package.name)") }
    }
  }

  /// Injected, healed, with evidence; then everything is as before but for the harm.
  @Test(arguments: Self.packages.map(\.name)) func everyFaultTakesEffectAndHeals(name: String) async throws {
    let package = try #require(FaultCatalogue.named(name))
    let fault = package.make()
    #expect(try await fault.inject(action(package), in: cluster) == .injected(targets: "n2 n4"))
    for node in ["n2", "n4"] { cluster.fakeDisks.append(node) }
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took, "\(evidence.summary)")
    #expect(try down.isEmpty)
    #expect(cluster.fakeDisks.troubled == [])
    try await fault.restore(in: cluster)
    try await fault.restore(in: cluster)
  }

  @Test(arguments: Self.packages.map(\.name)) func silentlyIgnoredFaultIsNoEvidence(name: String) async throws {
    let package = try #require(FaultCatalogue.named(name))
    let fault = package.make()
    cluster.fakeDisks.configure { $0.ignores = true }
    #expect(try await fault.inject(action(package), in: cluster) == .injected(targets: "n2 n4"))
    for node in ["n2", "n4"] { cluster.fakeDisks.append(node) }
    #expect(try await !fault.heal(in: cluster).took)
    #expect(try down.isEmpty)
  }

  @Test(arguments: Self.packages.map(\.name)) func failedDiskLeavesNothingBroken(name: String) async throws {
    let package = try #require(FaultCatalogue.named(name))
    let fault = package.make()
    cluster.fakeDisks.configure { $0.fails = ["n2"] }
    await #expect(throws: (any Error).self) { try await fault.inject(action(package), in: cluster) }
    cluster.fakeDisks.configure { $0.fails = [] }
    try await fault.restore(in: cluster)
    #expect(try down.isEmpty)
    #expect(cluster.fakeDisks.troubled == [])
  }

  /// Half of the nodes broken and forgotten would be worse than a late interruption.
  @Test(arguments: Self.packages.map(\.name)) func cancelledCallerStillBreaksAll(name: String) async throws {
    let package = try #require(FaultCatalogue.named(name))
    let fault = package.make()
    let (cluster, action) = (cluster, action(package))
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await fault.inject(action, in: cluster)
    }
    #expect(try await task.value == .injected(targets: "n2 n4"))
    for node in ["n2", "n4"] { cluster.fakeDisks.append(node) }
    #expect(try await fault.heal(in: cluster).took)
  }

  @Test(arguments: Self.packages.map(\.name)) func whatIsMissingIsNamed(name: String) async throws {
    let package = try #require(FaultCatalogue.named(name))
    let bare = FakeCluster(5, without: .disks)
    #expect(package.unavailability(target: "one", in: bare) == Capability.disks.absence)
    #expect(try await package.make().inject(action(package), in: bare) == .skipped(reason: Capability.disks.absence))
    #expect(package.unavailability(target: "one", in: cluster) == nil)
  }

  /// What a power failure leaves must be exactly what was synced: a lost fsync proves nothing but a broken layer.
  @Test(arguments: [
    (4096, 0, false, true), (4096, 1, false, false), (0, 0, false, false), (4096, 512, true, true),
    (4096, 0, true, false), (4096, 16384, true, false), (4000, 512, true, false),
  ])
  func witnessDecides(_ synced: Int, _ unsynced: Int, _ isTorn: Bool, _ took: Bool) {
    let outage = PowerOutage(
      node: "n1", ends: [], losses: [], witness: DiskWitness(syncedKept: synced, unsyncedKept: unsynced),
      isTorn: isTorn)
    #expect(outage.tookEffect == took)
  }

  /// Another fault may have filled the disk: no reason to stop the run.
  @Test func powerFailureNeedsAWitness() async throws {
    cluster.fakeDisks.configure { $0.full = ["n2"] }
    let injection = try await FaultPackage.diskLoseUnsynced.make().inject(action(.diskLoseUnsynced), in: cluster)
    #expect(injection == .skipped(reason: "n2 cannot be written to: Planned()"))
    #expect(cluster.fakeProcesses.calls.isEmpty)
  }

  @Test func powerFailureReportsWhatWasLost() async throws {
    let fault = FaultPackage.diskLoseUnsynced.make()
    _ = try await fault.inject(action(.diskLoseUnsynced, "one"), in: cluster)
    #expect(cluster.fakeDisks.calls == ["witness n4", "lose n4"])
    let evidence = try await fault.heal(in: cluster)
    #expect(
      evidence.summary
        == "n4: pid 104 ended by signal 9, back as pid 106; n4: 30 unsynced bytes of 1 files gone; the witness kept 0 of "
        + "16384 unsynced bytes and 4096 of 4096 synced ones")
  }

  @Test func tornWriteTakesItsParameters() async throws {
    let fault = FaultPackage.diskTornWrite.make()
    let action = action(.diskTornWrite, "one", ["shape": .text("prefix"), "sector": .number(4096)])
    _ = try await fault.inject(action, in: cluster)
    #expect(cluster.fakeDisks.calls.last == "lose n4 prefix 4096")
  }

  @Test func damageKeepsToTheNamedFiles() async throws {
    for (package, pattern, touched) in [
      (FaultPackage.diskBitflip, "snap*", "snap/1"), (.diskBitflip, "wal", "wal"), (.diskTruncate, "snap*", "snap/1"),
    ] {
      let cluster = FakeCluster(5)
      let fault = package.make()
      let action = action(package, "all", ["files": .text(pattern), "count": .number(20)])
      #expect(try await fault.inject(action, in: cluster) == .injected(targets: "n1 n2 n3 n4 n5"))
      #expect(cluster.fakeDisks.calls.allSatisfy { $0.split(separator: " ")[2] == touched })
      #expect(cluster.fakeDisks.calls.count == 5)
    }
    let nothing = action(.diskBitflip, "one", ["files": .text("*.none")])
    #expect(
      try await FaultPackage.diskBitflip.make().inject(nothing, in: cluster)
        == .skipped(reason: "none of n4 runs and has a file that matches *.none and is not empty"))
    #expect(try down.isEmpty)
  }

  /// A few injections into different minorities would harm every copy there is.
  @Test func minoritiesAreAlwaysTheSame() {
    var harmed = HarmedNodes()
    let order = ["n1", "n2", "n3", "n4", "n5"]
    #expect(harmed.choose(["n4"], of: order) == ["n4"])
    #expect(harmed.choose(["n2", "n3"], of: order) == ["n2"])
    #expect(harmed.choose(["n1"], of: order) == ["n2"])
    #expect(harmed.choose(["n4", "n5"], of: order) == ["n4"])
    #expect(harmed.choose(["n1", "n3"], of: order.reversed()) == ["n4", "n2"])
    #expect(harmed.choose(order, of: order) == order, "asked for by name")
    var alone = HarmedNodes()
    #expect(alone.choose(["n1"], of: ["n1"]) == ["n1"])
  }

  /// Equal actions choose equally, those of other moments otherwise.
  @Test func choicesFollowTheAction() async throws {
    func calls(_ at: Int64) async throws -> [String] {
      let cluster = FakeCluster(5)
      var action = action(.diskTruncate, "all", ["cut": .number(10)])
      action.at = at
      _ = try await FaultPackage.diskTruncate.make().inject(action, in: cluster)
      return cluster.fakeDisks.calls.sorted()
    }
    #expect(try await calls(5) == calls(5))
    var seen: Set<[String]> = []
    for at in 0..<20 as Range<Int64> { seen.insert(try await calls(at)) }
    #expect(seen.count > 5)
  }

  @Test func errorsAreProbedForUntilOneShows() async throws {
    cluster.fakeDisks.configure { $0.probesUntilError = 30 }
    let fault = FaultPackage.diskErrors.make()
    for operations in ["all", "reads", "writes", "syncs"] {
      let action = action(.diskErrors, "one", ["operations": .text(operations)])
      _ = try await fault.inject(action, in: cluster)
      #expect(try await fault.heal(in: cluster).took, "\(operations)")
    }
    cluster.fakeDisks.configure { $0.probesUntilError = 1_000_000 }
    _ = try await fault.inject(action(.diskErrors, "one"), in: cluster)
    #expect(try await !fault.heal(in: cluster).took)
  }

  /// A node may end at its disk's error: it is started again.
  @Test func nodeThatStoppedIsStarted() async throws {
    let fault = FaultPackage.diskFull.make()
    _ = try await fault.inject(action(.diskFull, "one"), in: cluster)
    cluster.fakeProcesses.configure { $0.states["n4"] = .exited(code: 70) }
    #expect(try await fault.heal(in: cluster).took)
    #expect(cluster.fakeProcesses.calls == ["start n4"])
  }

  @Test func nodeThatWroteNothingDidNotGoBack() async throws {
    let fault = FaultPackage.diskRestore.make()
    _ = try await fault.inject(action(.diskRestore, "one"), in: cluster)
    #expect(cluster.fakeProcesses.calls == ["pause n4", "resume n4"])
    #expect(try await !fault.heal(in: cluster).took)
  }
}
