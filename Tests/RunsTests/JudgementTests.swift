import Checkers
import Histories
import Plans
import RunStore
import Testing
import Workloads

@testable import Runs

/// Verdicts become outcomes, and those an exit code.
@Suite struct JudgementTests {
  private static let missed = [
    Minimum(name: "ok{f=read}", wanted: 1, got: 0), Minimum(name: "ok{f=write}", wanted: 1, got: 1),
    Minimum(name: "ok-after-heal", wanted: 10, got: 3),
  ]

  private func judgement(_ claims: [ClaimExpectation] = [], _ checks: [ClaimCheck] = []) -> Judgement {
    Judgement(
      claims: claims, workload: "register", checks: checks, budget: CheckBudget(secondsMax: 7, bytesMax: 9))
  }

  private func expectation(_ claim: String, _ expect: Verdict = .valid) -> ClaimExpectation {
    ClaimExpectation(claim: claim, expect: expect, line: nil)
  }

  private func judged(
    _ verdict: Verdict, claim: String = "linearizable", expecting expect: Verdict = .valid, reason: String? = nil,
    counterexamples: [Counterexample] = []
  ) -> Judgement.Judged {
    let result = CheckResult(
      verdict: verdict, algorithm: "a", reason: reason,
      findings: verdict == .invalid
        ? [Finding(anomaly: "x", summary: "y", operations: [1], fingerprint: "z")] : [],
      counterexamples: counterexamples)
    return .init(expectation: expectation(claim, expect), checker: "c", result: result, seconds: 0.5)
  }

  private func outcome(_ judged: Judgement.Judged, _ minimums: [Minimum] = []) throws -> ClaimOutcome {
    try #require(judgement().outcomes([judged], minimums: minimums) { _ in "" }.first)
  }

  private func counterexample(_ summary: String) -> Counterexample {
    Counterexample(
      claim: "linearizable", anomaly: "x", key: nil, summary: summary, explanation: [], initialStates: [],
      earlierOperations: 0, operations: [], violation: 0, paths: [])
  }

  @Test func `what was seen while the run went on stands, though the whole is too much for the check`() throws {
    let check = ClaimCheck(claim: "linearizable", checker: "c") { history, _ in
      history.count > 3
        ? CheckResult(verdict: .unknown, algorithm: "a", reason: "time is up")
        : CheckResult(verdict: history.count == 3 ? .invalid : .valid, algorithm: "a")
    }
    let history = History(
      (0..<9).map { Event(index: $0, time: 0, process: .nemesis, type: .info, function: "f", value: nil) })
    func judged(_ events: [Int]) throws -> CheckResult {
      let violations = events.map {
        OnlineRecord.Violation(key: nil, event: $0, violationTime: 0, detectedAfterSeconds: 1, summary: "s")
      }
      let record = OnlineRecord(
        claim: "linearizable", decisions: 1, seconds: 0, lagSecondsMax: 1, violations: violations, problem: nil)
      let judged = judgement([expectation("linearizable")], [check]).judge(
        history, online: [record], recovers: nil, noPanic: CheckResult(verdict: .valid, algorithm: "a"))
      return try #require(judged.first).result
    }
    let found = try judged([5, 2])
    #expect(found.verdict == .invalid && found.reason?.contains("time is up") == true)
    #expect(try judged([]).verdict == .unknown)
    #expect(try judged([1]).verdict == .unknown)  // a prefix that breaks nothing proves nothing
  }

  @Test func `valid stays valid when enough happened`() throws {
    let found = try outcome(judged(.valid), Self.missed.filter(\.reached))
    #expect(found.verdict == .valid && found.outcome == .met && found.reason == nil)
  }

  @Test func `valid becomes unknown when a minimum was missed, and says which`() throws {
    let found = try outcome(judged(.valid), Self.missed)
    #expect(found.verdict == .unknown && found.outcome == .undecided)
    #expect(
      found.reason == "too little happened: ok{f=read} is 0, wanted 1; ok-after-heal is 3, wanted 10")
  }

  @Test(arguments: ["recovers", "no-panic"])
  func `claims about the run keep their verdict`(claim: String) throws {
    let found = try outcome(judged(.valid, claim: claim), Self.missed)
    #expect(found.verdict == .valid && found.outcome == .met && found.reason == nil)
  }

  @Test(arguments: [Verdict.invalid, .unknown, .error])
  func `only valid is doubted`(verdict: Verdict) throws {
    let found = try outcome(judged(verdict, reason: "why"), Self.missed)
    #expect(found.verdict == verdict && found.reason == "why")
    #expect(found.findings.count == (verdict == .invalid ? 1 : 0))
  }

  @Test(arguments: [
    (Verdict.valid, Verdict.valid, ClaimOutcome.Outcome.met), (.invalid, .valid, .missed),
    (.unknown, .valid, .undecided), (.error, .valid, .undecided), (.valid, .invalid, .missed),
    (.invalid, .invalid, .met), (.unknown, .invalid, .undecided), (.error, .invalid, .undecided),
  ])
  func `the outcome says whether the plan's expectation was met`(
    verdict: Verdict, expected: Verdict, wanted: ClaimOutcome.Outcome
  ) throws {
    let found = try outcome(judged(verdict, expecting: expected))
    #expect(found.outcome == wanted && found.verdict == verdict && found.expect == expected)
  }

  @Test func `a claim expected to break is undecided, not missed, when too little happened`() throws {
    #expect(try outcome(judged(.valid, expecting: .invalid), Self.missed).outcome == .undecided)
    #expect(try outcome(judged(.invalid, expecting: .invalid), Self.missed).outcome == .met)
  }

  @Test func `counterexamples are written in order, up to the limit`() throws {
    let many = (0..<Judgement.counterexamplesMax + 5).map { counterexample("\($0)") }
    let found = judgement().outcomes([judged(.invalid, counterexamples: many)], minimums: []) {
      $0.summary + ".json"
    }
    #expect(found[0].counterexamples == (0..<Judgement.counterexamplesMax).map { "\($0).json" })
  }

  @Test func `every claim is judged by its own checker`() throws {
    let check = ClaimCheck(claim: "linearizable", checker: "wgl") { history, budget in
      CheckResult(verdict: .unknown, algorithm: "\(history.count) \(budget.secondsMax) \(budget.bytesMax)")
    }
    let claims = ["no-panic", "linearizable", "recovers", "bank"].map { expectation($0) }
    let history = History([Event(index: 0, time: 0, process: ProcessID(0), type: .invoke, function: "f", value: nil)])
    let seen = Recovers.Observation(unhealthy: ["n1"], okAfterHeal: 0, okWanted: 0, seconds: 1, deadlineSeconds: 1)
    let judged = judgement(claims, [check]).judge(
      history, recovers: seen, noPanic: CheckResult(verdict: .error, algorithm: "logs"))
    #expect(judged.map(\.expectation.claim) == claims.map(\.claim))
    #expect(judged.map(\.checker) == ["no-panic", "wgl", "recovers", "none"])
    #expect(judged.map(\.result.verdict) == [.error, .unknown, .invalid, .error])
    #expect(judged[1].result.algorithm == "1 7.0 9")
    #expect(judged[3].result.reason == "workload 'register' has no checker for 'bank'")
    #expect(judged.allSatisfy { $0.seconds >= 0 })
  }
}

@Suite struct ExitCodeTests {
  private static func claim(_ verdict: Verdict, _ expect: Verdict = .valid) -> ClaimOutcome {
    ClaimOutcome(
      claim: "c", checker: "", algorithm: "", verdict: verdict, expect: expect,
      outcome: .of(verdict, expecting: expect), seconds: 0, reason: nil, findings: [], counterexamples: [])
  }

  /// Verdicts of the claims, the exit code with all minimums reached, and with one missed.
  static let table: [([ClaimOutcome], Int32, Int32)] = [
    ([], 0, 2),
    ([claim(.valid)], 0, 2),
    ([claim(.valid), claim(.valid)], 0, 2),
    ([claim(.invalid)], 1, 1),
    ([claim(.unknown)], 2, 2),
    ([claim(.error)], 75, 75),
    ([claim(.invalid, .invalid)], 0, 2),
    ([claim(.valid, .invalid)], 1, 1),
    ([claim(.unknown, .invalid)], 2, 2),
    ([claim(.error, .invalid)], 75, 75),
    ([claim(.valid), claim(.unknown)], 2, 2),
    ([claim(.unknown), claim(.error)], 75, 75),
    ([claim(.error), claim(.invalid)], 1, 1),
    ([claim(.unknown), claim(.error), claim(.invalid), claim(.valid)], 1, 1),
    ([claim(.invalid, .invalid), claim(.unknown)], 2, 2),
    ([claim(.invalid, .invalid), claim(.invalid)], 1, 1),
  ]

  @Test(arguments: table.indices)
  func `the worst of the claims and minimums decides`(row: Int) {
    let (claims, reached, missed) = Self.table[row]
    let enough = Minimum(name: "m", wanted: 1, got: 1)
    #expect(ExitCode.of(claims, minimums: []) == reached)
    #expect(ExitCode.of(claims, minimums: [enough]) == reached)
    #expect(ExitCode.of(claims, minimums: [enough, Minimum(name: "n", wanted: 1, got: 0)]) == missed)
  }

  @Test func `the numbers are those that scripts rely on`() {
    let codes = [
      ExitCode.met, ExitCode.violation, ExitCode.unknown, ExitCode.threshold, ExitCode.usage, ExitCode.crash,
      ExitCode.environment, ExitCode.interrupted,
    ]
    #expect(codes == [0, 1, 2, 3, 64, 70, 75, 130])
  }
}
