import Generators
import Nemesis
import Testing

/// Random parts of a plan's faults.
@Suite struct SwarmTests {
  private static let settings =
    ["kill", "partition", "pause", "kill", "restart"].map {
      FaultSettings(name: $0, targets: ["one"], every: 2, hold: 0.7)
    }

  private static func swarm(_ seed: UInt64, _ settings: [FaultSettings] = settings) -> [FaultSettings] {
    Swarm.choose(settings, RandomStreams(seed: seed))
  }

  @Test func `every combination comes, and none is empty`() {
    var seen: Set<[String]> = []
    var sizes = 0
    for seed in 0..<2_000 as Range<UInt64> {
      let swarm = Self.swarm(seed)
      #expect(!swarm.isEmpty)
      seen.insert(swarm.map(\.name))
      sizes += swarm.count
      for entry in swarm {
        #expect((1...4).contains(entry.every) && entry.hold <= entry.every / 2 + 0.001 && entry.hold <= 0.7)
      }
    }
    // Of five entries, two of one name: the subsets but the empty one, as lists of names. Without what stands between the
    // two, nobody can tell which of them it is.
    #expect(seen.count == 2 * (3 * 4 + 3) - 1)
    #expect((2.3...2.8).contains(Double(sizes) / 2_000))
  }

  @Test func `a seed decides, and another fault changes nothing about the others`() {
    for seed in 0..<200 as Range<UInt64> {
      let swarm = Self.swarm(seed)
      #expect(swarm == Self.swarm(seed))
      let without = Self.swarm(seed, Self.settings.filter { $0.name != "restart" })
      let others = swarm.filter { $0.name != "restart" }
      if !others.isEmpty { #expect(without == others) }
    }
    #expect(Self.swarm(1, []).isEmpty)
  }

  @Test func `faults become rarer and more frequent alike`() {
    let periods = (0..<1_000 as Range<UInt64>).flatMap { Self.swarm($0).map(\.every) }
    let rarer = periods.count { $0 > 2 }
    #expect((0.45...0.55).contains(Double(rarer) / Double(periods.count)))
  }
}
