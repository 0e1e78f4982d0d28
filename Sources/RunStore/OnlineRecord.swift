import Histories

/// How the checking of one claim went while the run went on.
public struct OnlineRecord: Codable, Sendable, Hashable {
  /// Violations recorded of one claim, at most; the check at the end sees all.
  public static let violationsMax = 20

  /// A violation that was known before the run ended.
  public struct Violation: Codable, Sendable, Hashable {
    /// Of the object, where the history is keyed.
    public var key: Value?
    /// Index in the history of the event that proves it.
    public var event: Int
    /// When that event was, in nanoseconds since the run's start.
    public var violationTime: Int64
    /// Seconds from that event to its discovery.
    public var detectedAfterSeconds: Double
    public var summary: String

    public init(key: Value?, event: Int, violationTime: Int64, detectedAfterSeconds: Double, summary: String) {
      self.key = key
      self.event = event
      self.violationTime = violationTime
      self.detectedAfterSeconds = detectedAfterSeconds
      self.summary = summary
    }
  }

  public var claim: String
  /// Decisions of single objects.
  public var decisions: Int
  /// Time spent on them, in seconds.
  public var seconds: Double
  /// The longest time that an answer waited for its decision, in seconds: what the run could promise.
  public var lagSecondsMax: Double
  /// In the order of their discovery, the first `violationsMax`.
  public var violations: [Violation]
  /// Why some objects, or all from some time on, were left to the check at the end.
  public var problem: String?

  public init(
    claim: String, decisions: Int, seconds: Double, lagSecondsMax: Double, violations: [Violation], problem: String?
  ) {
    self.claim = claim
    self.decisions = decisions
    self.seconds = seconds
    self.lagSecondsMax = lagSecondsMax
    self.violations = violations
    self.problem = problem
  }
}
