/// Sorting of integer keys in linear time, least significant digit first (Knuth, TAOCP 3, 5.2.5).
enum RadixSort {
  private static let digitBits: UInt64 = 11
  /// Below this many keys the counting tables cost more than comparisons.
  private static let comparisonMax = 512

  /// Sorts the keys; digits that are equal in all keys cost one pass of reading.
  ///
  /// - Parameter fromBit: bits below this one are in order already among keys that are equal above it, as the position
  ///   of a key in the array is.
  static func sort(_ keys: inout [UInt64], fromBit: UInt64 = 0) {
    if keys.count <= comparisonMax { return keys.sort() }
    let differing = differingBits(keys)
    var other = [UInt64](repeating: 0, count: keys.count)
    var shift = fromBit
    while shift < 64, differing >> shift != 0 {
      if differing >> shift & (1 << digitBits - 1) != 0 {
        scatter(keys, into: &other, shift)
        swap(&keys, &other)
      }
      shift += digitBits
    }
  }

  private static func differingBits(_ keys: [UInt64]) -> UInt64 {
    var (all, any) = (UInt64.max, UInt64(0))
    for key in keys {
      all &= key
      any |= key
    }
    return all ^ any
  }

  /// One stable pass by the digit at `shift`.
  private static func scatter(_ keys: [UInt64], into result: inout [UInt64], _ shift: UInt64) {
    let digits = 1 << Int(digitBits)
    let places = Column<Int>(repeating: 0, count: digits)
    for key in keys { places[Int(truncatingIfNeeded: key >> shift) & (digits - 1)] += 1 }
    var next = 0
    for digit in 0..<digits {
      let count = places[digit]
      places[digit] = next
      next += count
    }
    result.withUnsafeMutableBufferPointer { result in
      for key in keys {
        let digit = Int(truncatingIfNeeded: key >> shift) & (digits - 1)
        result[places[digit]] = key
        places[digit] += 1
      }
    }
  }
}
