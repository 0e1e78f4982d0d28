import Histories

/// Puts anomalies and cycles together into a verdict for every level.
struct LadderBuilder {
  private let analysis: CycleAnalysis
  private let explain: (TransactionCycle) -> IsolationReport.Anomaly
  private var anomalies: [IsolationReport.Anomaly] = []
  /// By anomaly of single reads: positions in `anomalies`.
  private var local: [TransactionAnomaly: [Int]] = [:]
  private var cycles: [TransactionCycle: Int] = [:]
  /// One cycle of each class, with its position in `anomalies`.
  private var named: [(position: Int, cycle: CycleAnalysis.NamedCycle)] = []
  private var outcomes: [LevelCondition: (verdict: Verdict, witness: Int?, reason: String?)] = [:]
  /// Why conditions on the order of versions that hold for what is known may not hold; nil where all is known.
  var uncertainty: String?
  /// Why some anti-dependencies are not known; nil where they are.
  var incompleteness: String?

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
    let (classes, notices) = analysis.classes()
    named = classes.map { (position(of: $0.cycle), $0) }
    // The strongest first: what they hold, holds of the weaker ones.
    for condition in LevelCondition.allCases.reversed() { outcomes[condition] = outcome(condition) }
    let ladder = IsolationLevel.allCases.map { rung($0) }
    var counts = Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
    for (_, cycle) in named { counts[cycle.cycle.cycleClass.name] = cycle.count }
    return IsolationReport(
      ladder: ladder, anomalies: anomalies, counts: counts, committed: committed, algorithm: algorithm,
      notices: notices)
  }

  private mutating func outcome(_ condition: LevelCondition) -> (Verdict, Int?, String?) {
    let shown = named.filter { $0.cycle.broken.contains(condition) }
    if let shortest = shown.min(by: { $0.cycle.cycle.steps.count < $1.cycle.cycle.steps.count }) {
      return (.invalid, shortest.position, nil)
    }
    switch analysis.decide(condition) {
    case .broken(let cycle):
      // Two transactions that read one version and replaced it are shown as that, and not a second time as a cycle.
      let isLost = cycle.missed == .lostUpdate || (cycle.missed == nil && analysis.isUncertain(cycle))
      if isLost, let lost = local[.lostUpdate]?.first { return (.invalid, lost, nil) }
      return (.invalid, position(of: cycle), nil)
    case .unknown(let reason): return (.unknown, nil, reason)
    case .holds:
      if let incompleteness, condition.needsAntiDependencies { return (.unknown, nil, incompleteness) }
      if let uncertainty, let stronger = condition.serial, outcomes[stronger]?.verdict != .valid {
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
  /// Where the order of versions that nobody saw can break the condition although the known ones do not: the condition
  /// under which it cannot. Nil where any order of the transactions that keeps the dependencies, and there is one,
  /// gives the versions a good order too.
  var serial: LevelCondition? {
    switch self {
    case .writes, .information, .cursor, .prefix, .serial, .causalOrder, .causalRead, .writeOrder, .writesAfterReads,
      .session:
      nil
    case .single, .update: .serial(.none)
    case .snapshot(let order): .serial(order)
    }
  }

  /// Whether anti-dependencies can break it, or bring what breaks it among the transactions that are looked at.
  var needsAntiDependencies: Bool {
    switch self {
    case .writes, .information, .causalOrder, .writeOrder, .writesAfterReads: false
    case .cursor, .single, .snapshot, .prefix, .update, .serial, .causalRead, .session: true
    }
  }
}
