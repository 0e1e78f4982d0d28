/// A node's own clock: it runs too slow or too fast, and may jump ahead, but never back. Times are nanoseconds.
public struct SkewedClock: Sendable {
  /// Thousandths of the true rate.
  private var rate: UInt64 = 1_000
  private var offset: UInt64 = 0

  /// A clock that is right.
  public init() {}

  /// What it shows.
  public func time(at now: UInt64) -> UInt64 { offset &+ now / 1_000 * rate }

  /// From now on it runs up to a quarter too slow or too fast.
  public mutating func skew(at now: UInt64, using random: inout SeededGenerator) {
    let shown = time(at: now)
    rate = random.time(750..<1_251)
    offset = 0
    offset = shown &- time(at: now)
  }

  /// From now on it shows later times, by so much.
  public mutating func jump(by ahead: UInt64) { offset &+= ahead }
}
