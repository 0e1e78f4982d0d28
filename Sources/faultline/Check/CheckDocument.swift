import Histories
import RunStore

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
    /// Of a run directory: its workload.
    var workload: String?
    /// Of a run directory: the exit code that it alone would give, as verdicts may be what the run expected.
    var exit: Int32?
    /// Of a run directory: every claim. Then nothing is said of one claim, of its model and of findings above.
    var claims: [Claim]?
    /// Of a run directory: what had to be reached before anything may be called valid.
    var minimums: [Minimum]?
    /// Of a run directory: claims that nothing in it tells of; missing where there is none.
    var leftOut: [String]?
  }

  /// One claim of a run: as in `results.json`, but with its counterexamples in place of their files.
  struct Claim: Encodable {
    var claim: String
    /// The file of the run directory that the verdict is from.
    var source: String
    var checker: String
    var algorithm: String
    var verdict: Verdict
    var expect: Verdict
    var outcome: ClaimOutcome.Outcome
    var seconds: Double
    var reason: String?
    var findings: [Finding]
    var counterexamples: [Counterexample]
    var isolation: IsolationEvidence?
    var notices: [String]?
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

  /// What is said of every file that could be read.
  init(_ name: String, _ read: ReadHistory, warnings: [String]) {
    file = name
    format = read.format.rawValue
    if !read.processNames.isEmpty {
      processNames = Dictionary(uniqueKeysWithValues: read.processNames.map { (String($0.key.rawValue), $0.value) })
    }
    skipped = read.skipped.total
    skippedBytes = read.skipped.tornBytes
    self.warnings = warnings.isEmpty ? nil : warnings
  }
}
