/// Whether some of several amounts add up to a total: exact within a budget.
///
/// The problem is NP-complete (Karp, 1972), but small amounts are decided by the sums that can be reached (Bellman,
/// 1957), and few amounts by the sums of both halves (Horowitz & Sahni, 1974).
public enum SubsetSum {
  public enum Answer: Hashable, Sendable {
    case yes, no
    /// The budget is not enough.
    case unknown
  }

  /// Amounts of which all sums of each half are tried: 2^20 of each, 32 MB.
  static let halvesMax = 40

  /// - Parameter stepsMax: words of 64 sums that may be looked at; there are as many bytes in memory at most.
  public static func reaches(_ total: Int128, with amounts: [Int64], stepsMax: Int) -> Answer {
    var (positive, target) = ([Int128](), total)
    for amount in amounts where amount != 0 {
      // Leaving a negative amount out is the same as adding its opposite to what is wanted.
      if amount < 0 { target -= Int128(amount) }
      positive.append(Int128(amount.magnitude))
    }
    let sum = positive.reduce(0, +)
    guard (0...sum).contains(target) else { return .no }
    target = min(target, sum - target)
    let divisor = positive.reduce(0, gcd)
    guard target > 0 else { return .yes }
    guard target % divisor == 0 else { return .no }
    return decide(target / divisor, positive.map { $0 / divisor }.filter { $0 <= target / divisor }, stepsMax)
  }

  /// Amounts and the total are positive, and no amount is larger.
  private static func decide(_ target: Int128, _ amounts: [Int128], _ stepsMax: Int) -> Answer {
    if takesGreedily(target, amounts) { return .yes }
    let bundles = bundles(amounts)
    let words = target / 64 + 1
    if Int128(bundles.count) * words <= Int128(stepsMax) {
      return isReached(Int(target), bundles.map { Int($0) }) ? .yes : .no
    }
    if amounts.count <= halvesMax { return isReachedByHalves(target, amounts) ? .yes : .no }
    return .unknown
  }

  private static func gcd(_ left: Int128, _ right: Int128) -> Int128 {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return left
  }

  /// The largest that fits, again and again: often that is all there is to it.
  private static func takesGreedily(_ target: Int128, _ amounts: [Int128]) -> Bool {
    var rest = target
    for amount in amounts.sorted(by: >) where amount <= rest { rest -= amount }
    return rest == 0
  }

  /// Equal amounts as 1, 2, 4, … of them together, and what remains: the same sums of fewer parts.
  private static func bundles(_ amounts: [Int128]) -> [Int128] {
    let sorted = amounts.sorted()
    var (bundles, start): ([Int128], Int) = ([], 0)
    while start < sorted.count {
      let amount = sorted[start]
      var left = sorted[start...].prefix { $0 == amount }.count
      start += left
      var size = 1
      while left > 0 {
        bundles.append(amount * Int128(min(size, left)))
        left -= min(size, left)
        size *= 2
      }
    }
    return bundles
  }

  /// One bit for each sum up to the total.
  private static func isReached(_ target: Int, _ amounts: [Int]) -> Bool {
    var sums = [UInt64](repeating: 0, count: target / 64 + 1)
    sums[0] = 1
    for amount in amounts where amount <= target {
      let (words, bits) = (amount / 64, UInt64(amount % 64))
      for place in stride(from: sums.count - 1, through: words, by: -1) {
        var shifted = sums[place - words] << bits
        if bits > 0, place > words { shifted |= sums[place - words - 1] >> (64 - bits) }
        sums[place] |= shifted
      }
    }
    return sums[target / 64] >> UInt64(target % 64) & 1 == 1
  }

  private static func isReachedByHalves(_ target: Int128, _ amounts: [Int128]) -> Bool {
    let left = sums(amounts[..<(amounts.count / 2)])
    let right = sums(amounts[(amounts.count / 2)...])
    var place = right.count - 1
    for sum in left {
      while place >= 0, sum + right[place] > target { place -= 1 }
      if place >= 0, sum + right[place] == target { return true }
    }
    return false
  }

  /// All sums of some of them, sorted: each amount merges what there is with the same plus itself.
  private static func sums(_ amounts: ArraySlice<Int128>) -> [Int128] {
    var sums: [Int128] = [0]
    for amount in amounts {
      var (merged, place) = ([Int128](), 0)
      merged.reserveCapacity(2 * sums.count)
      for sum in sums {
        while sums[place] + amount < sum {
          merged.append(sums[place] + amount)
          place += 1
        }
        merged.append(sum)
      }
      merged.append(contentsOf: sums[place...].map { $0 + amount })
      sums = merged
    }
    return sums
  }
}
