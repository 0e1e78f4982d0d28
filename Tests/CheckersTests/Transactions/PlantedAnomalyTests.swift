import Checkers
import Generators
import Histories
import Testing

/// Generated histories: what is planted is found and named, and nothing is where nothing was planted.
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

  private static let seeds = 1...(Soak.histories(slice: 1_500) / 100)

  /// Whatever else the database allows: a class of cycle is named beside those of a weaker level.
  @Test(arguments: AnomalyScript.allCases, SyntheticTransactions.Level.allCases)
  func `what is planted is named`(planted: AnomalyScript, level: SyntheticTransactions.Level) throws {
    for seed in Self.seeds {
      let history = try Self.history(level, planted, seed: seed)
      let report = try ListAppendChecker.report(history)
      #expect(
        report.anomalies.contains { $0.name == planted.rawValue }, "seed \(seed): \(report.anomalies.map(\.name))")
      #expect(report.rung(.strictSerializable)?.verdict == .invalid, "seed \(seed)")
      if level == .strictSerializable { #expect(report.notices == [], "seed \(seed)") }
      if seed % 10 == 0 { #expect(try IsolationJudge(history).problem(with: report) == nil, "seed \(seed)") }
    }
  }

  @Test(arguments: SyntheticTransactions.Level.allCases)
  func `a level that was kept is not refuted`(level: SyntheticTransactions.Level) throws {
    let kept = try #require(IsolationLevel(rawValue: level.rawValue))
    for seed in Self.seeds {
      let report = try ListAppendChecker.report(Self.history(level, nil, seed: seed))
      #expect(report.rung(kept)?.verdict == .valid, "seed \(seed): \(report.anomalies.map(\.name))")
      if level == .strictSerializable { #expect(report.anomalies == [], "seed \(seed)") }
    }
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
