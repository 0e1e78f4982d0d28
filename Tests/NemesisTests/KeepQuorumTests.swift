import Clusters
import Generators
import Testing

@testable import Nemesis

@Suite struct KeepQuorumTests {
  private static func names(_ count: Int) -> [String] { (1...count).map { "n\($0)" } }

  private static func make(
    _ settings: [FaultSettings], nodes count: Int, seed: UInt64, keepsQuorum: Bool = true
  ) -> FaultSchedule {
    FaultSchedule.make(
      settings: settings, nodes: names(count), durationNanoseconds: 40_000_000_000, streams: RandomStreams(seed: seed),
      keepsQuorum: keepsQuorum)
  }

  /// Faults that take nodes away in every way, one that takes none, and not the whole catalogue: that would take a minute.
  private static let mixed = [
    "clock-bump", "crash-loop", "disk-lose-unsynced", "kill", "membership", "partition", "pause", "restart",
  ].compactMap(FaultCatalogue.named)

  /// All of them with every target that this cluster can have, close together.
  private static func everything(_ count: Int) -> [FaultSettings] {
    mixed.filter { $0.nodesMin <= count }.map { package in
      let targets = package.targets.filter { $0.nodesMin <= count }.map(\.name)
      return FaultSettings(name: package.name, targets: targets, every: 2.3, hold: 1.1)
    }
  }

  /// Who may be gone at a moment, in the words of the test: for every choice of a primary, somebody is connected to a
  /// majority of nodes that are there. Knows nothing of tolls.
  private static func isServing(_ actions: [FaultAction], _ nodes: [String]) -> Bool {
    var gone: Set<String> = []
    var links: Set<Link> = []
    var unknown = 0
    for action in actions {
      let count = action.order.count
      // Nodes with bad links, wrong clocks or little time go on.
      let needs = FaultCatalogue.named(action.fault)?.requires ?? []
      if Set(needs).isSubset(of: [.packets, .clocks, .processors]) { continue }
      switch (action.fault, action.target) {
      case ("partition", "isolate-primary"): unknown += 1
      case ("partition", "primary-minority"): unknown += (count - 1) / 2
      case ("partition", let target) where !target.hasPrefix("clients"):
        links.formUnion(PartitionShape.named(target)?.division(of: action).links ?? [])
      case ("partition", _): break
      case ("membership", "one"), (_, "primary"), (_, "rolling"): unknown += 1
      case ("membership", _): unknown += (count - 1) / 2
      case (_, "one"): gone.insert(action.order[0])
      case (_, "minority"): gone.formUnion(action.order.prefix((count - 1) / 2))
      case (_, "majority"): gone.formUnion(action.order.prefix(count / 2 + 1))
      default: gone.formUnion(action.order)
      }
    }
    return everyChoice(of: unknown, from: nodes.filter { !gone.contains($0) }) { there in
      there.contains { here in
        let reached = there.filter { other in
          !links.contains(Link(from: here, to: other)) && !links.contains(Link(from: other, to: here))
        }
        return 2 * reached.count > nodes.count
      }
    }
  }

  private static func everyChoice(of count: Int, from nodes: [String], _ holds: ([String]) -> Bool) -> Bool {
    if count == 0 { return holds(nodes) }
    if nodes.isEmpty { return false }
    return nodes.allSatisfy { lost in everyChoice(of: count - 1, from: nodes.filter { $0 != lost }, holds) }
  }

  private static func areServedThroughout(_ schedule: FaultSchedule) -> Bool {
    schedule.actions.allSatisfy { action in
      // Whatever lasts changes for the worse only when something begins.
      let lasting = schedule.actions.filter { $0.at <= action.at && action.at < $0.at + $0.hold }
      return isServing(lasting, schedule.nodes)
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6]) func noMomentWithoutAQuorum(_ count: Int) {
    let settings = Self.everything(count)
    for seed in 0..<3 as Range<UInt64> {
      let schedule = Self.make(settings, nodes: count, seed: seed)
      #expect(Self.areServedThroughout(schedule), "seed \(seed)")
      #expect(!schedule.notices.isEmpty)
      #expect(schedule.actions.map(\.id) == Array(schedule.actions.indices))
    }
    let free = Self.make(settings, nodes: count, seed: 1, keepsQuorum: false)
    #expect(!Self.areServedThroughout(free), "the schedule that nobody guards shows that the test can fail")
  }

  @Test func changesTargetsOnlyAndIsTheSameAgain() {
    for seed in 0..<5 as Range<UInt64> {
      let free = Self.make(Self.everything(5), nodes: 5, seed: seed, keepsQuorum: false)
      let guarded = Self.make(Self.everything(5), nodes: 5, seed: seed)
      #expect(guarded == Self.make(Self.everything(5), nodes: 5, seed: seed))
      let original = Dictionary(uniqueKeysWithValues: free.actions.map { ("\($0.fault) \($0.at)", $0) })
      for action in guarded.actions {
        var same = original["\(action.fault) \(action.at)"]
        same?.target = action.target
        same?.id = action.id
        #expect(action == same)
      }
    }
  }

  @Test func whatKeepsAQuorumByItselfIsLeftAlone() {
    let settings = [FaultPackage.kill, .pause, .partition].map { $0.defaultSettings(durationSeconds: 60) }
    for one in settings {
      for seed in 0..<5 as Range<UInt64> {
        #expect(
          Self.make([one], nodes: 5, seed: seed) == Self.make([one], nodes: 5, seed: seed, keepsQuorum: false))
      }
    }
  }

  @Test func whatTakesTooMuchIsMovedToTheMostThatFits() {
    let kill = FaultSettings(name: "kill", targets: ["majority", "all"], every: 5, hold: 2)
    let schedule = Self.make([kill], nodes: 5, seed: 3)
    #expect(Set(schedule.actions.map(\.target)) == ["minority"])
    let count = schedule.actions.count
    #expect(
      schedule.notices == [
        "kill: what would take the quorum away: \(count) moved to smaller targets, 0 left out"
      ])
    #expect(Set(Self.make([kill], nodes: 3, seed: 3).actions.map(\.target)) == ["one"])
    let halves = FaultSettings(name: "partition", targets: ["halves"], every: 5, hold: 2)
    #expect(Set(Self.make([halves], nodes: 4, seed: 3).actions.map(\.target)) == ["isolate-one"])
  }

  @Test func whatHasNoSmallerTargetIsLeftOutWithANotice() {
    let kill = FaultSettings(name: "kill", targets: ["one"], every: 5, hold: 2)
    let schedule = Self.make([kill], nodes: 2, seed: 3)
    #expect(schedule.actions.isEmpty)
    let count = Self.make([kill], nodes: 2, seed: 3, keepsQuorum: false).actions.count
    #expect(
      schedule.notices == [
        "kill: what would take the quorum away: 0 moved to smaller targets, \(count) left out"
      ])
  }
}
