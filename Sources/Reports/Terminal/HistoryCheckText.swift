import Histories

/// What `faultline check` says of one history: a line for programs (`FILE<TAB>VERDICT`), then the rest indented.
public enum HistoryCheckText {
  /// Findings listed below the one that is drawn.
  static let findingsMax = 20

  /// Ends with a line feed.
  ///
  /// - Parameters:
  ///   - name: the file as it was given.
  ///   - facts: what was checked and by what, in a few words each.
  ///   - place: `file:line` of an event.
  public static func text(
    name: String, result: CheckResult, facts: [String], style: TerminalStyle, place: ((Int) -> String)? = nil
  ) -> String {
    var lines = ["\(VisibleText.clean(name))\t\(style.paint(result.verdict.rawValue, result.verdict.color))"]
    let narrow = TerminalStyle(isTerminal: style.isTerminal, color: style.color, width: style.width - 2)
    let details = TerminalText.wrap(VisibleText.clean(facts.joined(separator: "; ")), columns: narrow.width, indent: 2)
    lines += details.map { "  " + style.paint($0, .dim) }
    if let reason = result.reason { lines += sentence(reason, narrow) }
    if let first = result.counterexamples.first { lines += drawn(first, narrow, place) }
    if let isolation = result.isolation {
      lines += IsolationText.lines(isolation, result.verdict, narrow).map { $0.isEmpty ? "" : "  " + $0 }
    }
    lines += findings(result, narrow)
    lines += others(result).flatMap { sentence("- " + $0.capitalizedFirst, narrow) }
    lines += result.notices.flatMap { sentence("Note: \($0)", narrow) }
    if !result.statistics.isEmpty {
      let numbers = result.statistics.map { "\($0.name) \($0.value.string ?? $0.value.json)" }.joined(separator: ", ")
      lines += TerminalText.wrap(VisibleText.clean(numbers), columns: narrow.width, indent: 2).map {
        "  " + style.paint($0, .dim)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A counterexample, and where the event is that proves it.
  ///
  /// - Parameter style: two columns narrower than the terminal.
  static func drawn(_ counterexample: Counterexample, _ style: TerminalStyle, _ place: ((Int) -> String)?) -> [String] {
    let drawing = CounterexampleText.draw(counterexample, style: style)
    let lines =
      [""] + drawing.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  " + $0 }
    guard counterexample.operations.indices.contains(counterexample.violation),
      let event = counterexample.operations[counterexample.violation].completion, let place
    else { return lines }
    return lines + sentence("Event \(event), which proves it, is at \(place(event))", style)
  }

  private static func findings(_ result: CheckResult, _ style: TerminalStyle) -> [String] {
    let rest = result.findings.dropFirst(result.counterexamples.isEmpty && result.isolation == nil ? 0 : 1)
    if rest.isEmpty { return [] }
    let more = rest.count - findingsMax
    return rest.prefix(findingsMax).flatMap { sentence("- " + $0.summary.capitalizedFirst, style) }
      + (more > 0 ? ["  and \(Numbers.count(more, "more finding"))"] : [])
  }

  /// Of each kind of anomaly that breaks other levels than the claim, and is neither drawn nor among the findings, one:
  /// the ladder names it.
  private static func others(_ result: CheckResult) -> [String] {
    guard let isolation = result.isolation else { return [] }
    var known = Set(result.findings.prefix(findingsMax + 1).map(\.anomaly) + isolation.anomalies.prefix(1).map(\.name))
    return isolation.anomalies.filter { known.insert($0.name).inserted }.map(\.headline)
  }

  private static func sentence(_ text: String, _ style: TerminalStyle) -> [String] {
    TerminalText.wrap(Sentences.sentence(VisibleText.clean(text)), columns: style.width, indent: 2).map { "  " + $0 }
  }
}
