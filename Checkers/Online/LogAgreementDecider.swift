import Histories

extension OnlineDecider {
  /// That replicas agree on what a log holds, decided by the checker that judges the run at its end.
  ///
  /// Only what no later read can explain counts: two values at one index, an order against real time, a value that was
  /// never appended. What a replica lacks may still come to it, and what it forgot a fault may excuse, which is no part of
  /// one object's history: both are left to the end.
  public static let logAgreement = OnlineDecider { history, _, _ in
    do {
      let report = try ReplicatedLogChecker.report(history, .init(promise: .logAgreement))
      guard let finding = report.findings.first(where: { !leftToTheEnd.contains($0.anomaly) }) else { return .holds }
      return .broken(event: finding.events.last ?? 0, summary: finding.summary)
    } catch {
      return .unreadable("\(error)")
    }
  }

  /// Anomalies that later events, or faults, may explain.
  private static let leftToTheEnd: Set<InvariantAnomaly> = [.lostEntry, .lateEntry, .shrunkenLog]
}
