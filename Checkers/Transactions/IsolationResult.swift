import Histories

extension IsolationReport {
  /// Anomalies that a result lists, at most, beyond one of each kind and one for each broken level; the counts tell of
  /// the others.
  public static let anomaliesMax = 20

  /// What the report says of one claim, in the form that all checkers share, with the ladder beside it.
  ///
  /// - Parameter history: the one that was checked.
  public func result(claim: IsolationLevel, of history: History) -> CheckResult {
    result(claim: claim, of: history) { invocation, completion in history.payload(at: completion ?? invocation) }
  }

  /// - Parameter microOperations: of a transaction, by the events of its invocation and of its completion with `ok`.
  func result(
    claim: IsolationLevel, of history: History, microOperations: @escaping (Int, Int?) -> Value
  ) -> CheckResult {
    if !Self.isAnswered(history) { return nothing(claim) }
    let rung = rung(claim)
    let listed = AnomalyList(self, claim: claim, countMax: Self.anomaliesMax).positions
    let evidence = evidence(claim, listed, TransactionText(history, readsLists: readsLists, microOperations))
    let findings = (rung?.witnesses ?? []).filter(listed.contains).map { finding($0, claim) }
    // Of a broken claim the reason tells how much more there is; of others a notice, as nothing of it breaks them.
    let isBroken = rung?.verdict == .invalid
    var result = CheckResult(
      verdict: rung?.verdict ?? .unknown, algorithm: algorithm,
      reason: rung?.reason ?? (isBroken ? evidence.unlisted : nil), findings: findings, isolation: evidence)
    result.notices = notices + (isBroken ? [] : [evidence.unlisted].compactMap(\.self))
    return result
  }

  /// Whether the history has any answer of a client's transaction.
  private static func isAnswered(_ history: History) -> Bool {
    (0..<history.count).contains {
      [.ok, .fail].contains(history.type(at: $0)) && !history.process(at: $0).isNemesis
    }
  }

  /// Where nothing was answered every level holds, and nobody who asks wants to hear that: each is `unknown`, for that
  /// reason, and none is the strongest.
  private func nothing(_ claim: IsolationLevel) -> CheckResult {
    let reason = "nothing happened: no operation was answered"
    let evidence = IsolationEvidence(
      claim: claim.rawValue,
      ladder: ladder.map { .init(level: $0.level.rawValue, verdict: .unknown, anomalies: [], reason: reason) },
      strongestSatisfied: [], weakestBroken: [], anomalies: [], counts: [], committed: committed)
    return CheckResult(verdict: .unknown, algorithm: algorithm, reason: reason, isolation: evidence)
  }

  /// The weakest levels that an anomaly is shown for.
  private func brokenBy(_ position: Int) -> [IsolationLevel] {
    let broken = Set(ladder.filter { $0.witnesses.contains(position) }.map(\.level))
    return IsolationLevel.allCases.filter {
      broken.contains($0) && $0.implications.intersection(broken) == [$0]
    }
  }

  private func finding(_ position: Int, _ claim: IsolationLevel) -> Finding {
    let anomaly = anomalies[position]
    let breaks = brokenBy(position).map(\.rawValue).joined(separator: ", ")
    let name = anomaly.summary.hasPrefix(anomaly.name) ? "" : anomaly.name + ": "
    let links = anomaly.steps.isEmpty ? "" : " " + anomaly.steps.map(\.link).joined(separator: " ")
    return Finding(
      anomaly: anomaly.name,
      summary: name + anomaly.summary + way(anomaly) + (breaks.isEmpty ? "" : "; breaks \(breaks)"),
      operations: anomaly.transactions,
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
          }, breaks: brokenBy(position).map(\.rawValue))
      }, counts: totals, committed: committed)
  }

  /// How many there are of each kind, by name: what was counted, and no less than what is there to be seen.
  private var totals: [IsolationEvidence.Count] {
    let shown = anomalies.reduce(into: [:]) { $0[$1.name, default: 0] += 1 }
    return counts.merging(shown) { max($0, $1) }.sorted { $0.key < $1.key }.map {
      .init(name: $0.key, count: $0.value)
    }
  }
}

extension IsolationReport {
  /// The report for a history whose events say no process: nothing is known of the order of a client's transactions, nor
  /// of real time, so levels that speak of them are undecided, unless a weaker one is broken already.
  public func withoutOrders() -> IsolationReport {
    var report = withoutOrderedAnomalies()
    let ladder = report.ladder
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

  /// The report without what only the order of processes or real time makes an anomaly.
  private func withoutOrderedAnomalies() -> IsolationReport {
    var report = self
    let kept = anomalies.indices.filter { !Self.needsOrders(anomalies[$0]) }
    var places: [Int: Int] = [:]
    for (place, position) in kept.enumerated() { places[position] = place }
    report.anomalies = kept.map { anomalies[$0] }
    for place in report.ladder.indices {
      report.ladder[place].witnesses = ladder[place].witnesses.compactMap { places[$0] }
    }
    report.counts = counts.filter { !TransactionAnomaly.needsOrders(name: $0.key) }
    return report
  }

  private static func needsOrders(_ anomaly: Anomaly) -> Bool {
    TransactionAnomaly.needsOrders(name: anomaly.name)
      || anomaly.steps.contains { $0.link == "process" || $0.link == "realtime" }
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
