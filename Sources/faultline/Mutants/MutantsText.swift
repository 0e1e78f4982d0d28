import Runs

/// A report on mutants as a table for people.
enum MutantsText {
  static func text(_ report: MutantReport) -> String {
    let rows = [["bug", "workload", "caught", "median", "slowest", "broken claims"]] + report.rows.map(cells)
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ").trimmedEnd
    }
    return (lines + [""] + summary(report)).joined(separator: "\n")
  }

  private static func cells(_ row: MutantRow) -> [String] {
    let seconds = row.secondsToCatch
    let claims = row.brokenClaims.map { "\($0.claim) \($0.times)" }.joined(separator: ", ")
    return [
      row.bug ?? "(none)", row.workload, "\(row.caught) of \(row.runs.count)",
      seconds.isEmpty ? "" : duration(seconds[seconds.count / 2]), seconds.last.map(duration) ?? "",
      row.bug == nil ? clean(row) : claims,
    ]
  }

  /// What the runs without a bug came to.
  private static func clean(_ row: MutantRow) -> String {
    let valid = row.runs.count { $0.exit == ExitCode.met }
    let unknown = row.runs.count { $0.exit == ExitCode.unknown }
    return "\(valid) valid" + (unknown > 0 ? ", \(unknown) unknown" : "")
      + (row.caught > 0 ? ", \(row.caught) FALSE ALARMS" : "")
  }

  private static func summary(_ report: MutantReport) -> [String] {
    let median = report.medianSeconds.map { ", median time to catch \(duration($0))" } ?? ""
    var lines = report.isInterrupted ? ["Interrupted: this is what had been done."] : []
    if report.bugs > 0 {
      lines.append("\(report.caughtBugs) of \(report.bugs) bugs caught in at least 9 of 10 tries\(median).")
    }
    if let clean = report.cleanRuns { lines.append("\(clean.valid) of \(clean.runs) runs without a bug valid.") }
    for row in report.rows where !row.isRight {
      // One command to look at: a false alarm, or a run that saw nothing.
      guard let run = row.runs.first(where: { $0.isCaught == (row.bug == nil) }) ?? row.runs.first else { continue }
      lines.append("\(row.bug ?? "no bug"): look at exit \(run.exit) of: \(run.reproduce)")
    }
    return lines
  }

  /// A line about a try that has ended.
  static func progress(_ row: MutantCampaign.Row, _ run: MutantRun) -> String {
    let found = run.isCaught ? run.broken.joined(separator: ", ") : "exit \(run.exit)"
    return "\(row.bug ?? "(none)") on \(row.workload): \(found) after \(duration(run.seconds))"
  }

  static func duration(_ seconds: Double) -> String {
    let tenths = Int((seconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) s"
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
