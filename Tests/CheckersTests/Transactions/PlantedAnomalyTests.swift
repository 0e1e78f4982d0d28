import Checkers
import Generators
import Histories
import Testing

/// Generated histories: what is planted is found, named and put at its level, and nothing is where nothing was planted.
@Suite struct PlantedAnomalyTests {
  /// Small and busy, so that transactions overlap; every third history with transactions that are never answered.
  private static func history(
    _ level: SyntheticTransactions.Level, _ planted: AnomalyScript?, seed: Int
  ) throws -> History {
    let options = SyntheticTransactions.Options(
      level: level, transactions: 60, clients: 5, activeKeys: 4, appendsPerKey: 8, microMax: 4,
      crashedPercent: seed % 3 == 0 ? 5 : 0, planted: planted)
    return try SyntheticTransactions(options, seed: UInt64(seed)).history()
  }

  /// A class and a level has a thousand in a soak.
  private static let seeds = 1...Soak.histories(slice: 12, whole: 1_000)
  /// Every so many histories the evidence of all anomalies is judged too.
  private static let judgedEvery = 10

  // MARK: Planted

  /// Of reads that miss what a guarantee says they show, one is shown for each guarantee: another one, of another name,
  /// may stand for it.
  private static let shownOnce: Set<String> = [
    "missing-your-writes", "non-monotonic-reads", "non-monotonic-writes", "missing-read-write-dependency",
    "missing-causal-write",
  ]

  /// Among transactions that keep every level, what is wrong is what was planted: these names and no other, and the
  /// levels that these break and no other.
  @Test(arguments: AnomalyScript.allCases)
  func `what is planted among what keeps every level is all that is named`(planted: AnomalyScript) throws {
    var (named, placed, alone) = (0, 0, 0)
    for seed in Self.seeds {
      let history = try Self.history(.strictSerializable, planted, seed: seed)
      let report = try ListAppendChecker.report(history)
      let names = Set(report.anomalies.map(\.name))
      if names.contains(planted.rawValue) { named += 1 }
      if Set(report.weakestBroken) == planted.weakestBroken { placed += 1 }
      if names == planted.companions.union([planted.rawValue]), report.notices.isEmpty { alone += 1 }
      let isWrong = min(named, placed, alone) < seed
      if isWrong {
        Issue.record("seed \(seed): \(names.sorted()) break \(report.weakestBroken); \(report.notices)")
        break
      }
      if seed % Self.judgedEvery == 0 { #expect(try IsolationJudge(history).problem(with: report) == nil) }
    }
    let levels = planted.weakestBroken.map(\.rawValue).sorted().joined(separator: ", ")
    print("planted \(planted.rawValue): \(named) named, \(placed) at \(levels), \(alone) alone, of \(Self.seeds.count)")
  }

  /// Where the database itself allows anomalies, the planted one is named beside them, and what is broken is what
  /// either of them breaks.
  @Test(arguments: AnomalyScript.allCases, [SyntheticTransactions.Level.snapshotIsolation, .readCommitted])
  func `what is planted among other anomalies is named too`(
    planted: AnomalyScript, level: SyntheticTransactions.Level
  ) throws {
    var named = 0
    for seed in Self.seeds {
      let history = try Self.history(level, planted, seed: seed)
      let report = try ListAppendChecker.report(history)
      let clean = try ListAppendChecker.report(Self.history(level, nil, seed: seed))
      let names = Set(report.anomalies.map(\.name))
      let breaks = IsolationLevel.allCases.filter { level in
        clean.rung(level)?.verdict == .invalid || !level.implications.isDisjoint(with: planted.weakestBroken)
      }
      let broken = IsolationLevel.allCases.filter { report.rung($0)?.verdict == .invalid }
      let others = Set(clean.anomalies.map(\.name)).subtracting(Self.shownOnce)
      guard names.isSuperset(of: others.union([planted.rawValue])), broken == breaks else {
        Issue.record("seed \(seed): \(names.sorted()), not \(others.sorted()); \(broken) are broken, not \(breaks)")
        break
      }
      named += 1
      if seed % Self.judgedEvery == 0 { #expect(try IsolationJudge(history).problem(with: report) == nil) }
    }
    print("planted \(planted.rawValue) in \(level.rawValue): \(named) of \(Self.seeds.count) named at their levels")
  }

  // MARK: Clean

  /// What each of the simulated databases may do, by the names of the checker.
  private static let allowed: [SyntheticTransactions.Level: Set<String>] = [
    .strictSerializable: [],
    .snapshotIsolation: ["G2-item", "G2-item-process", "G2-item-realtime"],
    // A transaction sees what was committed at each of its moments, and no lock keeps what it read as it was. What
    // commits later comes later for everybody: no cycle has write and read dependencies alone.
    .readCommitted: Set(
      ["G-single", "G-nonadjacent", "G2-item"].flatMap { [$0, $0 + "-process", $0 + "-realtime"] }
        + [
          "lost-update", "fractured-read", "internal", "non-monotonic-writes", "missing-read-write-dependency",
          "missing-causal-write",
        ]),
  ]

  @Test(arguments: SyntheticTransactions.Level.allCases)
  func `nothing is named that the database does not do`(level: SyntheticTransactions.Level) throws {
    let kept = try #require(IsolationLevel(rawValue: level.rawValue))
    let allowed = try #require(Self.allowed[level])
    var counts: [String: Int] = [:]
    for seed in Self.seeds {
      let report = try ListAppendChecker.report(Self.history(level, nil, seed: seed))
      let names = Set(report.anomalies.map(\.name))
      #expect(report.rung(kept)?.verdict == .valid, "seed \(seed): \(names.sorted())")
      #expect(names.isSubset(of: allowed), "seed \(seed): \(names.subtracting(allowed).sorted())")
      for name in names { counts[name, default: 0] += 1 }
    }
    let names = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    print("clean \(level.rawValue), \(Self.seeds.count) seeds: \(names.isEmpty ? "nothing is named" : names)")
    // A level that allows nothing else than the next one would not test that nothing else is named.
    #expect(allowed.isEmpty == counts.isEmpty)
  }

  /// Write skew is what snapshot isolation allows and serializability does not: some of these histories must have it.
  @Test func `snapshot isolation is told from serializability`() throws {
    let skewed = try (1...20).count { seed in
      let report = try ListAppendChecker.report(Self.history(.snapshotIsolation, nil, seed: seed))
      return report.rung(.serializable)?.verdict == .invalid && report.anomalies.contains { $0.name == "G2-item" }
    }
    #expect(skewed >= 5)
  }

  @Test func `equal seeds give equal histories`() throws {
    let first = try Self.history(.readCommitted, .single, seed: 7)
    #expect(try Array(Self.history(.readCommitted, .single, seed: 7).events) == Array(first.events))
    #expect(try Array(Self.history(.readCommitted, .single, seed: 8).events) != Array(first.events))
  }
}
