import Histories
import RunStore

/// The last lines of every run: what each claim came to, where the report is, how to repeat it.
public enum VerdictSummary {
  /// Watched claims, notices and minimums listed, at most, each.
  static let linesMax = 10

  /// Ends with a line feed; the last line is exactly the command that repeats the run, so that it can be copied or cut
  /// off with `tail -1`.
  ///
  /// - Parameter report: path of the page; nil where none was written.
  public static func text(_ results: RunResults, report: String?, style: TerminalStyle) -> String {
    var lines = results.claims.flatMap { claim($0, style) }
    let online =
      (results.online ?? []).map(OnlineSentences.watched) + [OnlineSentences.ending(results)].compactMap(\.self)
    lines += online.prefix(linesMax).flatMap { wrapped("- ", $0, .dim, style) }
    let missed = results.minimums.filter { !$0.reached }
    lines += missed.prefix(linesMax).flatMap { wrapped("! ", Sentences.minimum($0), .yellow, style) }
    lines += results.notices.prefix(linesMax).flatMap { wrapped("- ", Sentences.sentence($0), .dim, style) }
    lines.append("")
    lines += wrapped("", counts(results), nil, style)
    let verdict = results.verdict.rawValue.capitalizedFirst
    let mark = "\(Sentences.sign(results.verdict)) \(verdict)"
    lines.append(
      style.paint(mark, results.verdict.color) + " (exit \(results.exit)), seed \(results.seed)"
        + (results.bug.map { ", bug \(VisibleText.clean($0))" } ?? ""))
    if let report { lines.append("Report: \(VisibleText.clean(report))") }
    lines.append("Repeat with:")
    lines.append(VisibleText.clean(results.reproduce))
    return lines.joined(separator: "\n") + "\n"
  }

  /// What happened, in one sentence: `9,651 ok, 3,240 failed, 47 unknown operations in 15.0 s; 9 faults took effect.`
  private static func counts(_ results: RunResults) -> String {
    let functions = results.vitals.map?["functions"]?.list ?? []
    func sum(_ type: String) -> Int { functions.reduce(0) { $0 + Int($1.map?[type]?.int ?? 0) } }
    let operations =
      "\(Numbers.grouped(sum("ok"))) ok, \(Numbers.grouped(sum("fail"))) failed, "
      + "\(Numbers.grouped(sum("info"))) unknown operations in \(Numbers.seconds(results.duration))"
    let took = results.faults.count { $0.evidence?.took == true }
    if results.faults.isEmpty { return operations + "; no faults." }
    if results.faults.count == 1 {
      return operations + "; the one fault \(took == 1 ? "took" : "did not take") effect."
    }
    let all = took == results.faults.count ? "all \(took)" : "\(took) of \(results.faults.count)"
    return operations + "; \(all) faults took effect."
  }

  static func claim(_ claim: ClaimOutcome, _ style: TerminalStyle) -> [String] {
    wrapped(
      "\(Sentences.sign(claim.verdict)) ", "\(claim.claim) \(Sentences.claim(claim))", claim.verdict.color, style)
  }

  /// The sign painted, the words behind it wrapped.
  static func wrapped(
    _ sign: String, _ text: String, _ color: TerminalColor?, _ style: TerminalStyle
  ) -> [String] {
    let lines = TerminalText.wrap(VisibleText.clean(text), columns: style.width - 2)
    return lines.enumerated().map { index, line in
      guard index == 0 else { return "  " + line }
      return (color.map { style.paint(sign, $0) } ?? sign) + line
    }
  }
}
