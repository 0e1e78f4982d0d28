import Glibc

/// The random decisions about one rule's packets on one link: SplitMix64 (Steele, Lea and Flood 2014).
struct PacketDice {
  private var state: UInt64

  /// Links with one seed have streams of their own.
  init(seed: UInt64, flow: Flow) {
    state = seed
    state = next() ^ (UInt64(flow.from) << 32 | UInt64(flow.to))
    state = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From 0 to less than 1, in steps of 2⁻⁵³.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func happens(_ probability: Double) -> Bool { unit() < probability }

  /// From 0 to less than `bound`. The bias of the product is below `bound` / 2⁶⁴.
  mutating func number(below bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

  /// A delay in seconds, never below 0.
  mutating func delay(_ seconds: Double, jitter: Double, _ spread: DelaySpread) -> Double {
    guard jitter > 0 else { return seconds }
    switch spread {
    case .uniform: return max(0, seconds + jitter * (2 * unit() - 1))
    case .normal: return max(0, seconds + jitter * normal())
    case .pareto: return seconds + jitter * min(10, pow(1 - unit(), -1 / 3.0) - 1)
    }
  }

  /// Mean 0, deviation 1 (Box and Muller 1958).
  private mutating func normal() -> Double { sqrt(-2 * log(1 - unit())) * cos(2 * .pi * unit()) }
}

/// Packets from one IPv4 address to another, host byte order.
struct Flow: Hashable, Sendable {
  var from: UInt32
  var to: UInt32

  var reversed: Flow { Flow(from: to, to: from) }
}
