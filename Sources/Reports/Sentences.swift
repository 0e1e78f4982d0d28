import Histories
import RunStore

/// The wording of verdicts: the page and the terminal say the same.
enum Sentences {
  /// What the run as a whole found out, in one sentence.
  static func headline(_ results: RunResults, operations: Int?) -> String {
    let broken = results.claims.filter { $0.verdict == .invalid && $0.outcome == .missed }
    if let first = broken.first {
      let more = broken.count > 1 ? " \(Numbers.count(broken.count - 1, "more claim")) broken." : ""
      return sentence(first.findings.first?.summary ?? "\(first.claim) is broken").capitalizedFirst + more
    }
    switch results.verdict {
    case .invalid: return "What is broken is what the plan expects to be broken."
    case .error: return "The run says nothing about the system: " + trouble(results)
    case .unknown: return "Nothing is proved: " + trouble(results)
    case .valid: return held(results, operations: operations)
    }
  }

  private static func held(_ results: RunResults, operations: Int?) -> String {
    let injected = results.faults.filter { $0.from != nil && $0.skipped == nil }.count
    let claims = results.claims.count == 1 ? "The claim" : "All \(results.claims.count) claims"
    let judged = operations.map { " over \(Numbers.count($0, "operation"))" } ?? ""
    let faults = injected == 0 ? "no fault was injected" : "\(Numbers.count(injected, "fault")) injected"
    return "\(claims) held\(judged), \(faults)."
  }

  /// The first reason there is for not having an answer.
  private static func trouble(_ results: RunResults) -> String {
    if let claim = results.claims.first(where: { $0.verdict == results.verdict }), let reason = claim.reason {
      return sentence("\(claim.claim): \(reason)")
    }
    if let missed = results.minimums.first(where: { !$0.reached }) { return minimum(missed) }
    return results.notices.first.map(sentence) ?? "no reason was recorded."
  }

  /// One claim with its outcome, without its name.
  static func claim(_ claim: ClaimOutcome) -> String {
    let detail = claim.verdict == .invalid ? claim.findings.first?.summary : claim.reason
    let said = detail.map { ": \($0)" } ?? ""
    let others = claim.findings.count > 1 ? " (\(Numbers.count(claim.findings.count - 1, "more finding")))" : ""
    // An invalid claim's reason tells how much more there is than what is shown.
    let more = claim.verdict == .invalid ? claim.reason.map { " (\($0))" } ?? others : others
    switch (claim.verdict, claim.outcome) {
    case (.valid, .missed): return "holds, but the plan expects it to be broken."
    case (.valid, _): return "holds."
    case (.invalid, .met): return sentence("is broken, as the plan expects\(said)\(more)")
    case (.invalid, _): return sentence("is broken\(said)\(more)")
    case (.unknown, _): return sentence("could not be decided\(said)")
    case (.error, _): return sentence("could not be checked\(said)")
    }
  }

  /// A minimum that was missed.
  static func minimum(_ minimum: Minimum) -> String {
    let hint = minimum.hint.map { " " + sentence($0) } ?? ""
    return "\(minimum.name): \(Numbers.grouped(minimum.got)) of at least \(Numbers.grouped(minimum.wanted)).\(hint)"
  }

  /// How long a fault lasted and what shows it, or why it never was.
  static func evidence(_ fault: FaultRecord) -> String {
    if let skipped = fault.skipped { return sentence("skipped: \(skipped)") }
    guard let evidence = fault.evidence else { return "No evidence was collected." }
    return sentence((evidence.took ? "" : "no effect was seen: ") + evidence.summary)
  }

  /// Ends with a full stop.
  static func sentence(_ text: String) -> String {
    guard let last = text.last else { return "" }
    return ".!?".contains(last) ? text : text + "."
  }

  /// The sign of a verdict: never its colour alone.
  static func sign(_ verdict: Verdict?) -> String {
    switch verdict {
    case .valid: "✓"
    case .invalid: "✕"
    case .unknown: "?"
    case .error: "!"
    case nil: "–"
    }
  }
}

extension String {
  /// `Invalid` of `invalid`.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
