import Histories

/// How one claim is decided on what is known of one object while the run goes on.
///
/// The claim must be closed under prefixes: where a history breaks it, every longer one does. Operations that are still
/// open count as unknown, so what is broken now stays broken whatever they turn out to be.
public struct OnlineDecider: Sendable {
  public enum Answer: Hashable, Sendable {
    case holds
    /// - Parameters:
    ///   - event: index, in the history that was given, at or before which no proof can end; often where it does.
    ///   - summary: the violation in a sentence.
    case broken(event: Int, summary: String)
    /// The budget ran out: asked again when more is known.
    case undecided
    /// The history is none of this claim's, for a reason: never asked again, and left to the check at the end.
    case unreadable(String)
  }

  /// Keyed like the run's history, but of one key.
  public var decide: @Sendable (History, CheckBudget, CheckCancellation?) -> Answer

  public init(decide: @escaping @Sendable (History, CheckBudget, CheckCancellation?) -> Answer) {
    self.decide = decide
  }

  /// Linearizability, decided by the very checker that judges the run at its end, so that the two cannot disagree.
  public static func linearizable<Model: SequentialModel>(_ model: Model) -> OnlineDecider {
    OnlineDecider { history, budget, cancellation in
      do {
        let decisions = try LinearizabilityChecker.decide(
          history, model: model, budget: budget, threads: 1, cancellation: cancellation)
        return answer(decisions)
      } catch {
        return .unreadable("\(error)")
      }
    }
  }

  private static func answer(_ decisions: [ObjectDecision]) -> Answer {
    for decision in decisions where decision.verdict == .invalid {
      return .broken(event: decision.violation ?? 0, summary: decision.finding?.summary ?? "no order explains it")
    }
    return decisions.allSatisfy { $0.verdict == .valid } ? .holds : .undecided
  }
}
