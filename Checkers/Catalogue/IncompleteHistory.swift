import Histories

extension CheckResult {
  /// The result, as far as what was read of a history is enough for it.
  ///
  /// A history in which nothing was answered fulfils every promise, but nobody who asks wants to hear that (one in which
  /// all was refused says that much). Where events are missing, what they may explain is no violation (`leaving(out:)`).
  /// And where the end of a file is missing, it may have held the write that a read saw: only linearizability is closed
  /// under prefixes (`SkippedEvents.Kind.tornEnd`).
  public func supported(by read: ReadHistory, claim: String) -> CheckResult {
    let result = leaving(out: read.skipped)
    if result.verdict == .valid, !read.history.hasAnswer(.ok), !read.history.hasAnswer(.fail) {
      return CheckResult(
        verdict: .unknown, algorithm: algorithm, reason: "nothing happened: no operation was answered")
    }
    if result.verdict == .invalid, read.skipped[.tornEnd] > 0, result.isExplainedLater(claim) {
      var unknown = CheckResult(
        verdict: .unknown, algorithm: algorithm,
        reason: "what was read is not \(claim), but the missing end of the file may hold what explains it")
      unknown.notices = result.findings.map(\.summary)
      return unknown
    }
    return result
  }

  /// The same of a file of which reading left events out.
  ///
  /// What they may explain is no violation, but worth a notice. If nothing else was found, nothing is known: the
  /// verdict is `unknown`. A completion that was there twice is the one kind that leaves no gap.
  public func leaving(out skipped: SkippedEvents) -> CheckResult {
    let missing = skipped.total - skipped[.repeatedCompletion]
    guard missing > 0, !explainable.isEmpty else { return self }
    let doubted = Set(explainable)
    var result = self
    result.findings = findings.indices.filter { !doubted.contains($0) }.map { findings[$0] }
    result.explainable = []
    if verdict == .invalid { result.reason = nil }  // it counts what may be explained, too
    result.notices = explainable.map { "perhaps explained by what was left out: \(findings[$0].summary)" } + notices
    if verdict == .invalid, result.findings.isEmpty {
      result.verdict = .unknown
      result.reason =
        "what was found may be explained by the \(missing == 1 ? "event" : "\(missing) events") that "
        + "\(missing == 1 ? "was" : "were") left out: \(skipped)"
    }
    return result
  }

  /// Whether operations after the end of what was read could make the history valid: a later write that a read saw. No
  /// cycle of transactions goes away by more of them.
  private func isExplainedLater(_ claim: String) -> Bool {
    guard isolation != nil else { return claim == "sequential" }
    return findings.allSatisfy { $0.anomaly == TransactionAnomaly.garbageRead.rawValue }
  }
}

extension History {
  /// Whether an operation of a client ended so.
  public func hasAnswer(_ type: EventType) -> Bool {
    (0..<count).contains { self.type(at: $0) == type && !process(at: $0).isNemesis }
  }
}
