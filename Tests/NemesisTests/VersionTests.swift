import Clusters
import Histories
import Testing

@testable import Nemesis

@Suite struct VersionTests {
  let cluster = FakeCluster(5)
  let time = ManualClock()
  let fault: VersionFault
  let order = ["n4", "n2", "n5", "n1", "n3"]

  init() { fault = VersionFault(clock: time.jumping) }

  private func inject(_ target: String, to version: String = "") async throws -> Injection {
    var asked = action("version", target, order: order)
    asked.parameters = ["to": .text(version), "grace": .number(2)]
    return try await fault.inject(asked, in: cluster)
  }

  @Test func nodesRunTheVersionUntilHealed() async throws {
    #expect(try await inject("minority", to: "newer") == .injected(targets: "n2 n4 to newer"))
    #expect(try cluster.fakeVersions.running("n4").first?.commandLine == ["kvd", "--build", "newer"])
    #expect(try cluster.fakeVersions.running("n1").first?.commandLine == ["kvd", "--build", "own"])
    #expect(Set(cluster.fakeProcesses.calls) == ["stop n4 2.0", "start n4", "stop n2 2.0", "start n2"])
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary.contains("n4: pid 106 in place of 104, now with newer"))
    for name in cluster.names {
      #expect(try cluster.fakeVersions.running(name).first?.commandLine == ["kvd", "--build", "own"])
    }
    #expect(try await fault.heal(in: cluster).summary == "no node was to be changed")
  }

  @Test func theFirstVersionWhereNoneIsNamed() async throws {
    #expect(try await inject("one") == .injected(targets: "n4 to new"))
    #expect(try await fault.heal(in: cluster).took)
  }

  @Test func aProgramThatIsBeingLoadedIsWaitedFor() async throws {
    cluster.fakeVersions.configure { $0.loading = ["n4": 3] }
    _ = try await inject("one")
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary == "n4: pid 106 in place of 104, now with new")
  }

  /// A system that is restarted as it was has had no other version.
  @Test func theSameProgramIsNoEvidence() async throws {
    cluster.fakeVersions.configure { $0.deaf = ["n4"] }
    _ = try await inject("one")
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary == "n4: pid 106 runs the same as before")
  }

  @Test func aNodeThatCannotBeChangedLeavesNoneChanged() async throws {
    cluster.fakeVersions.configure { $0.fails = ["n2"] }
    await #expect(throws: FaultError.self) { try await inject("minority") }
    #expect(try cluster.fakeVersions.running("n4").first?.commandLine == ["kvd", "--build", "own"])
    cluster.fakeVersions.configure { $0.fails = [] }
    try await fault.restore(in: cluster)
    for name in cluster.names {
      #expect(try cluster.fakeProcesses.state(name).pid != nil)
      #expect(try cluster.fakeVersions.running(name).first?.commandLine == ["kvd", "--build", "own"])
    }
  }

  @Test func withoutVersionsItIsSkipped() async throws {
    let bare = FakeCluster(3, without: .versions)
    let asked = action("version", "one", order: ["n1", "n2", "n3"])
    #expect(
      try await fault.inject(asked, in: bare) == .skipped(reason: "the system's description has no `versions`"))
  }
}
