import Histories

extension OnlineDecider {
  /// A claim of a model of an invariant, decided by the checker that judges the run at its end; nil where all that breaks
  /// it may be explained by what comes later, as a message that is missing so far.
  ///
  /// A finding counts if it stays one however the history goes on (`InvariantAnomaly.isFinal`).
  public static func invariant(
    _ model: InvariantModel, claim: String, assumptions: Assumptions = Assumptions()
  ) -> OnlineDecider? {
    guard InvariantModel.claimsWatched.contains(claim) else { return nil }
    return OnlineDecider { history, _, _ in
      do {
        let report = try model.report(history, claim: claim, assumptions: assumptions)
        guard let finding = report.findings.first(where: \.isFinal) else { return .holds }
        return .broken(event: finding.events.last ?? 0, summary: finding.summary)
      } catch {
        return .unreadable("\(error)")
      }
    }
  }
}

extension InvariantModel {
  /// Claims that can be found broken before the end. Each is worth its share of a processor: what these do not see of a
  /// queue's claims, as lost messages, nobody can tell before it is drained.
  static let claimsWatched: Set<String> = [
    Claim.noLongFork, Claim.noCausalReverse, Claim.noDoubleInsert,
    PartitionedLogChecker.Promise.logOrder.rawValue, TotalQueueChecker.Promise.noDuplicates.rawValue,
    TotalQueueChecker.Promise.exactlyOnce.rawValue, WorkQueueChecker.Promise.ackedNeverAgain.rawValue,
    WorkQueueChecker.Promise.exclusiveDelivery.rawValue,
  ]
}

extension InvariantReport.Finding {
  /// Whether it stays one however the history goes on.
  var isFinal: Bool { survivesMissingEvents || anomaly.isFinal }
}

extension InvariantAnomaly {
  /// Whether a finding stays one however a history goes on of which nothing is missing so far, as of a run that has not
  /// ended: what survives the loss of any events, and what only earlier events could explain.
  ///
  /// Operations that are open count as of unknown outcome: whatever they come to was taken into account. What is found by
  /// a message's id takes for granted that no other message will come under it, and this one under no other: then that is what is wrong.
  var isFinal: Bool {
    switch self {
    // To be put in, given back or taken over, a message needs an operation that began before it came out again.
    case .unexpectedMessage, .earlyRedelivery, .abortedRead, .thinAirRead: true
    // An assignment between two polls of a consumer began between them.
    case .pollSkip, .nonmonotonicPoll, .innerPollSkip, .innerNonmonotonicPoll: true
    default: survivesMissingEvents
    }
  }
}
