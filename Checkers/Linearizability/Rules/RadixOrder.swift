/// The indices of the keys in increasing order of key, equal keys in order of index: least significant digit first, in
/// three passes of 11 bits, as many as the largest key needs.
///
/// Event indices are what the rules sort, a million at a time: a comparison sort takes ten times as long. Key and index
/// travel together as one word, so that every pass reads in sequence.
func radixOrder(_ keys: [UInt32]) -> [UInt32] {
  var words = [UInt64](unsafeUninitializedCapacity: keys.count) { places, count in
    for place in 0..<keys.count { places.initializeElement(at: place, to: UInt64(keys[place]) << 32 | UInt64(place)) }
    count = keys.count
  }
  if keys.count < 256 {
    words.sort()
  } else {
    let largest = UInt64(keys.max() ?? 0) << 32
    var sorted = words
    for shift in stride(from: 32, to: 64, by: radixDigit) where largest >> UInt64(shift) > 0 {
      sorted.withUnsafeMutableBufferPointer { target in words.withUnsafeBufferPointer { distribute($0, target, shift) }
      }
      swap(&words, &sorted)
    }
  }
  return words.map { UInt32(truncatingIfNeeded: $0) }
}

private let radixDigit = 11

/// One pass: the words in order of the digit at the shift, otherwise in the order that they had.
private func distribute(
  _ words: UnsafeBufferPointer<UInt64>, _ target: UnsafeMutableBufferPointer<UInt64>, _ shift: Int
) {
  let (mask, shift) = (UInt64(1) << UInt64(radixDigit) - 1, UInt64(shift))
  withUnsafeTemporaryAllocation(of: Int.self, capacity: 1 << radixDigit) { ends in
    ends.initialize(repeating: 0)
    for word in words { ends[Int(truncatingIfNeeded: word >> shift & mask)] += 1 }
    var start = 0
    for bucket in 0..<ends.count { (ends[bucket], start) = (start, start + ends[bucket]) }
    for word in words {
      let bucket = Int(truncatingIfNeeded: word >> shift & mask)
      target[ends[bucket]] = word
      ends[bucket] += 1
    }
  }
}
