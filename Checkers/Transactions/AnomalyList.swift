/// Which anomalies a result lists: some of every kind, however many there are of one.
///
/// A thousand reads that contradict their own transactions would else leave no room for the cycle that says more.
struct AnomalyList {
  /// Positions in the report's `anomalies`: first those that break the claim, then those that break the weakest levels.
  private(set) var positions: [Int] = []

  /// - Parameters:
  ///   - claim: the level whose witnesses come first.
  ///   - countMax: anomalies listed at most, beyond one of each kind and one for each level that is broken.
  init(_ report: IsolationReport, claim: IsolationLevel, countMax: Int) {
    let candidates = Self.candidates(report, claim)
    var kinds: [String: Int] = [:]
    // How many of its kind come before it: a round of each kind, then the next.
    let rounds = candidates.map { position in
      kinds[report.anomalies[position].name, default: 0] += 1
      return kinds[report.anomalies[position].name, default: 0]
    }
    let turns = candidates.indices.sorted { (rounds[$0], $0) < (rounds[$1], $1) }
    var isListed = [Bool](repeating: false, count: report.anomalies.count)
    for turn in turns.prefix(max(countMax, kinds.count)) { isListed[candidates[turn]] = true }
    for rung in report.ladder where !rung.witnesses.contains(where: { isListed[$0] }) {
      if let witness = rung.witnesses.first { isListed[witness] = true }
    }
    positions = candidates.filter { isListed[$0] }
  }

  /// All anomalies, each once, in the order in which they are listed.
  private static func candidates(_ report: IsolationReport, _ claim: IsolationLevel) -> [Int] {
    let levels = [claim] + IsolationLevel.allCases
    let witnesses = levels.flatMap { report.rung($0)?.witnesses ?? [] }
    var isKnown = [Bool](repeating: false, count: report.anomalies.count)
    return (witnesses + Array(report.anomalies.indices)).filter { position in
      defer { isKnown[position] = true }
      return !isKnown[position]
    }
  }
}
