import Histories

/// The levels of a transactional history, and the first anomaly that breaks the claim, in lines of text.
public enum IsolationText {
  /// The first anomaly, which breaks the claim if one does, with its transactions and why each comes before the next;
  /// and both ends of the ladder; ends with a line feed. Nil where nothing is wrong.
  public static func draw(_ evidence: IsolationEvidence, style: TerminalStyle) -> String? {
    evidence.anomalies.first.map {
      (anomaly($0, style) + strongest(evidence, style) + weakest(evidence, style)).joined(separator: "\n") + "\n"
    }
  }

  static func lines(_ evidence: IsolationEvidence, _ verdict: Verdict, _ style: TerminalStyle) -> [String] {
    let shown = evidence.anomalies.first
    // What breaks only stronger levels must not be taken for what breaks the claim.
    let holds = verdict == .valid ? wrapped("\(evidence.claim) holds; what breaks stronger levels:", style) : []
    let drawing = shown.map { [""] + holds + anomaly($0, style) } ?? []
    return drawing
      + (verdict == .valid && evidence.weakestBroken.isEmpty ? strongest(evidence, style) : ladder(evidence, style))
  }

  private static func strongest(_ evidence: IsolationEvidence, _ style: TerminalStyle) -> [String] {
    guard evidence.ladder.count > 1 else { return [] }
    let levels = evidence.strongestSatisfied
    return wrapped("strongest levels that hold: \(levels.isEmpty ? "none" : levels.joined(separator: ", "))", style)
  }

  private static func weakest(_ evidence: IsolationEvidence, _ style: TerminalStyle) -> [String] {
    guard evidence.ladder.count > 1 else { return [] }
    let levels = evidence.weakestBroken
    return wrapped("weakest levels that are broken: \(levels.isEmpty ? "none" : levels.joined(separator: ", "))", style)
  }

  // MARK: The ladder

  private static func ladder(_ evidence: IsolationEvidence, _ style: TerminalStyle) -> [String] {
    // One level alone is what the verdict says.
    guard evidence.ladder.count > 1 else { return [] }
    let width = evidence.ladder.map(\.level.count).max() ?? 0
    let rungs = evidence.ladder.map { rung in
      let (mark, color): (String, TerminalColor) =
        switch rung.verdict {
        case .valid: ("✓", .green)
        case .invalid: ("✗", .red)
        case .unknown, .error: ("?", .yellow)
        }
      let padding = String(repeating: " ", count: width - rung.level.count)
      let why = VisibleText.clean(rung.reason ?? evidence.names(of: rung).joined(separator: ", "))
      let isClaim = rung.level == evidence.claim ? "  ← claimed" : ""
      return "  \(style.paint(mark, color)) \(rung.level)\(why.isEmpty && isClaim.isEmpty ? "" : padding + isClaim)"
        + (why.isEmpty ? "" : "  " + style.paint(why, .dim))
    }
    return ["", "levels, weakest first:"] + rungs + [""] + strongest(evidence, style)
      + weakest(evidence, style)
  }

  // MARK: An anomaly

  private static func anomaly(_ anomaly: IsolationEvidence.Anomaly, _ style: TerminalStyle) -> [String] {
    wrapped(Sentences.sentence(VisibleText.clean(anomaly.headline)), style)
      + anomaly.transactions.prefix(linesMax).enumerated().flatMap { transaction($1, number: $0 + 1, style) }
      + more(than: anomaly.transactions.count, "transaction")
      + anomaly.steps.prefix(linesMax).flatMap { step in
        let name = "T\(step.source + 1) \(step.link)→ T\(step.target + 1)"
        return hanging("\(name): ", VisibleText.clean(Sentences.sentence(step.reason)), style)
      } + more(than: anomaly.steps.count, "step")
  }

  /// Transactions of an anomaly, and steps of a circle, that are printed.
  static let linesMax = 24

  /// What is left out: the result as JSON has all.
  private static func more(than count: Int, _ what: String) -> [String] {
    count > linesMax
      ? ["  … and \(Numbers.count(count - linesMax, "more \(what)")) (whole in the JSON of the result)"] : []
  }

  private static func transaction(
    _ transaction: IsolationEvidence.Transaction, number: Int, _ style: TerminalStyle
  ) -> [String] {
    let node = transaction.node.map { " on \($0)" } ?? ""
    let place = "process \(transaction.process)\(node), event \(transaction.index), \(transaction.type)"
    let operations = transaction.operations.joined(separator: " · ")
    return hanging("T\(number): ", VisibleText.clean("\(operations)  (\(place))"), style)
  }

  private static func hanging(_ head: String, _ text: String, _ style: TerminalStyle) -> [String] {
    TerminalText.wrap(head + text, columns: style.width - 2, indent: head.count).map { "  " + $0 }
  }

  private static func wrapped(_ text: String, _ style: TerminalStyle) -> [String] {
    TerminalText.wrap(text, columns: style.width, indent: 2)
  }
}

extension IsolationEvidence {
  /// Of the anomalies that break the level, each once.
  func names(of rung: Rung) -> [String] {
    var names: [String] = []
    for name in rung.anomalies.filter(anomalies.indices.contains).map({ anomalies[$0].name })
    where !names.contains(name) {
      names.append(name)
    }
    return names
  }
}

extension IsolationEvidence.Anomaly {
  /// What it is, and which levels it is shown for: two of one name are told apart by that.
  var headline: String {
    let name = summary.hasPrefix(name) ? "" : name + ": "
    let levels = breaks ?? []
    return name + summary + (levels.isEmpty ? "" : "; breaks \(levels.joined(separator: ", "))")
  }
}
