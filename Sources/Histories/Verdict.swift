/// What a check found out (DESIGN 3).
public enum Verdict: String, Hashable, Sendable, Codable, CaseIterable {
  /// The claim held, exactly.
  case valid
  /// Nothing was decided: a budget ran out, or the run was too empty to say anything.
  case unknown
  /// The harness or its environment failed: the run says nothing about the system.
  case error
  /// The claim was broken, with a counterexample.
  case invalid

  /// The combined verdict of two: invalid > error > unknown > valid.
  public func combined(with other: Verdict) -> Verdict { rank >= other.rank ? self : other }

  /// The combined verdict of many; of none, `valid`.
  public static func combined(_ verdicts: some Sequence<Verdict>) -> Verdict {
    verdicts.reduce(.valid) { $0.combined(with: $1) }
  }

  private var rank: Int {
    switch self {
    case .valid: 0
    case .unknown: 1
    case .error: 2
    case .invalid: 3
    }
  }
}

/// One thing that is wrong with a history.
public struct Finding: Hashable, Sendable, Codable {
  /// The field's name for it: `nonlinearizable`, `lost-update`, …
  public var anomaly: String
  /// One sentence for a person.
  public var summary: String
  /// Indices of the invocations involved.
  public var operations: [Int]
  /// The same for the same kind of finding in another run: no indices, times or values in it.
  public var fingerprint: String

  public init(anomaly: String, summary: String, operations: [Int], fingerprint: String) {
    self.anomaly = anomaly
    self.summary = summary
    self.operations = operations
    self.fingerprint = fingerprint
  }
}

/// A number or a word about a history.
public struct Statistic: Hashable, Sendable, Codable {
  /// Its unit is the last part of the name, as in `stable-latency-ns-max`; without one it is a count.
  public var name: String
  public var value: Value

  public init(name: String, value: Value) { (self.name, self.value) = (name, value) }
}

/// What one checker says of one claim.
public struct CheckResult: Sendable {
  public var verdict: Verdict
  /// The algorithm that decided, by its name in Docs/checkers.md.
  public var algorithm: String
  /// Why the verdict is `unknown` or `error`; how far the search got.
  public var reason: String?
  public var findings: [Finding]
  /// Positions in `findings` of those that events missing from the history may explain.
  public var explainable: [Int] = []
  /// As many as `findings`, in the same order, where the checker draws them.
  public var counterexamples: [Counterexample]
  /// Of a transactional history: every level, and the cycles that break some.
  public var isolation: IsolationEvidence?
  /// What is worth a look but breaks nothing that was claimed, and what limits left out, in sentences.
  public var notices: [String] = []
  /// Numbers about the history, in an order that makes sense.
  public var statistics: [Statistic] = []

  public init(
    verdict: Verdict, algorithm: String, reason: String? = nil, findings: [Finding] = [],
    counterexamples: [Counterexample] = [], isolation: IsolationEvidence? = nil
  ) {
    self.isolation = isolation
    self.verdict = verdict
    self.algorithm = algorithm
    self.reason = reason
    self.findings = findings
    self.counterexamples = counterexamples
  }
}
