import Histories
import RunStore

/// The wording of what was seen while the run went on: the page and the terminal say the same.
enum OnlineSentences {
  /// How one claim was watched, and its first violation.
  static func watched(_ record: OnlineRecord) -> String {
    let lag = Numbers.fixed(record.lagSecondsMax, digits: 2)
    let care = "\(Numbers.count(record.decisions, "decision")), no answer waited longer than \(lag) s"
    let how = record.problem == nil ? "watched" : "watched in part"
    guard let first = record.violations.first else {
      return "\(record.claim) was \(how) while the run went on (\(care)): no violation was seen."
    }
    return "\(record.claim) was \(how) while the run went on (\(care)): \(violation(first))\(more(record))."
  }

  /// When one violation happened, and how much later it was known.
  static func violation(_ violation: OnlineRecord.Violation) -> String {
    let place = (violation.key.map { "key \($0.json), " } ?? "") + "event \(violation.event)"
    let seen = Numbers.fixed(violation.detectedAfterSeconds, digits: 2)
    return "broken at \(moment(violation.violationTime)) (\(place)), seen \(seen) s after the return that proves it"
  }

  /// Whether the violation ended the run; nil where there was none.
  static func ending(_ results: RunResults) -> String? {
    if let stopped = results.stoppedAt {
      return "The run was stopped there, at \(moment(stopped)) (--fail-fast)."
    }
    let isBroken = (results.online ?? []).contains { !$0.violations.isEmpty }
    return isBroken ? "The run was not stopped for it." : nil
  }

  /// The seconds around it, as the timeline takes them.
  static func span(_ violation: OnlineRecord.Violation) -> String {
    let seconds = Double(violation.violationTime) / 1e9
    return "\(Numbers.fixed(max(0, seconds - 1), digits: 2))-\(Numbers.fixed(seconds + 1, digits: 2))"
  }

  private static func more(_ record: OnlineRecord) -> String {
    let more = record.violations.count - 1
    if more < 1 { return "" }
    let isCut = record.violations.count >= OnlineRecord.violationsMax
    return "; \(isCut ? "at least " : "")\(Numbers.count(more, "more violation"))"
  }

  private static func moment(_ nanoseconds: Int64) -> String {
    Numbers.fixed(Double(nanoseconds) / 1e9, digits: 2) + " s"
  }
}
