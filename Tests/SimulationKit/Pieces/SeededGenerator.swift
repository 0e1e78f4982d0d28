/// SplitMix64: the only source of chance in a simulation.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The numbers of a seed.
  public init(seed: UInt64) { state = seed }

  /// The next number, from all of 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }

  /// True with the given probability in percent.
  public mutating func chance(percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

  /// A time in nanoseconds, or any other number, from a range that is not empty.
  public mutating func time(_ range: Range<UInt64>) -> UInt64 { UInt64.random(in: range, using: &self) }
}
