import Histories

/// What registers promise below linearizability: guarantees to sessions (Terry and others, PDIS 1994), PRAM, and causal
/// consistency with convergence (Bouajjani and others, "On Verifying Causal Consistency", POPL 2017, CCv).
///
/// Each operation is a transaction of its own, and a history is decided as `rw-register` decides transactions: exactly,
/// whatever order the writes that overlap took effect in. Values that are read were written once.
public enum RegisterConsistency {
  /// Weakest first.
  public static let levels: [IsolationLevel] = IsolationLevel.allCases.filter(ofSessions.contains)

  private static let ofSessions: Set<IsolationLevel> = [
    .readYourWrites, .monotonicReads, .monotonicWrites, .writesFollowReads, .pram, .causal,
  ]

  /// Events of the longest history for which the levels that nobody asked about are decided, too: each takes as long as
  /// the one that is claimed.
  static let ladderEventsMax = 500_000

  /// The claim's verdict, with the ladder of all levels beside it where the history is not too long for that.
  ///
  /// - Parameters:
  ///   - claim: one of `levels`.
  ///   - initial: what each register holds at first.
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is none of a register, for a value
  ///   written that is no scalar, and for a read of a value that was written twice.
  public static func result(
    _ history: History, claim: IsolationLevel, initial: Value = .null, budget: CheckBudget = CheckBudget()
  ) throws -> CheckResult {
    try result(history, claim, initial, budget, ladderEventsMax: ladderEventsMax)
  }

  static func result(
    _ history: History, _ claim: IsolationLevel, _ initial: Value, _ budget: CheckBudget, ladderEventsMax: Int
  ) throws -> CheckResult {
    let levels = history.count > ladderEventsMax ? [claim] : ofSessions
    return try report(history, levels, initial, budget).result(claim: claim, of: history) { invocation, completion in
      RegisterTransactions.microOperations(history, invocation: invocation, completion: completion)
    }
  }

  private static func report(
    _ history: History, _ levels: Set<IsolationLevel>, _ initial: Value, _ budget: CheckBudget
  ) throws -> IsolationReport {
    let transactions = try Transactions(ofRegisters: history, initial: initial)
    var report = try RWRegisterChecker(.init(budget: budget, levels: levels)).report(transactions)
    report.ladder = report.ladder.filter { levels.contains($0.level) }
    if levels.count == 1, let level = levels.first {
      report.notices.append("the history is long: only \(level.rawValue) was decided, other guarantees by --claim")
    }
    report.speakOfOperations()
    if !transactions.operations.contains(where: \.isKnown) { report.holdBack("no read completed") }
    return report
  }
}

extension IsolationReport {
  /// All of these levels say what reads may show: without a read nothing is known of them, as of `weak-causal`.
  fileprivate mutating func holdBack(_ reason: String) {
    for place in ladder.indices where ladder[place].verdict == .valid {
      (ladder[place].verdict, ladder[place].reason) = (.unknown, reason)
    }
  }

  /// Who asked about registers has no transactions.
  fileprivate mutating func speakOfOperations() {
    for place in anomalies.indices {
      anomalies[place].summary = anomalies[place].summary.replacing("transaction", with: "operation")
      for step in anomalies[place].steps.indices {
        let reason = anomalies[place].steps[step].reason
        anomalies[place].steps[step].reason = reason.replacing("transaction", with: "operation")
      }
    }
    notices = notices.map { $0.replacing("transaction", with: "operation") }
  }
}
