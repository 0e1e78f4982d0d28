import Checkers
import Histories

/// `faultline check --output json`: one document for all files (schema 1, described in Docs/results.md).
struct CheckDocument: Encodable {
  /// One file, in the order of the command line.
  struct File: Encodable {
    var file: String
    /// Why the file could not be checked (then all else is missing), or why its counterexamples could not be written.
    var error: String?
    var verdict: Verdict?
    var claim: String?
    var model: String?
    var format: String?
    var algorithm: String?
    /// Why the verdict is `unknown`, or what more is wrong than is listed.
    var reason: String?
    var operations: Int?
    /// Independent objects; missing where the history is of one object.
    var keys: Int?
    /// The names of clients that the file calls by name, by the process number that they have here; missing where it
    /// calls none so.
    var processNames: [String: String]?
    /// What --lenient left out: events, and bytes of the file's end.
    var skipped: Int?
    var skippedBytes: Int?
    /// What the verdict rests on and the file makes doubtful; missing where there is nothing.
    var warnings: [String]?
    var readSeconds: Double?
    var checkSeconds: Double?
    var findings: [Finding]?
    /// As many as findings and in the same order, where they can be drawn.
    var counterexamples: [Counterexample]?
    /// Of a transactional history: every level, and what breaks some.
    var isolation: IsolationEvidence?
    /// What is worth a look but breaks no claim; missing where there is nothing.
    var notices: [String]?
    /// Numbers about the history; missing where the model has none.
    var statistics: [Statistic]?
  }

  var schema = 1
  /// Of all files that could be checked.
  var verdict: Verdict
  /// The exit code of the command.
  var exit: Int32
  var files: [File]
}

extension CheckDocument.File {
  init(problem: String, of name: String) {
    file = name
    error = problem
  }

  init(_ checked: HistoryCheck.Checked) {
    let result = checked.result
    self.init(
      file: checked.name, verdict: result.verdict, claim: checked.claim, model: checked.model.name,
      format: checked.read.format.rawValue, algorithm: result.algorithm, reason: result.reason,
      operations: checked.operations, keys: checked.keys,
      processNames: checked.read.processNames.isEmpty
        ? nil
        : Dictionary(uniqueKeysWithValues: checked.read.processNames.map { (String($0.key.rawValue), $0.value) }),
      skipped: checked.read.skipped.total,
      skippedBytes: checked.read.skipped.tornBytes, warnings: checked.warnings.isEmpty ? nil : checked.warnings,
      readSeconds: checked.readTime, checkSeconds: checked.checkTime, findings: result.findings,
      counterexamples: result.counterexamples, isolation: result.isolation,
      notices: result.notices.isEmpty ? nil : result.notices,
      statistics: result.statistics.isEmpty ? nil : result.statistics)
  }
}
