import Checkers
import Generators
import Histories
import Testing

/// Generated histories on registers: what is planted is found and named, and nothing is where nothing was planted.
@Suite struct RegisterPlantedTests {
  private static func history(
    _ level: SyntheticTransactions.Level, _ planted: AnomalyScript?, seed: Int, transactions: Int = 60
  ) throws -> History {
    let options = SyntheticTransactions.Options(
      objects: .registers, level: level, transactions: transactions, clients: 5, activeKeys: 4, appendsPerKey: 8,
      microMax: 4, crashedPercent: seed % 3 == 0 ? 5 : 0, planted: planted)
    return try SyntheticTransactions(options, seed: UInt64(seed)).history()
  }

  private static let seeds = 1...(Soak.histories(slice: 1_000) / 100)

  @Test(arguments: AnomalyScript.allCases.filter(\.showsInRegisters))
  func `what is planted is named`(planted: AnomalyScript) throws {
    for seed in Self.seeds {
      let report = try RWRegisterChecker().report(Self.history(.strictSerializable, planted, seed: seed))
      #expect(
        report.anomalies.contains { $0.name == planted.rawValue }, "seed \(seed): \(report.anomalies.map(\.name))")
      #expect(report.rung(.strictSerializable)?.verdict == .invalid, "seed \(seed)")
      let isOpen = report.ladder.contains { $0.verdict == .unknown && RegisterTwin.levels.contains($0.level) }
      #expect(!isOpen, "seed \(seed)")
    }
  }

  @Test(arguments: SyntheticTransactions.Level.allCases)
  func `a level that was kept is not refuted`(level: SyntheticTransactions.Level) throws {
    let kept = try #require(IsolationLevel(rawValue: level.rawValue))
    for seed in Self.seeds {
      let report = try RWRegisterChecker().report(Self.history(level, nil, seed: seed))
      #expect(report.rung(kept)?.verdict == .valid, "seed \(seed): \(report.anomalies.map(\.name))")
      if level == .strictSerializable { #expect(report.anomalies == [], "seed \(seed)") }
    }
  }

  /// No time is left for a search: the order is found as time runs, or not at all. In some of these one of two has to
  /// come before a third.
  @Test func `a schedule is found without a search`() throws {
    for (level, kept) in [
      (SyntheticTransactions.Level.strictSerializable, IsolationLevel.strictSerializable),
      (.snapshotIsolation, .strongSnapshotIsolation),
    ] {
      for seed in 1...4 {
        let options = SyntheticTransactions.Options(
          objects: .registers, level: level, transactions: 10_000, clients: 20, appendsPerKey: 256)
        let history = try SyntheticTransactions(options, seed: UInt64(seed)).history()
        let report = try RWRegisterChecker(.init(budget: .init(secondsMax: 0))).report(history)
        #expect(report.rung(kept)?.verdict == .valid, "\(level), seed \(seed)")
      }
    }
  }

  /// Elle's default inference calls such histories serializable.
  @Test func `write skew of snapshot isolation is refuted`() throws {
    let reports = try (1...20).map { seed in
      try RWRegisterChecker().report(Self.history(.snapshotIsolation, nil, seed: seed, transactions: 200))
    }
    #expect(reports.allSatisfy { $0.rung(.snapshotIsolation)?.verdict == .valid })
    let refuted = reports.count { report in
      report.rung(.serializable)?.verdict == .invalid && report.anomalies.contains { $0.name == "G2-item" }
    }
    #expect(refuted >= 15, "\(refuted)")
  }

  @Test func `what registers do not show cannot be planted`() {
    let options = SyntheticTransactions.Options(objects: .registers, transactions: 1, planted: .incompatibleOrder)
    #expect(options.problems.count == 1)
  }
}
