import Checkers
import Generators
import Histories
import Testing

/// Generated histories: what is planted is found and named, alone, and nothing is where nothing was planted.
@Suite struct PlantedInvariantTests {
  private static func report(
    _ workload: SyntheticInvariants.Workload, _ planted: SyntheticInvariants.Anomaly?, seed: Int
  ) throws -> InvariantReport {
    let isKeyed = seed % 2 == 0
    let options = SyntheticInvariants.Options(
      workload: workload, operations: 60, clients: 5, crashedPercent: seed % 3 == 0 ? 10 : 0,
      failedPercent: seed % 5 == 0 ? 10 : 0, accounts: 4, operationsPerKey: isKeyed ? 20 : 0, planted: planted)
    return try report(workload, SyntheticInvariants(options, seed: UInt64(seed)).history())
  }

  /// The strictest claim of each checker.
  private static func report(_ workload: SyntheticInvariants.Workload, _ history: History) throws -> InvariantReport {
    switch workload {
    case .bank: try BankChecker.report(history)
    case .longFork: try LongForkChecker.report(history)
    case .causalReverse: try CausalReverseChecker.report(history)
    case .setFull: try SetFullChecker.report(history, SetFullChecker.Options(isLinearizable: true))
    case .insertPairs: try InsertPairChecker.report(history)
    }
  }

  private static let seeds = 1...(Soak.histories(slice: 3_000) / 100)

  @Test(arguments: SyntheticInvariants.Workload.allCases)
  func `what is planted is named, and nothing else`(workload: SyntheticInvariants.Workload) throws {
    for planted in workload.anomalies {
      for seed in Self.seeds {
        let report = try Self.report(workload, planted, seed: seed)
        #expect(report.verdict == .invalid, "\(planted), seed \(seed)")
        #expect(report.findings.map(\.anomaly.rawValue) == [planted.rawValue], "\(planted), seed \(seed): \(report)")
      }
    }
  }

  @Test(arguments: SyntheticInvariants.Workload.allCases)
  func `an invariant that was kept is not refuted`(workload: SyntheticInvariants.Workload) throws {
    for seed in Self.seeds {
      let report = try Self.report(workload, nil, seed: seed)
      #expect(report.verdict == .valid, "seed \(seed): \(report)")
      #expect(report.counts == [], "seed \(seed)")
    }
  }

  @Test(arguments: SyntheticInvariants.Workload.allCases)
  func `equal seeds give equal histories`(workload: SyntheticInvariants.Workload) throws {
    let options = SyntheticInvariants.Options(
      workload: workload, operations: 50, crashedPercent: 10, planted: workload.anomalies[0])
    let first = try Array(SyntheticInvariants(options, seed: 7).history().events)
    #expect(try Array(SyntheticInvariants(options, seed: 7).history().events) == first)
    if workload != .insertPairs { #expect(try Array(SyntheticInvariants(options, seed: 8).history().events) != first) }
  }

  @Test func `options that cannot be met are all named`() {
    let options = SyntheticInvariants.Options(
      workload: .bank, operations: 0, clients: 0, readPercent: 101, crashedPercent: 60, failedPercent: 60, accounts: 1,
      groupKeys: 1, planted: .longFork)
    #expect(options.problems.count == 7)
    #expect(throws: SyntheticProblem.self) { try SyntheticInvariants(options, seed: 1) }
  }

  /// Comparing all pairs of reads would take hours here, as would holding every element against every read.
  @Test(.timeLimit(.minutes(1))) func `cost is linear in what the reads list`() throws {
    let rounds = 50_000
    var forks = History()
    for round in 0..<rounds {
      let reads: Value = [["r", 0, nil], ["r", 1, nil]]
      let event = Event(
        index: 0, time: 0, process: ProcessID(Int32(round)), type: .invoke, function: "txn", value: reads)
      forks.append(event)
      var end = event
      (end.type, end.value) = (.ok, [["r", 0, round % 2 == 0 ? 1 : nil], ["r", 1, round % 2 == 0 ? nil : 1]])
      forks.append(end)
    }
    let report = try LongForkChecker.report(forks)
    #expect(report.count(.longFork) == rounds / 2)
    #expect(report.count(.thinAirRead) == rounds)

    var set = History()
    for round in 0..<rounds {
      let process = ProcessID(Int32(round))
      for (function, output) in [("add", Value.int(Int64(round))), ("read", [])] {
        set.append(
          Event(index: 0, time: 0, process: process, type: .invoke, function: function, value: .int(Int64(round))))
        set.append(Event(index: 0, time: 0, process: process, type: .ok, function: function, value: output))
      }
    }
    #expect(try SetFullChecker.report(set).count(.lostElement) == rounds)
  }
}
