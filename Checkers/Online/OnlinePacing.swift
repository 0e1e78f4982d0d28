/// How often histories that grow are decided again, and how much that may cost. Times are nanoseconds.
///
/// A decision covers the whole prefix of an object, so its cost grows with the run. After a decision of length d the
/// next one waits 3 d, which bounds the share of one processor at a quarter; up to a half where only that keeps the
/// promise. Past that the share wins, and the lag in the result says what became of the promise.
public struct OnlinePacing: Hashable, Sendable {
  /// From the event that proves a violation to its report.
  public var promise: Int64 = 5_000_000_000
  /// Shortest time from the beginning of one check to that of the next.
  public var tick: Int64 = 1_000_000_000
  /// After this a check leaves what is not decided yet to the next one, those that have waited longest first.
  public var passMax: Int64 = 1_000_000_000
  /// After this the search for the very event that proves a violation is content with a later one.
  public var proofMax: Int64 = 500_000_000
  /// For one decision.
  public var budget = CheckBudget(secondsMax: 10, bytesMax: 256 << 20)

  public init() {}

  /// The pause after work that took `duration`.
  ///
  /// What happens just after a decision has begun is reported at the end of the next one: two decisions, the pause and
  /// a tick later.
  public func pause(after duration: Int64) -> Int64 {
    let wanted = 3 * duration
    let allowed = promise - tick - 2 * duration
    return allowed >= duration ? min(wanted, allowed) : wanted
  }
}
