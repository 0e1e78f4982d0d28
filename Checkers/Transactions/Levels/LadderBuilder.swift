import Histories

/// Puts anomalies and cycles together into a verdict for every level.
struct LadderBuilder {
  private let analysis: CycleAnalysis
  private let explain: (TransactionCycle) -> IsolationReport.Anomaly
  private var anomalies: [IsolationReport.Anomaly] = []
  /// By anomaly of single reads: positions in `anomalies`.
  private var local: [TransactionAnomaly: [Int]] = [:]
  private var cycles: [TransactionCycle: Int] = [:]
  private var outcomes: [LevelCondition: (verdict: Verdict, witness: Int?, reason: String?)] = [:]
  /// Why conditions on the order of versions that hold for what is known may not hold; nil where all is known.
  var uncertainty: String?

  init(_ analysis: CycleAnalysis, explain: @escaping (TransactionCycle) -> IsolationReport.Anomaly) {
    self.analysis = analysis
    self.explain = explain
  }

  mutating func add(_ anomaly: LocalAnomaly, _ transactions: Transactions) {
    local[anomaly.anomaly, default: []].append(anomalies.count)
    anomalies.append(
      IsolationReport.Anomaly(
        name: anomaly.anomaly.rawValue, summary: anomaly.summary,
        transactions: anomaly.transactions.map { Int(transactions.invocations[Int($0)]) }, steps: []))
  }

  mutating func report(counts: [TransactionAnomaly: Int], committed: Int, algorithm: String) -> IsolationReport {
    for condition in LevelCondition.allCases { outcomes[condition] = outcome(condition) }
    let ladder = IsolationLevel.allCases.map { rung($0) }
    return IsolationReport(
      ladder: ladder, anomalies: anomalies,
      counts: Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) }), committed: committed,
      algorithm: algorithm)
  }

  private mutating func outcome(_ condition: LevelCondition) -> (Verdict, Int?, String?) {
    switch analysis.decide(condition) {
    case .broken(let cycle): return (.invalid, position(of: cycle), nil)
    case .unknown(let reason): return (.unknown, nil, reason)
    case .holds:
      // Without any cycle the versions can be put in an order of the transactions, so that none comes to be.
      if let uncertainty, !analysis.members.isEmpty, condition.dependsOnAllVersions {
        return (.unknown, nil, uncertainty)
      }
      return (.valid, nil, nil)
    }
  }

  private mutating func position(of cycle: TransactionCycle) -> Int {
    if let known = cycles[cycle] { return known }
    cycles[cycle] = anomalies.count
    anomalies.append(explain(cycle))
    return anomalies.count - 1
  }

  private func rung(_ level: IsolationLevel) -> IsolationReport.Rung {
    let forbidden = level.forbidden
    var witnesses: [Int] = []
    var reason: String?
    for condition in LevelCondition.allCases where forbidden.conditions.contains(condition) {
      guard let outcome = outcomes[condition] else { continue }
      if let witness = outcome.witness { witnesses.append(witness) }
      if outcome.verdict == .unknown, reason == nil { reason = outcome.reason }
    }
    for anomaly in TransactionAnomaly.allCases where forbidden.anomalies.contains(anomaly) {
      witnesses += local[anomaly] ?? []
    }
    let verdict: Verdict = !witnesses.isEmpty ? .invalid : reason == nil ? .valid : .unknown
    return IsolationReport.Rung(
      level: level, verdict: verdict, witnesses: Array(Set(witnesses)).sorted(),
      reason: verdict == .unknown ? reason : nil)
  }
}

extension LevelCondition {
  /// Whether the order of versions that nobody saw can break it although the known ones do not: not where any order of
  /// the transactions that keeps the dependencies gives the versions an order too.
  var dependsOnAllVersions: Bool {
    switch self {
    case .writes, .information, .serial, .causalOrder: false
    case .single, .snapshot, .prefix, .update, .causalRead: true
    }
  }
}
