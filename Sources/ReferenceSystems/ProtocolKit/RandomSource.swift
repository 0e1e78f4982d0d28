/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): the seeded source of
/// what a protocol draws at random, such as its election time-outs. Small, and the same on every platform.
@frozen
public struct RandomSource: Sendable {
  @usableFromInline var state: UInt64

  /// The numbers of one named stream of a seed.
  @inlinable
  public init(seed: UInt64, stream: UInt64) {
    state = seed &+ stream &* 0xBF58_476D_1CE4_E5B9
  }

  /// A number from `0 ..< bound`; 0 when the bound is 0. The bias of the multiply-shift is below bound/2⁶⁴.
  @inlinable
  public mutating func next(below bound: UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return mix64(state).multipliedFullWidth(by: bound).high
  }

  /// One of the elements; nil when there are none.
  @inlinable
  public mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[Int(next(below: UInt64(elements.count)))]
  }
}

/// SplitMix64's finaliser: a bijection on 64 bits in which every input bit affects every output bit.
@inlinable
public func mix64(_ value: UInt64) -> UInt64 {
  var z = value
  z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z &>> 31)
}
