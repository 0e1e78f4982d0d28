/// How often each of n things is chosen.
public struct KeyDistribution: Sendable {
  /// The largest n: the table of a zipf distribution takes 8 bytes for each.
  public static let countMax = 1_000_000
  public let count: Int
  /// The sums of the first 1, 2, …, n probabilities; empty where all are equal.
  private let sums: [Double]

  /// Each of 0..<count equally often.
  public static func uniform(_ count: Int) -> KeyDistribution { KeyDistribution(count: count, sums: []) }

  /// k of 0..<count with probability proportional to 1 / (k + 1)^skew, exactly: by the table of its distribution
  /// function, not by one of the usual approximations. 0 is the hottest.
  ///
  /// - Parameter skew: at least 0, which is uniform; the web's is near 1.
  public static func zipf(_ count: Int, skew: Double) -> KeyDistribution {
    precondition(skew >= 0 && skew.isFinite, "a zipf skew is finite and at least 0, not \(skew)")
    var total = 0.0
    var sums: [Double] = []
    sums.reserveCapacity(count)
    for rank in 1...max(count, 1) {
      total += power(Double(rank), -skew)
      sums.append(total)
    }
    return KeyDistribution(count: count, sums: sums.map { $0 / total })
  }

  private init(count: Int, sums: [Double]) {
    precondition(1...Self.countMax ~= count, "keys are chosen among 1 to \(Self.countMax), not \(count)")
    self.count = count
    self.sums = sums
  }

  /// One of 0..<count.
  public func draw(_ stream: inout RandomStream) -> Int {
    if sums.isEmpty { return stream.below(count) }
    let point = stream.unit()
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > point { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
