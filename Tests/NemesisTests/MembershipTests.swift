import Clusters
import Histories
import Testing

@testable import Nemesis

/// Who is asked to leave, by whom, and who comes back.
@Suite(.timeLimit(.minutes(1))) struct MembershipTests {
  let cluster = FakeCluster(5)
  let time = ManualClock()
  let fault: MembershipFault
  let order = ["n4", "n2", "n5", "n1", "n3"]
  var membership: FakeMembership { cluster.fakeMembership }

  init() {
    fault = MembershipFault(clock: time.jumping)
    cluster.fakePrimaries.answer([["n5"]])
  }

  private func inject(_ target: String) async throws -> Injection {
    try await fault.inject(action("membership", target, order: order), in: cluster)
  }

  @Test(arguments: [("one", "n4"), ("minority", "n2 n4"), ("primary", "n5"), ("shrink", "n1 n2 n3")])
  func removesWhomTheTargetSays(_ target: String, _ leaving: String) async throws {
    #expect(try await inject(target) == .injected(targets: leaving))
    let names = leaving.split(separator: " ").map(String.init)
    #expect(membership.members == cluster.names.filter { !names.contains($0) })
    #expect(Set(membership.calls) == Set(names.map { "remove \($0) via n5" }), "others than the primary were asked")
    #expect(try await fault.heal(in: cluster).took)
    #expect(membership.members == cluster.names)
    #expect(membership.calls.dropFirst(names.count).allSatisfy { $0.hasPrefix("add ") })
  }

  @Test func onlyAShrinkingAsksForAllAtOnce() async throws {
    _ = try await inject("minority")
    #expect(membership.askingMax == 1)
    _ = try await fault.heal(in: cluster)
    membership.configure { $0.barrier = 3 }
    #expect(try await inject("shrink") == .injected(targets: "n1 n2 n3"))
    #expect(membership.askingMax == 3)
  }

  @Test func withoutAPrimaryTheFirstOfTheOrderIsAsked() async throws {
    cluster.fakePrimaries.answer([[]])
    #expect(try await inject("primary") == .skipped(reason: "no node said within 1000 ms that it is primary"))
    #expect(try await inject("shrink") == .injected(targets: "n1 n3 n5"))
    #expect(Set(membership.calls) == ["remove n1 via n4", "remove n3 via n4", "remove n5 via n4"])
  }

  @Test func withoutAListNobodyLeaves() async throws {
    membership.configure { $0.silent = Set($0.nodes) }
    let problems = cluster.names.map { "\($0): timeout" }.joined(separator: "; ")
    #expect(try await inject("one") == .skipped(reason: "no node says who the members are: \(problems)"))
    #expect(membership.calls.isEmpty)
  }

  @Test func atLeastTwoStay() async throws {
    membership.configure { $0.members = ["n1", "n4", "n5"] }
    #expect(try await inject("shrink") == .injected(targets: "n1"))
    #expect(
      try await inject("one") == .skipped(reason: "only n4 n5 are members: too few to go on"))
  }

  @Test func whoeverIsRefusedIsAskedForAgain() async throws {
    membership.configure { $0.script = [.refused("busy"), .refused("busy"), .accepted] }
    #expect(try await inject("one") == .injected(targets: "n4"))
    #expect(membership.calls.count == 3)
  }

  @Test func whatIsRefusedToTheEndIsSkippedAndForgotten() async throws {
    membership.configure { $0.answers = Dictionary(uniqueKeysWithValues: $0.nodes.map { ($0, .refused("frozen")) }) }
    #expect(
      try await inject("minority")
        == .skipped(reason: "no change was accepted: n4 refused (frozen), n2 refused (frozen)"))
    let asked = membership.calls.count
    try await fault.restore(in: cluster)
    #expect(membership.calls.count == asked, "asked back who never left")
  }

  /// Whether a time-out left the change undone is nobody's knowledge: they are asked back all the same.
  @Test func unknownRemovalsAreTakenBack() async throws {
    membership.configure { $0.script = [.unknown("timeout")] }
    #expect(try await inject("one") == .injected(targets: "n4"))
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(membership.calls == ["remove n4 via n5", "add n4 via n5"])
  }

  @Test func aNodeThatIsPrimaryNoMoreIsNotAskedForEver() async throws {
    _ = try await inject("one")
    cluster.fakePrimaries.answer([["n1", "n5"]])
    membership.configure { $0.answers = ["n1": .unknown("timeout")] }
    #expect(try await fault.heal(in: cluster).took)
    #expect(membership.calls.suffix(2) == ["add n4 via n1", "add n4 via n5"])
  }

  /// A primary that is cut off with a minority is told to be content with it.
  @Test(arguments: [(3, "n2 | n1 n3", 4), (4, "n2 | n1 n3 n4", 6), (5, "n2 n5 | n1 n3 n4", 12)])
  func anIsolatedPrimaryIsToRemoveAllOthers(_ count: Int, _ targets: String, _ links: Int) async throws {
    let cluster = FakeCluster(count)
    cluster.fakePrimaries.answer([["n2"]])
    cluster.fakeNetwork.configure { $0.packetsAtOnce = 1 }
    let order = ["n5", "n2", "n1", "n4", "n3"].filter(cluster.names.contains)
    let isolation = action("membership", "shrink-isolated", order: count == 5 ? order : order.sorted())
    cluster.fakeMembership.configure { [network = cluster.fakeNetwork] in $0.whenAsked = { network.cutNow.count } }
    #expect(try await fault.inject(isolation, in: cluster) == .injected(targets: targets))
    let leaving = targets.split(separator: "|")[1].split(separator: " ").map(String.init)
    #expect(cluster.fakeMembership.members == cluster.names.filter { !leaving.contains($0) })
    #expect(Set(cluster.fakeMembership.calls) == Set(leaving.map { "remove \($0) via n2" }))
    #expect(cluster.fakeMembership.cutWhenAsked == leaving.map { _ in links }, "asked before the cut")
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary.hasPrefix("\(links) packets dropped on \(links) of \(links) cut links; "))
    #expect(cluster.fakeNetwork.cutNow.isEmpty)
    #expect(cluster.fakeMembership.members == cluster.names)
  }

  /// Others may have elected another one meanwhile: that one is not the minority's.
  @Test func onlyTheIsolatedPrimaryIsAsked() async throws {
    cluster.fakePrimaries.answer([["n5"], ["n1"]])
    membership.configure { $0.script = Array(repeating: .refused("no-leader"), count: 100) }
    let answers = ["n1", "n2", "n3"].map { _ in "refused (no-leader)" }
    let words = zip(["n2", "n1", "n3"], answers).map { "\($0) \($1)" }.joined(separator: ", ")
    #expect(try await inject("shrink-isolated") == .skipped(reason: "no change was accepted: \(words)"))
    #expect(membership.calls.allSatisfy { $0.hasSuffix("via n5") })
    #expect(cluster.fakeNetwork.cutNow.isEmpty, "nothing was injected, and links are cut")
  }

  /// The network was not cut, so nothing shows that a minority was asked.
  @Test func anIsolationWithoutDropsIsNoEvidence() async throws {
    _ = try await inject("shrink-isolated")
    #expect(try await !fault.heal(in: cluster).took)
  }

  @Test func aFailedCutAsksNothingAndLeavesNothingCut() async throws {
    cluster.fakeNetwork.configure { $0.callsThatFail = [0] }
    await #expect(throws: Planned()) { try await inject("shrink-isolated") }
    #expect(membership.calls.isEmpty)
    #expect(cluster.fakeNetwork.cutNow.isEmpty)
  }

  @Test func restoreHealsTheCutOfACancelledIsolation() async throws {
    membership.configure { $0.script = [.refused("busy"), .refused("busy"), .refused("busy")] }
    membership.configure { state in
      state.whenAsked = {
        withUnsafeCurrentTask { $0?.cancel() }
        return 0
      }
    }
    await #expect(throws: CancellationError.self) { try await inject("shrink-isolated") }
    membership.configure { $0.whenAsked = { 0 } }
    #expect(!cluster.fakeNetwork.cutNow.isEmpty)
    try await fault.restore(in: cluster)
    #expect(cluster.fakeNetwork.cutNow.isEmpty)
  }

  /// Removed nodes that never heard of it list everybody, themselves too: that makes them no members.
  @Test func staleListsBringNobodyBack() async throws {
    membership.configure { state in for node in ["n1", "n2", "n3"] { state.stale[node] = state.nodes } }
    _ = try await inject("shrink")
    #expect(try await fault.heal(in: cluster).took)
    #expect(membership.members == cluster.names)
  }

  /// Some systems refuse to add whom they have.
  @Test func whoIsListedEverywhereAndRefusedIsBack() async throws {
    membership.configure { $0.script = [.unknown("timeout"), .refused("already a member")] }
    _ = try await inject("one")
    _ = try await fault.heal(in: cluster)
    let asked = membership.calls.count
    try await fault.restore(in: cluster)
    #expect(membership.calls.count == asked)
  }

  @Test func healingGivesUpAndRestoreGoesOn() async throws {
    _ = try await inject("minority")
    membership.configure { $0.answers = Dictionary(uniqueKeysWithValues: $0.nodes.map { ($0, .refused("no quorum")) }) }
    let begin = time.now
    let evidence = try await fault.heal(in: cluster)
    #expect(time.now - begin <= MembershipFault.healNanosecondsMax)
    #expect(evidence.took, "they did leave")
    #expect(evidence.summary.hasSuffix("n2 n4 are not members again: n2 refused (no quorum), n4 refused (no quorum)"))
    await #expect(
      throws: FaultError("n2 n4 are not members again: n2 refused (no quorum), n4 refused (no quorum)")
    ) { try await fault.restore(in: cluster) }
    membership.configure { $0.answers = [:] }
    try await fault.restore(in: cluster)
    #expect(membership.members == cluster.names)
    let asked = membership.calls.count
    try await fault.restore(in: cluster)
    #expect(membership.calls.count == asked)
  }

  /// A removal that nobody had answered for is made while the final heal looks.
  @Test func aLateRemovalIsUndone() async throws {
    membership.configure { $0.script = [.unknown("timeout")] }
    _ = try await inject("one")
    _ = try await fault.heal(in: cluster)
    membership.configure { $0.late = (node: "n4", looks: 1) }
    try await fault.restore(in: cluster)
    #expect(membership.members == cluster.names)
  }

  @Test func aCancelledInjectionIsUndone() async throws {
    membership.configure { $0.script = [.unknown("timeout"), .refused("busy")] }
    let (fault, cluster, order) = (fault, cluster, order)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await fault.inject(action("membership", "minority", order: order), in: cluster)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    membership.configure { $0.members.remove("n4") }
    try await fault.restore(in: cluster)
    #expect(membership.members == cluster.names)
  }

  /// Members of a cluster that has spare nodes: those never join.
  @Test func healingLeadsBackToTheFirstMembers() async throws {
    membership.configure { $0.members = ["n1", "n2", "n3", "n5"] }
    #expect(try await inject("one") == .injected(targets: "n2"))
    _ = try await fault.heal(in: cluster)
    try await fault.restore(in: cluster)
    #expect(membership.members == ["n1", "n2", "n3", "n5"])
  }

  @Test func restoreWithoutAnInjectionAsksNothing() async throws {
    membership.configure { $0.members = ["n1"] }
    try await fault.restore(in: cluster)
    try await fault.restore(in: FakeCluster(3, without: .membership))
    #expect(membership.calls.isEmpty)
  }
}
