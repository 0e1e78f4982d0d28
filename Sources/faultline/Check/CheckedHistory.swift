import Checkers
import Histories
import Reports
import Runs

/// A history with the verdict on the one claim that was asked for.
extension HistoryCheck.Checked: CheckedInput {
  var verdict: Verdict { result.verdict }

  var exit: Int32 {
    switch result.verdict {
    case .valid: Runs.ExitCode.met
    case .invalid: Runs.ExitCode.violation
    case .unknown: Runs.ExitCode.unknown
    case .error: Runs.ExitCode.environment
    }
  }

  var counterexamples: [Counterexample] { result.counterexamples }

  var remarks: [String] { (guess.map { ["taken as \(model.name): \($0)"] } ?? []) + warnings }

  func text(_ style: TerminalStyle) -> String {
    HistoryCheckText.text(
      name: name, result: result, facts: facts, style: style, place: { read.location(ofEvent: $0) })
  }

  private var facts: [String] {
    ["\(claim) \(model.name)"] + (keys.map { [CheckFacts.count($0, "key")] } ?? []) + [
      CheckFacts.count(operations, "operation"),
      "read in \(CheckFacts.seconds(readTime)), decided in \(CheckFacts.seconds(checkTime))",
      "by \(result.algorithm)",
    ] + CheckFacts.skipped(read) + CheckFacts.processNames(read)
  }

  var entry: CheckDocument.File {
    var file = CheckDocument.File(name, read, warnings: warnings)
    (file.verdict, file.claim, file.model) = (result.verdict, claim, model.name)
    (file.algorithm, file.reason) = (result.algorithm, result.reason)
    (file.operations, file.keys) = (operations, keys)
    (file.readSeconds, file.checkSeconds) = (readTime, checkTime)
    (file.findings, file.counterexamples, file.isolation) = (result.findings, result.counterexamples, result.isolation)
    file.notices = result.notices.isEmpty ? nil : result.notices
    file.statistics = result.statistics.isEmpty ? nil : result.statistics
    return file
  }
}
