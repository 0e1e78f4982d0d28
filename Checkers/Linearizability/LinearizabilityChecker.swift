import Histories

/// Decides whether a history is linearizable (Herlihy & Wing, 1990): whether its operations can be put in one order
/// that the model allows and in which each takes effect between its invocation and its completion.
///
/// A keyed history is decided key by key (linearizability is local), keys in parallel. Results do not depend on which
/// thread finished first.
public enum LinearizabilityChecker {
  /// Recorded in the result and described in Docs/checkers.md.
  public static let algorithm = "just-in-time search with crash classes"
  /// Violations shown with a counterexample: those proved by the earliest events.
  public static let counterexamplesMax = 20
  /// Reasons spelled out when several keys could not be decided.
  static let reasonsMax = 3

  /// The verdict for the whole history.
  ///
  /// - Parameters:
  ///   - history: keyed or not; nemesis events and failed operations are skipped.
  ///   - budget: shared by all keys.
  ///   - threads: keys under way at one time.
  ///   - cancellation: ends the check early.
  /// - Returns: `error` with a reason if the history cannot be paired or the model cannot read an operation.
  @inlinable public static func check<Model: SequentialModel>(
    _ history: History, model: Model, budget: CheckBudget = CheckBudget(), threads: Int = defaultThreads,
    cancellation: CheckCancellation? = nil
  ) -> CheckResult {
    do {
      var tuning = CheckTuning()
      tuning.wantsWitnesses = false
      return summarize(
        try decide(
          history, model: model, budget: budget, threads: threads, cancellation: cancellation, tuning: tuning))
    } catch {
      return CheckResult(verdict: .error, algorithm: algorithm, reason: "\(error)")
    }
  }

  /// The decision for each object, in order of the keys' first appearance.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` for the earliest operation that the model cannot read.
  @inlinable public static func decide<Model: SequentialModel>(
    _ history: History, model: Model, budget: CheckBudget = CheckBudget(), threads: Int = defaultThreads,
    cancellation: CheckCancellation? = nil
  ) throws -> [ObjectDecision] {
    try decide(
      history, model: model, budget: budget, threads: threads, cancellation: cancellation, tuning: CheckTuning())
  }

  @inlinable static func decide<Model: SequentialModel>(
    _ history: History, model: Model, budget: CheckBudget = CheckBudget(), threads: Int = defaultThreads,
    cancellation: CheckCancellation? = nil, tuning: CheckTuning
  ) throws -> [ObjectDecision] {
    let operations = try Operations(history)
    let run = ParallelCheck(operations, budget: budget, threads: threads, cancellation: cancellation, tuning: tuning)
    return try run.decisions { key throws(MalformedHistory) in
      guard let key else { return try Lowering.object(0..<UInt32(operations.count), of: operations, model: model) }
      return try Lowering.object(operations.positions(key: key), of: operations, model: model)
    }
  }

  /// The processors of this machine.
  public static var defaultThreads: Int { processorCount() }

  @usableFromInline static func summarize(_ decisions: [ObjectDecision]) -> CheckResult {
    let invalid = decisions.filter { $0.verdict == .invalid }
    let shown = invalid.filter { $0.finding != nil }.sorted { ($0.violation ?? 0) < ($1.violation ?? 0) }
      .prefix(counterexamplesMax)
    return CheckResult(
      verdict: .combined(decisions.map(\.verdict)), algorithm: algorithms(decisions),
      reason: reason(decisions, invalidCount: invalid.count, shownCount: shown.count),
      findings: shown.compactMap(\.finding), counterexamples: shown.compactMap(\.counterexample))
  }

  /// What decided, each name once: the most used first.
  private static func algorithms(_ decisions: [ObjectDecision]) -> String {
    var counts: [String: Int] = [:]
    for decision in decisions { counts[decision.algorithm, default: 0] += 1 }
    if counts.count <= 1 { return counts.keys.first ?? algorithm }
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return sorted.map { "\($0.key) (\($0.value) keys)" }.joined(separator: ", ")
  }

  private static func reason(_ decisions: [ObjectDecision], invalidCount: Int, shownCount: Int) -> String? {
    var reasons: [String] = []
    if invalidCount > shownCount {
      reasons.append("\(invalidCount) keys are not linearizable; the \(shownCount) earliest violations are shown")
    }
    let unknown = decisions.filter { $0.verdict == .unknown }
    for decision in unknown.prefix(reasonsMax) {
      reasons.append((decision.key.map { "key \($0): " } ?? "") + (decision.reason ?? ""))
    }
    if unknown.count > reasonsMax { reasons.append("and \(unknown.count - reasonsMax) more keys undecided") }
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }
}
