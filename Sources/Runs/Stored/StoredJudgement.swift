import Checkers
import Histories
import Plans
import RunStore
import Workloads

/// A stored run judged again, by the same checks as the run itself.
public struct StoredJudgement: Sendable {
  /// One claim with its verdict.
  public struct Claim: Sendable {
    public var outcome: ClaimOutcome
    /// What the checker said of the history; nil of what was taken from `results.json`.
    public var result: CheckResult?
  }

  /// In the order in which the run made them.
  public var claims: [Claim]
  public var minimums: [Minimum]
  /// Claims of which the directory tells nothing.
  public var leftOut: [String]

  public var outcomes: [ClaimOutcome] { claims.map(\.outcome) }

  /// All claims and minimums together, as `results.json` has it.
  public var verdict: Verdict {
    Verdict.combined(outcomes.map(\.verdict) + [minimums.allSatisfy(\.reached) ? .valid : .unknown])
  }

  /// As the run had it.
  public var exit: Int32 { ExitCode.of(outcomes, minimums: minimums) }
}

extension StoredRun {
  /// The history as the run's checks had it: split by key where its workload has keys.
  public func history(_ read: ReadHistory) -> History {
    plan.workload.keyed ? read.history.splittingKeys() : read.history
  }

  /// Judges the history by the claims.
  ///
  /// What no history holds (whether the system recovered, how its processes ended, how faults took effect) is what the
  /// run saw: from `results.json`, or left out where there is none.
  ///
  /// - Parameters:
  ///   - history: `history(read)`.
  ///   - read: the run's own history.
  ///   - budget: for each claim.
  /// - Throws: `WorkloadError` where the plan's parameters cannot be.
  public func judge(
    _ history: History, of read: ReadHistory, claims: [ClaimExpectation], budget: CheckBudget
  ) throws -> StoredJudgement {
    let judgement = Judgement(
      claims: claims, workload: plan.workload.name, checks: try plan.workload.checks(plan.choice.parameters),
      budget: budget)
    let minimums = minimums(history)
    var judged = StoredJudgement(claims: [], minimums: minimums, leftOut: [])
    for expectation in claims {
      if Judgement.aboutTheRun.contains(expectation.claim) {
        if let seen = recorded(expectation) {
          judged.claims.append(.init(outcome: seen, result: nil))
        } else {
          judged.leftOut.append(expectation.claim)
        }
      } else {
        var found = judgement.judge(expectation, history, results?.online ?? [])
        found.result = found.result.supported(by: read, claim: expectation.claim)
        judged.claims += judgement.outcomes([found], minimums: minimums) { _ in "" }.map {
          var outcome = $0
          outcome.counterexamples = []  // nothing is written: they are in the result
          return .init(outcome: outcome, result: found.result)
        }
      }
    }
    return judged
  }

  /// What the run found out about a claim that speaks of more than its history.
  private func recorded(_ expectation: ClaimExpectation) -> ClaimOutcome? {
    guard var outcome = results?.claims.first(where: { $0.claim == expectation.claim }) else { return nil }
    outcome.expect = expectation.expect
    outcome.outcome = .of(outcome.verdict, expecting: expectation.expect)
    return outcome
  }

  /// Of a run that wrote no results: whether its faults took effect, and what came after them, nobody saw.
  static let runEnded = Minimum(
    name: "run-ended", wanted: 1, got: 0,
    hint:
      "the run was killed, or is still going on (no \(RunFile.results)): nothing proves that its faults took effect; "
      + "`faultline replay` runs it again")

  /// Those that the history tells of, counted anew; the others as the run counted them.
  private func minimums(_ history: History) -> [Minimum] {
    let functions = plan.workload.operations.filter { plan.choice.uses($0) }.map(\.name).sorted()
    let recorded = results?.minimums ?? []
    let counted = AntiVacuity(plan.minimums).minimums(history: history, functions: functions)
    let names = Set(counted.map(\.name))
    return counted.map { new in recorded.first { $0.name == new.name && $0.got == new.got } ?? new }
      + recorded.filter { !names.contains($0.name) } + (results == nil ? [Self.runEnded] : [])
  }
}
