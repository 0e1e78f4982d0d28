import Histories

extension IsolationReport {
  /// Anomalies that a result lists, at most; the counts tell of the others.
  public static let anomaliesMax = 20

  /// What the report says of one claim, in the form that all checkers share, with the ladder beside it.
  ///
  /// - Parameter history: the one that was checked.
  public func result(claim: IsolationLevel, of history: History) -> CheckResult {
    let rung = rung(claim)
    let listed = listedAnomalies(claim)
    let evidence = evidence(claim, listed, TransactionText(history))
    let findings = (rung?.witnesses ?? []).filter(listed.contains).map { finding(anomalies[$0], claim) }
    var result = CheckResult(
      verdict: rung?.verdict ?? .unknown, algorithm: algorithm, reason: rung?.reason, findings: findings,
      isolation: evidence)
    result.notices = notices + (unlisted(listed, evidence).map { [$0] } ?? [])
    return result
  }

  /// Positions of the anomalies to list: first those that break the claim, then those that break the weakest levels.
  private func listedAnomalies(_ claim: IsolationLevel) -> [Int] {
    var listed: [Int] = []
    var isListed = [Bool](repeating: false, count: anomalies.count)
    let levels = [claim] + IsolationLevel.allCases
    for position in levels.flatMap({ rung($0)?.witnesses ?? [] }) where !isListed[position] {
      isListed[position] = true
      listed.append(position)
    }
    return Array(listed.prefix(Self.anomaliesMax))
  }

  private func unlisted(_ listed: [Int], _ evidence: IsolationEvidence) -> String? {
    let more = counts.filter { name, count in count > evidence.anomalies.count { $0.name == name } }
    guard !more.isEmpty else { return nil }
    let names = more.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    return "not all anomalies are listed; in all there are \(names)"
  }

  private func finding(_ anomaly: Anomaly, _ claim: IsolationLevel) -> Finding {
    let links = anomaly.steps.isEmpty ? "" : " " + anomaly.steps.map(\.link).joined(separator: " ")
    return Finding(
      anomaly: anomaly.name, summary: anomaly.summary + way(anomaly), operations: anomaly.transactions,
      fingerprint: "\(claim.rawValue): \(anomaly.name)\(links)")
  }

  /// Of a cycle: ` (event 2 wr→ 4 rw→ 2)`.
  private func way(_ anomaly: Anomaly) -> String {
    guard let first = anomaly.steps.first else { return "" }
    let steps = anomaly.steps.map { " \($0.link)→ \(anomaly.transactions[$0.target])" }
    return " (event \(anomaly.transactions[first.source])\(steps.joined()))"
  }

  private func evidence(_ claim: IsolationLevel, _ listed: [Int], _ text: TransactionText) -> IsolationEvidence {
    var places: [Int: Int] = [:]
    for (place, position) in listed.enumerated() { places[position] = place }
    return IsolationEvidence(
      claim: claim.rawValue,
      ladder: ladder.map { rung in
        IsolationEvidence.Rung(
          level: rung.level.rawValue, verdict: rung.verdict, anomalies: rung.witnesses.compactMap { places[$0] },
          reason: rung.reason)
      },
      strongestSatisfied: strongestSatisfied.map(\.rawValue), weakestBroken: weakestBroken.map(\.rawValue),
      anomalies: listed.map { position in
        let anomaly = anomalies[position]
        return IsolationEvidence.Anomaly(
          name: anomaly.name, summary: anomaly.summary,
          transactions: anomaly.transactions.map { text.transaction(invocation: $0) },
          steps: anomaly.steps.map {
            .init(source: $0.source, target: $0.target, link: $0.link, key: $0.key, reason: $0.reason)
          })
      },
      counts: counts.sorted { $0.key < $1.key }.map { .init(name: $0.key, count: $0.value) }, committed: committed)
  }
}

extension IsolationReport {
  /// The report for a history whose events say no process: nothing is known of the order of a client's transactions, nor
  /// of real time, so levels that speak of them are undecided, unless a weaker one is broken already.
  public func withoutOrders() -> IsolationReport {
    var report = self
    for place in report.ladder.indices {
      let level = report.ladder[place].level
      guard level.forbidden.conditions.contains(where: \.needsOrders) else { continue }
      let broken = ladder.filter {
        $0.verdict == .invalid && level.implications.contains($0.level)
          && !$0.level.forbidden.conditions.contains(where: \.needsOrders)
      }
      let reason = broken.isEmpty ? "no event says its process: nothing is known of sessions and of real time" : nil
      report.ladder[place] = Rung(
        level: level, verdict: broken.isEmpty ? .unknown : .invalid,
        witnesses: Array(Set(broken.flatMap(\.witnesses))).sorted(), reason: reason)
    }
    return report
  }
}

extension LevelCondition {
  /// Whether it speaks of the order of processes or of real time.
  var needsOrders: Bool {
    switch self {
    case .writes, .information, .cursor, .single, .prefix, .update: false
    case .causalOrder, .causalRead, .writeOrder, .writesAfterReads, .session: true
    case .snapshot(let order), .serial(let order): order != .none
    }
  }
}
