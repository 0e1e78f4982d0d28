import Checkers
import Histories
import Testing

/// Histories by construction: what is planted is found and named, alone, and nothing is where nothing was planted.
@Suite struct PlantedConvergenceTests {
  private static let seeds = 1...(Soak.histories(slice: 4_000) / 100)

  @Test(arguments: ReplicatedType.allCases) func `what is planted is named, and nothing else`(type: ReplicatedType)
    throws
  {
    for planted in PlantedReplicas.anomalies(type) {
      for seed in Self.seeds {
        let events = PlantedReplicas.history(type, planted, seed: seed)
        let report = try ConvergenceChecker.report(History(events), type)
        #expect(
          report.verdict == .invalid && report.findings.map(\.anomaly) == [planted],
          "\(planted), seed \(seed): \(report)\n\(ConvergenceDifferentialTests.text(events))")
        if report.findings.map(\.anomaly) != [planted] { return }
      }
    }
  }

  @Test(arguments: ReplicatedType.allCases) func `replicas that converged are not refuted`(type: ReplicatedType) throws
  {
    for seed in Self.seeds {
      let report = try ConvergenceChecker.report(History(PlantedReplicas.history(type, nil, seed: seed)), type)
      #expect(report.verdict == .valid, "seed \(seed): \(report)")
      #expect(report.counts == [], "seed \(seed)")
    }
  }

  // MARK: Siblings

  private static let siblings: [(planted: InvariantAnomaly?, claim: SiblingsChecker.Claim)] = [
    (nil, .noLostUpdates), (nil, .noResurrection), (.lostUpdate, .noLostUpdates), (.resurrection, .noResurrection),
    (.falseConflict, .noResurrection), (.thinAirRead, .noLostUpdates), (.abortedRead, .noResurrection),
  ]

  @Test(arguments: siblings.indices) func `what is planted among siblings is named`(number: Int) throws {
    let (planted, claim) = Self.siblings[number]
    for seed in Self.seeds {
      let history = PlantedSiblings.history(planted, seed: seed)
      let report = try SiblingsChecker.report(history, claim)
      #expect(report.findings.map(\.anomaly) == [planted].compactMap { $0 }, "seed \(seed): \(report)")
      #expect(report.verdict == (planted == nil ? .valid : .invalid), "seed \(seed)")
    }
  }
}
