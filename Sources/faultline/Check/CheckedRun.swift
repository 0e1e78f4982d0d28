import Checkers
import Histories
import Plans
import Reports
import RunStore
import Runs
import Workloads

/// A run directory with the verdicts on its claims.
extension RunCheck.Checked: CheckedInput {
  var verdict: Verdict { judgement.verdict }

  /// The run's, but for a history that is none of its workload's: that is no failure of the environment.
  var exit: Int32 {
    let isUnreadable = judgement.claims.contains { $0.result?.verdict == .error }
    return judgement.exit == Runs.ExitCode.environment && isUnreadable ? Runs.ExitCode.usage : judgement.exit
  }

  var counterexamples: [Counterexample] { judgement.claims.flatMap { $0.result?.counterexamples ?? [] } }

  var remarks: [String] { warnings }

  func text(_ style: TerminalStyle) -> String {
    let all = judgement.claims.filter { $0.outcome.verdict == .invalid }
    let broken = all.first { $0.outcome.outcome == .missed } ?? all.first
    return RunCheckText(
      name: name, verdict: verdict, facts: facts, outcomes: judgement.outcomes,
      missed: judgement.minimums.filter { !$0.reached }, notes: notes,
      counterexample: broken?.result?.counterexamples.first,
      isolation: broken?.result?.isolation
    ).text(style) { read.location(ofEvent: $0) }
  }

  private var facts: [String] {
    ["workload \(run.plan.workload.name) of \(run.plan.name), seed \(run.plan.seed)"]
      + (keys.map { [CheckFacts.count($0, "key")] } ?? []) + [
        CheckFacts.count(operations, "operation"),
        "read in \(CheckFacts.seconds(readTime)), decided in \(CheckFacts.seconds(checkTime))",
      ] + CheckFacts.skipped(read) + CheckFacts.processNames(read)
  }

  /// Where verdicts are from that the history does not give, and what nothing gives.
  private var notes: [String] {
    let recorded = judgement.claims.filter { $0.result == nil }.map(\.outcome.claim)
    let found = judgement.claims.flatMap { claim in
      (claim.result?.notices ?? []).map { "\(claim.outcome.claim): \($0)" }
    }
    return (recorded.isEmpty ? [] : ["\(recorded.joined(separator: ", ")): as the run saw it (\(RunFile.results))"])
      + (judgement.leftOut.isEmpty ? [] : ["left out: \(judgement.leftOut.joined(separator: ", ")): \(whyLeftOut)"])
      + found
  }

  private var whyLeftOut: String {
    run.results == nil
      ? "no history tells of it, and there is no \(RunFile.results)"
      : "no history tells of it, and the run did not look (\(RunFile.results))"
  }

  var entry: CheckDocument.File {
    var file = CheckDocument.File(name, read, warnings: warnings)
    (file.verdict, file.exit, file.workload) = (verdict, exit, run.plan.workload.name)
    (file.operations, file.keys) = (operations, keys)
    (file.readSeconds, file.checkSeconds) = (readTime, checkTime)
    file.claims = judgement.claims.map(CheckDocument.Claim.init)
    file.minimums = judgement.minimums
    file.leftOut = judgement.leftOut.isEmpty ? nil : judgement.leftOut
    return file
  }
}

extension CheckDocument.Claim {
  init(_ claim: StoredJudgement.Claim) {
    let (outcome, result) = (claim.outcome, claim.result)
    self.init(
      claim: outcome.claim, source: result == nil ? RunFile.results : RunFile.history, checker: outcome.checker,
      algorithm: outcome.algorithm, verdict: outcome.verdict, expect: outcome.expect, outcome: outcome.outcome,
      seconds: outcome.seconds, reason: outcome.reason, findings: outcome.findings,
      counterexamples: result?.counterexamples ?? [], isolation: outcome.isolation,
      notices: result.flatMap { $0.notices.isEmpty ? nil : $0.notices },
      statistics: result.flatMap { $0.statistics.isEmpty ? nil : $0.statistics })
  }
}
