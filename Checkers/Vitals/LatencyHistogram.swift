/// Latencies in buckets that are at most 1/128 of their value wide, as HdrHistogram's: fixed memory however long the
/// run.
struct LatencyHistogram {
  private static let subBits = 8
  private static let subCount = 1 << subBits

  private var counts = [UInt64](repeating: 0, count: (64 - subBits) * subCount)
  private(set) var count: UInt64 = 0
  private(set) var max: Int64 = 0

  /// Adds a latency in nanoseconds; negative ones count as 0.
  mutating func add(_ nanoseconds: Int64) {
    let value = Swift.max(0, nanoseconds)
    counts[Self.bucket(UInt64(value))] += 1
    count += 1
    max = Swift.max(max, value)
  }

  /// The smallest bucket's upper end below which at least this share of the latencies lies, never above the maximum.
  func quantile(_ share: Double) -> Int64 {
    if count == 0 { return 0 }
    let wanted = Swift.max(1, UInt64((share * Double(count)).rounded(.up)))
    var seen: UInt64 = 0
    for (bucket, count) in counts.enumerated() {
      seen += count
      if seen >= wanted { return min(max, Int64(Self.upperEnd(bucket))) }
    }
    return max
  }

  private static func bucket(_ value: UInt64) -> Int {
    let magnitude = 64 - value.leadingZeroBitCount
    let shift = Swift.max(0, magnitude - subBits)
    // Below 2^subBits every value has its own bucket; above, the leading bit is implied.
    return shift == 0 ? Int(value) : shift * subCount / 2 + Int(value >> UInt64(shift))
  }

  private static func upperEnd(_ bucket: Int) -> UInt64 {
    if bucket < subCount { return UInt64(bucket) }
    let shift = bucket / (subCount / 2) - 1
    let value = UInt64(bucket - shift * subCount / 2)
    return (value + 1) << UInt64(shift) - 1
  }
}
