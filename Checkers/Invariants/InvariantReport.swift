import Histories

/// What a history says of an invariant of one workload: bank, long fork, causal reverse, set-full, G2 pairs.
public struct InvariantReport: Hashable, Sendable {
  /// One thing that is wrong.
  public struct Finding: Hashable, Sendable {
    public var anomaly: InvariantAnomaly
    /// The object, where the history holds many.
    public var key: Value?
    /// One sentence for a person.
    public var summary: String
    /// Event indices of the invocations of the operations involved, in the order in which the sentence needs them.
    public var operations: [Int]
    /// Event indices that the sentence speaks of, increasing: the lines of a file to look at.
    public var events: [Int]
    /// Whether it breaks what is claimed whichever events of the history are missing
    /// (`InvariantAnomaly.survivesMissingEvents`, but for claims that are about more, or less, than the anomaly).
    public var survivesMissingEvents: Bool
  }

  /// How often one anomaly was met.
  public struct Count: Hashable, Sendable {
    public var anomaly: InvariantAnomaly
    public var count: Int
  }

  /// Findings of one anomaly that are kept; `counts` knows of all.
  public static let findingsPerAnomalyMax = 8

  /// The checker's name: the `--model` of a history of its workload.
  public var checker: String
  /// Recorded in the result.
  public var algorithm: String
  /// `unknown` has a `reason`; `error` never comes.
  public var verdict: Verdict
  /// Why the verdict is `unknown`.
  public var reason: String?
  /// What breaks the claim; empty unless the verdict is `invalid`.
  public var findings: [Finding]
  /// What is worth a look but breaks nothing that was claimed.
  public var observations: [Finding]
  /// For each anomaly of `findings` and `observations`, in the order of `InvariantAnomaly`.
  public var counts: [Count]
  public var statistics: [Statistic]

  /// How often the anomaly was met.
  public func count(_ anomaly: InvariantAnomaly) -> Int { counts.first { $0.anomaly == anomaly }?.count ?? 0 }

  public func statistic(_ name: String) -> Value? { statistics.first { $0.name == name }?.value }

  /// The same as the result of a claim.
  public var result: CheckResult {
    var result = CheckResult(
      verdict: verdict, algorithm: algorithm, reason: reason ?? unlisted,
      findings: findings.map { finding in
        Histories.Finding(
          anomaly: finding.anomaly.rawValue, summary: finding.summary, operations: finding.operations,
          fingerprint: "\(checker)/\(finding.anomaly.rawValue)")
      })
    result.explainable = findings.indices.filter { !findings[$0].survivesMissingEvents }
    result.notices = observations.map(\.summary)
    result.statistics =
      statistics + counts.map { Statistic(name: "\($0.anomaly.rawValue)-count", value: .int(Int64($0.count))) }
    return result
  }

  /// How much more is wrong than is listed; nil where all is.
  private var unlisted: String? {
    let listed = findings.reduce(into: [InvariantAnomaly: Int]()) { $0[$1.anomaly, default: 0] += 1 }
    let broken = counts.filter { listed[$0.anomaly] != nil }
    guard broken.contains(where: { $0.count > listed[$0.anomaly] ?? 0 }) else { return nil }
    let all = broken.map { "\($0.count) \($0.anomaly.rawValue)" }.joined(separator: ", ")
    return "in all there are \(all); of each kind the first \(Self.findingsPerAnomalyMax) are listed"
  }

  /// The same as the result of a claim on a file of which reading left events out.
  public func result(leftOut: SkippedEvents) -> CheckResult { result.leaving(out: leftOut) }
}
