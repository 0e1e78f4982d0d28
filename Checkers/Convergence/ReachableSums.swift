/// The sums that some of several amounts make, as amounts come one after the other.
///
/// Kept as runs of whole numbers without a gap: amounts that are small beside their number soon make one run. Amounts
/// that are not make ever more of them, up to `runsMax`, and all in all `stepsMax` of them may be looked at; past either
/// only the least and the greatest sum are known.
struct ReachableSums {
  private static let (runsMax, stepsMax) = (4_096, 20_000_000)

  private var runs: [ClosedRange<Int128>] = [0...0]
  private var (least, most): (Int128, Int128) = (0, 0)
  private var stepsLeft = ReachableSums.stepsMax
  /// Whether each sum between the least and the greatest is told apart.
  private(set) var isExact = true

  mutating func add(_ amount: Int64) {
    let amount = Int128(amount)
    if amount > 0 { most += amount } else { least += amount }
    guard isExact, amount != 0 else { return }
    let moved = runs.map { $0.lowerBound + amount...$0.upperBound + amount }
    stepsLeft -= runs.count
    runs = Self.union(runs, moved)
    if runs.count > Self.runsMax || stepsLeft < 0 { (isExact, runs) = (false, []) }
  }

  /// Whether the number lies between the least and the greatest sum.
  func isInRange(_ sum: Int128) -> Bool { (least...most).contains(sum) }

  /// Whether some of the amounts add up to the number; true where that is not told apart.
  func contains(_ sum: Int128) -> Bool {
    guard isExact else { return isInRange(sum) }
    let place = runs.partitioningIndex { $0.upperBound >= sum }
    return place < runs.count && runs[place].contains(sum)
  }

  /// The greatest sum, and the least.
  var bounds: (least: Int128, most: Int128) { (least, most) }

  private static func union(
    _ first: [ClosedRange<Int128>], _ second: [ClosedRange<Int128>]
  ) -> [ClosedRange<Int128>] {
    var (all, left, right): ([ClosedRange<Int128>], Int, Int) = ([], 0, 0)
    all.reserveCapacity(first.count + second.count)
    while left < first.count || right < second.count {
      let takesFirst =
        right == second.count || left < first.count && first[left].lowerBound <= second[right].lowerBound
      let next = takesFirst ? first[left] : second[right]
      if takesFirst { left += 1 } else { right += 1 }
      if let last = all.last, next.lowerBound <= last.upperBound + 1 {
        all[all.count - 1] = last.lowerBound...max(last.upperBound, next.upperBound)
      } else {
        all.append(next)
      }
    }
    return all
  }
}
