/// The nemesis' only source of time: nanoseconds since the run's start, the clock that stamps the history.
///
/// Closures, so that a test can drive the engine through an hour of faults in a millisecond.
public struct NemesisClock: Sendable {
  /// Nanoseconds since the run's start, never going back.
  public var now: @Sendable () -> Int64
  /// Returns when `now()` has reached the given moment; at once where it has already.
  ///
  /// Throws `CancellationError`, and nothing else, when the task is cancelled before that.
  public var sleep: @Sendable (_ until: Int64) async throws -> Void

  public init(now: @escaping @Sendable () -> Int64, sleep: @escaping @Sendable (_ until: Int64) async throws -> Void) {
    self.now = now
    self.sleep = sleep
  }

  /// Real sleep on the caller's clock, so that actions and history agree on what the time is.
  public init(now: @escaping @Sendable () -> Int64) {
    self.now = now
    self.sleep = { until in
      // The timer may run on another clock than `now` and wake early: ask again until the moment is reached.
      while case let rest = until - now(), rest > 0 { try await Task.sleep(for: .nanoseconds(rest)) }
      try Task.checkCancellation()
    }
  }

  /// Real time from the moment of this call.
  public static func startingNow() -> NemesisClock {
    let start = ContinuousClock.now
    return NemesisClock { nanoseconds(ContinuousClock.now - start) }
  }
}

/// Nanoseconds of a duration, saturating after 292 years.
func nanoseconds(_ duration: Duration) -> Int64 {
  let (seconds, attoseconds) = duration.components
  let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
  return overflow ? (seconds < 0 ? .min : .max) : whole &+ attoseconds / 1_000_000_000
}
