import Histories
import RunStore

/// What `faultline check` says of a run directory: a line for programs (`DIRECTORY<TAB>VERDICT`), a line for each claim,
/// and the first violation drawn.
public struct RunCheckText {
  /// Minimums and notes listed, at most, each.
  static let linesMax = 10

  /// As it was given.
  public var name: String
  public var verdict: Verdict
  /// What was checked, in a few words each.
  public var facts: [String]
  public var outcomes: [ClaimOutcome]
  /// Minimums that were not reached.
  public var missed: [Minimum]
  public var notes: [String]
  /// Of the claim that matters most; nil where nothing is to be drawn.
  public var counterexample: Counterexample?
  public var isolation: IsolationEvidence?

  public init(
    name: String, verdict: Verdict, facts: [String], outcomes: [ClaimOutcome], missed: [Minimum], notes: [String],
    counterexample: Counterexample?, isolation: IsolationEvidence?
  ) {
    self.name = name
    self.verdict = verdict
    self.facts = facts
    self.outcomes = outcomes
    self.missed = missed
    self.notes = notes
    self.counterexample = counterexample
    self.isolation = isolation
  }

  /// Ends with a line feed.
  ///
  /// - Parameter place: `file:line` of an event.
  public func text(_ style: TerminalStyle, place: ((Int) -> String)? = nil) -> String {
    let narrow = TerminalStyle(isTerminal: style.isTerminal, color: style.color, width: style.width - 2)
    var lines = ["\(VisibleText.clean(name))\t\(style.paint(verdict.rawValue, verdict.color))"]
    let wrapped = TerminalText.wrap(VisibleText.clean(facts.joined(separator: "; ")), columns: narrow.width, indent: 2)
    lines += wrapped.map { "  " + style.paint($0, .dim) }
    var details = outcomes.flatMap { VerdictSummary.claim($0, narrow) }
    details += missed.prefix(Self.linesMax).flatMap {
      VerdictSummary.wrapped("! ", Sentences.minimum($0), .yellow, narrow)
    }
    details += notes.prefix(Self.linesMax).flatMap {
      VerdictSummary.wrapped("- ", Sentences.sentence($0), .dim, narrow)
    }
    lines += details.map { "  " + $0 }
    if let counterexample { lines += HistoryCheckText.drawn(counterexample, narrow, place) }
    if let isolation, let drawing = IsolationText.draw(isolation, style: narrow) {
      lines += [""] + drawing.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { "  " + $0 }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
