/// A node's own clock: it runs at a rate of its own, and may jump ahead. Times are nanoseconds.
public struct SimulatedClock: Sendable {
  /// Thousandths of the true rate.
  private var rate: UInt64 = 1_000
  private var offset: UInt64 = 0

  /// A clock that shows the true time until it is told otherwise.
  public init() {}

  /// What it shows.
  public func reading(at now: UInt64) -> UInt64 { offset &+ now / 1_000 * rate }

  /// From now on it runs up to a quarter too slow or too fast, from what it shows now or from somewhat later.
  public mutating func skew(at now: UInt64, jumpMax: UInt64, using random: inout SeededGenerator) {
    let shown = reading(at: now)
    rate = random.time(750..<1_251)
    let ahead = random.chance(percent: 30) ? random.time(0..<jumpMax) : 0
    offset = 0
    offset = shown + ahead &- reading(at: now)
  }
}
