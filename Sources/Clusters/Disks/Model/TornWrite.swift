/// How much of the last write to a file outlives a power failure: a disk writes whole sectors, in any order.
public struct TornWrite: Hashable, Sendable {
  public enum Shape: String, Hashable, Sendable, CaseIterable {
    /// The first sectors, as an append that was cut short.
    case prefix
    /// Any of the sectors: a disk orders them as it likes.
    case sectors
  }

  public var shape: Shape
  /// What the disk writes at once: 512 or 4096 bytes.
  public var sectorBytes: Int
  /// Decides which sectors, together with the write's place.
  public var seed: UInt64

  public init(shape: Shape, sectorBytes: Int, seed: UInt64) {
    self.shape = shape
    self.sectorBytes = sectorBytes
    self.seed = seed
  }

  /// The parts of a write that survive, in order: at least one sector and not all. A write within one sector is lost
  /// as a whole.
  func survivors(of write: Range<Int>) -> [Range<Int>] {
    guard !write.isEmpty else { return [] }
    let sectors = Array(write.lowerBound / sectorBytes...(write.upperBound - 1) / sectorBytes)
    guard sectors.count > 1 else { return [] }
    var source = seed ^ UInt64(truncatingIfNeeded: write.lowerBound &* 31 &+ write.count)
    let chosen: [Int]
    switch shape {
    case .prefix:
      chosen = Array(sectors.prefix(1 + Int(mix64(&source) % UInt64(sectors.count - 1))))
    case .sectors:
      var some = sectors.filter { _ in mix64(&source) % 2 == 0 }
      let place = Int(mix64(&source) % UInt64(sectors.count))
      if some.isEmpty { some = [sectors[place]] }
      if some.count == sectors.count { some.remove(at: place) }
      chosen = some
    }
    return chosen.map {
      max($0 * sectorBytes, write.lowerBound)..<min(($0 + 1) * sectorBytes, write.upperBound)
    }
  }
}

/// SplitMix64's next number (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
func mix64(_ state: inout UInt64) -> UInt64 {
  state &+= 0x9E37_79B9_7F4A_7C15
  var z = state
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
