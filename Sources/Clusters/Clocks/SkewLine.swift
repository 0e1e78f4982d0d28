/// What a node's clock shows, as a function of the true time: `t + offset + (t − base) · rate / 2³²`.
///
/// Times in nanoseconds since 1970. The three numbers are those of a slot in the patched code (skew_code.S).
struct SkewLine: Hashable, Sendable {
  static let none = SkewLine(base: 0, offset: 0, rate: 0)

  var base: Int64
  var offset: Int64
  /// In units of 2⁻³².
  var rate: Int64

  init(base: Int64, offset: Int64, rate: Int64) {
    self.base = base
    self.offset = offset
    self.rate = rate
  }

  /// The skew as it was set at `base`.
  init(_ skew: ClockSkew, base: Int64) {
    self.init(base: base, offset: skew.offsetNanoseconds, rate: Self.rate(ppm: skew.ratePPM))
  }

  /// How far the clock is ahead at a moment.
  func ahead(at time: Int64) -> Int64 {
    // As the machine code does it: 128 bits, rounded down.
    let product = (time &- base).multipliedFullWidth(by: rate)
    let gained = product.high &<< 32 | Int64(truncatingIfNeeded: product.low >> 32)
    return offset &+ gained
  }

  /// All of them at once, as one line whose base is `time`.
  static func sum(_ lines: some Sequence<SkewLine>, at time: Int64) -> SkewLine {
    lines.reduce(into: SkewLine(base: time, offset: 0, rate: 0)) { total, line in
      total.offset &+= line.ahead(at: time)
      total.rate &+= line.rate
    }
  }

  private static func rate(ppm: Int64) -> Int64 {
    let limits = ClockSkew.ratePPMLimits
    return (min(max(ppm, limits.lowerBound), limits.upperBound) << 32) / 1_000_000
  }
}
