import Checkers
import Histories
import Plans
import RunStore
import Workloads

/// Turns what a run recorded into verdicts; the only place where a history is judged, by the run and by whoever comes back
/// to it.
struct Judgement {
  /// Most counterexamples written for one claim.
  static let counterexamplesMax = 20

  let claims: [ClaimExpectation]
  /// Its name.
  let workload: String
  let checks: [ClaimCheck]
  let budget: CheckBudget

  /// A claim with its result and the seconds it took.
  struct Judged {
    var expectation: ClaimExpectation
    var checker: String
    var result: CheckResult
    var seconds: Double
  }

  /// - Parameter online: what was found while the run went on.
  func judge(
    _ history: History, online: [OnlineRecord] = [], recovers: Recovers.Observation?,
    noPanic: @autoclosure () -> CheckResult
  ) -> [Judged] {
    claims.map { expectation in
      switch expectation.claim {
      case "recovers": timed(expectation) { ("recovers", Recovers.check(recovers)) }
      case "no-panic": timed(expectation) { ("no-panic", noPanic()) }
      default: judge(expectation, history, online)
      }
    }
  }

  /// A claim about the history alone.
  func judge(_ expectation: ClaimExpectation, _ history: History, _ online: [OnlineRecord]) -> Judged {
    timed(expectation) { check(expectation.claim, history, online) }
  }

  private func timed(_ expectation: ClaimExpectation, _ check: () -> (checker: String, result: CheckResult)) -> Judged {
    let start = RunClock.monotonic()
    let (checker, result) = check()
    let seconds = Double(RunClock.monotonic() - start) / 1e9
    return Judged(expectation: expectation, checker: checker, result: result, seconds: seconds)
  }

  private func check(_ claim: String, _ history: History, _ online: [OnlineRecord]) -> (String, CheckResult) {
    guard let check = checks.first(where: { $0.claim == claim }) else {
      let reason = "workload '\(workload)' has no checker for '\(claim)'"
      return ("none", CheckResult(verdict: .error, algorithm: "none", reason: reason))
    }
    let result = check.run(history, budget)
    let known = online.first { $0.claim == claim }?.violations.map(\.event).min()
    guard result.verdict == .unknown, let known else { return (check.checker, result) }
    // The whole was too much, but a prefix was not: what it breaks, the whole does.
    var prefix = check.run(History(keyed: history.keyed, history.events.prefix(known + 1)), budget)
    prefix.reason = "found in the events up to \(known); of the whole: \(result.reason ?? "undecided")"
    return (check.checker, prefix.verdict == .invalid ? prefix : result)
  }

  /// Outcomes as `results.json` has them; `valid` becomes `unknown` where a minimum was missed, because a history in
  /// which nothing happened satisfies everything.
  func outcomes(_ judged: [Judged], minimums: [Minimum], write: (Counterexample) throws -> String) rethrows
    -> [ClaimOutcome]
  {
    let missed = minimums.filter { !$0.reached }.map { "\($0.name) is \($0.got), wanted \($0.wanted)" }
    return try judged.map { judged in
      let result = judged.result
      var (verdict, reason) = (result.verdict, result.reason)
      if verdict == .valid, !missed.isEmpty, !Self.aboutTheRun.contains(judged.expectation.claim) {
        verdict = .unknown
        reason = "too little happened: " + missed.joined(separator: "; ")
      }
      return ClaimOutcome(
        claim: judged.expectation.claim, checker: judged.checker, algorithm: result.algorithm, verdict: verdict,
        expect: judged.expectation.expect, outcome: .of(verdict, expecting: judged.expectation.expect),
        seconds: judged.seconds, reason: reason, findings: result.findings,
        counterexamples: try result.counterexamples.prefix(Self.counterexamplesMax).map(write),
        isolation: result.isolation)
    }
  }

  /// Claims that do not speak of the history.
  static let aboutTheRun: Set<String> = ["recovers", "no-panic"]
}
