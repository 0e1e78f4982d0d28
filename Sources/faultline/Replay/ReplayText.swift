import Histories
import Runs

/// What replays of one run came to.
struct ReplayReport {
  var run: String
  /// The claims that the run itself broke.
  var before: [String]
  /// Replays that were asked for.
  var times: Int
  /// Of those that ended by themselves.
  var ends: [RunProcess.End]

  var again: Int { ends.count { $0.exit == ExitCode.violation } }

  /// Broken claims with how often, the most frequent first.
  var broken: [(claim: String, times: Int)] {
    let names = ends.flatMap(\.broken)
    return Set(names).map { name in (claim: name, times: names.count { $0 == name }) }
      .sorted { ($1.times, $0.claim) < ($0.times, $1.claim) }
  }

  var exit: Int32 {
    if ends.count < times { return ExitCode.interrupted }
    if again > 0 { return ExitCode.violation }
    let failed = ends.first { [ExitCode.environment, ExitCode.crash, ExitCode.usage].contains($0.exit) }
    return failed?.exit ?? ExitCode.met
  }

  /// For programs; see Docs/results.md.
  var value: Value {
    [
      "schema": 1, "run": .string(run), "broken": .list(before.map { .string($0) }), "times": .int(Int64(times)),
      "again": .int(Int64(again)), "exit": .int(Int64(exit)),
      "runs": .list(
        ends.map {
          [
            "exit": .int(Int64($0.exit)), "seconds": .double($0.seconds),
            "broken": .list($0.broken.map { .string($0) }),
          ]
        }),
    ]
  }
}

/// Replays for people.
enum ReplayText {
  static func end(_ end: RunProcess.End) -> String {
    let found = end.exit == ExitCode.violation ? end.broken.joined(separator: ", ") + " broken" : "exit \(end.exit)"
    return "\(found) after \(MutantsText.duration(end.seconds))"
  }

  static func text(_ report: ReplayReport) -> String {
    let claims = report.broken.map { "\($0.claim) \($0.times)" }.joined(separator: ", ")
    var lines = [
      "\(report.again) of \(report.ends.count) replays broke a claim" + (claims.isEmpty ? "." : ": \(claims).")
    ]
    if report.ends.count < report.times { lines.append("Interrupted: \(report.times) were asked for.") }
    lines.append(
      report.before.isEmpty
        ? "The run itself broke none." : "The run itself broke \(report.before.joined(separator: ", ")).")
    return lines.joined(separator: "\n")
  }
}
