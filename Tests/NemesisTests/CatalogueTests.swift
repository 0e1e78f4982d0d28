import Clusters
import Nemesis
import Testing

@Suite struct CatalogueTests {
  @Test func isSortedWithUniqueNames() {
    let names = FaultCatalogue.all.map(\.name)
    #expect(names == Set(names).sorted())
    #expect(names.contains("partition") && names.contains("kill"))
    #expect(FaultCatalogue.named("kill")?.name == "kill")
    #expect(FaultCatalogue.named("no-such-fault") == nil)
  }

  @Test(arguments: FaultCatalogue.all.map(\.name))
  func everyPackageDescribesItself(_ name: String) throws {
    let package = try #require(FaultCatalogue.named(name))
    let targets = package.targets.map(\.name)
    #expect(!package.summary.isEmpty && package.nodesMin >= 1)
    #expect(Set(targets).count == targets.count)
    #expect(!package.defaultTargets.isEmpty && Set(package.defaultTargets).isSubset(of: targets))
  }

  @Test(arguments: [(5.0, 2.5), (15, 3), (20, 4), (60, 10), (3600, 10)])
  func defaultPeriodFollowsTheDuration(_ duration: Double, _ every: Double) {
    let settings = FaultPackage.kill.defaultSettings(durationSeconds: duration)
    #expect(
      settings == FaultSettings(name: "kill", targets: ["one", "minority", "primary"], every: every, hold: every / 2))
  }

  /// As many targets as the run is sure to see; four where it is shorter.
  @Test(arguments: [(15.0, 4), (50, 4), (60, 5), (120, 7), (3600, 7)])
  func defaultTargetsFollowTheDuration(_ duration: Double, _ count: Int) {
    let settings = FaultPackage.partition.defaultSettings(durationSeconds: duration)
    #expect(settings.targets == Array(FaultPackage.partition.defaultTargets.prefix(count)))
  }

  /// A healthy consensus system must keep a majority through every kill that nobody asked for by name.
  @Test(arguments: 1...9) func defaultKillsLeaveAMajority(_ count: Int) async throws {
    let cluster = FakeCluster(count)
    cluster.fakePrimaries.answer([["n1"]])
    for target in FaultPackage.kill.defaultTargets where count >= 3 {
      let fault = FaultPackage.kill.make()
      _ = try await fault.inject(action("kill", target, order: cluster.names), in: cluster)
      let alive = try cluster.names.filter {
        if case .running = try cluster.fakeProcesses.state($0) { true } else { false }
      }
      #expect(alive.count > count / 2, "\(target)")
      try await fault.restore(in: cluster)
    }
  }

  @Test func missingCapabilitiesAreNamed() {
    let partition = FaultPackage.partition
    #expect(partition.unavailability(target: "halves", in: FakeCluster(5)) == nil)
    #expect(partition.unavailability(target: "halves", in: FakeCluster(5, without: .primaries)) == nil)
    #expect(
      partition.unavailability(target: "isolate-primary", in: FakeCluster(5, without: .primaries))
        == "the system's description has no `primary` probe")
    #expect(
      partition.unavailability(target: "halves", in: FakeCluster(5, without: .network))
        == "this kind of cluster cannot cut its network")
    #expect(
      partition.unavailability(target: "halves", in: FakeCluster(1))
        == "partition needs at least 2 nodes; the cluster has 1")
    #expect(
      partition.unavailability(target: "half", in: FakeCluster(5))
        == "partition has no target `half`; it has halves, isolate-one, isolate-primary, primary-minority, "
        + "majorities-ring, bridge, one-way-in, one-way-out, minority, minority-third, flapping, clients, clients-minority"
    )
    #expect(
      FaultPackage.kill.unavailability(target: "one", in: FakeCluster(5, without: .processes))
        == "this kind of cluster cannot start and kill processes")
    #expect(
      FaultPackage.membership.unavailability(target: "one", in: FakeCluster(5, without: .membership))
        == "the system's description has no `membership` requests")
  }
}

/// An action for a test that calls a fault directly.
func action(_ fault: String, _ target: String, order: [String]) -> FaultAction {
  FaultAction(id: 0, fault: fault, target: target, at: 0, hold: 1_000_000_000, order: order)
}

/// `n1>n2 n2>n1` as links.
func links(_ text: String) -> Set<Link> {
  Set(
    text.split(separator: " ").map { pair in
      let ends = pair.split(separator: ">").map(String.init)
      return Link(from: ends[0], to: ends[1])
    })
}
