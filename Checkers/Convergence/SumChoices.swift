/// The ways to take some of several amounts that add up to a sum, one after the other.
///
/// Amounts are told apart by their sizes alone: how many of each are taken is what a way is. Most of the largest come
/// first, and nothing is looked at from which the rest cannot be reached (Horowitz & Sahni, 1974, without the halves).
struct SumChoices: Sequence, IteratorProtocol {
  /// Amounts of one size, how many of them there are, and the least and the greatest sum of those behind them.
  private struct Size {
    let amount: Int128
    let count: Int
    let restRange: ClosedRange<Int128>
  }

  /// Amounts that are still to be had, those of equal size together, the largest first.
  struct Amounts {
    fileprivate let sizes: [Int64]
    fileprivate var counts: [Int]

    /// Nothing is of no matter.
    init(_ amounts: [Int64]) {
      let groups = Dictionary(grouping: amounts.lazy.filter { $0 != 0 }) { $0 }
      sizes = groups.keys.sorted { ($0.magnitude, $0) > ($1.magnitude, $1) }
      counts = sizes.map { groups[$0]?.count ?? 0 }
    }

    var list: [Int64] { zip(sizes, counts).flatMap { [Int64](repeating: $0, count: $1) } }
  }

  private let sizes: [Size]
  private let amounts: Amounts
  private let steps: StepBudget
  /// How many of each size are taken, of the sizes up to the one in question.
  private var taken: [Int] = []
  /// What the sizes behind those must add up to.
  private var rest: Int128
  private var isBegun = false

  init(_ amounts: Amounts, adding sum: Int128, _ steps: StepBudget) {
    var (sizes, least, most): ([Size], Int128, Int128) = ([], 0, 0)
    for place in amounts.sizes.indices.reversed() {
      let (amount, count) = (Int128(amounts.sizes[place]), amounts.counts[place])
      sizes.append(Size(amount: amount, count: count, restRange: least...most))
      if amount < 0 { least += amount * Int128(count) } else { most += amount * Int128(count) }
    }
    (self.sizes, self.amounts, self.steps, rest) = (sizes.reversed(), amounts, steps, sum)
    if !(least...most).contains(sum) { isBegun = true }
  }

  /// - Returns: what is left; nil where there is no further way, or no step left.
  mutating func next() -> Amounts? {
    if isBegun { guard takeFewer() else { return nil } }
    isBegun = true
    while taken.count < sizes.count {
      guard steps.take() else { return nil }
      if !takeMost(), !takeFewer() { return nil }
    }
    // Behind the last size there is nothing, and its range is 0: nothing is left of the sum.
    var left = amounts
    for (place, count) in taken.enumerated() { left.counts[place] -= count }
    return left
  }

  /// Takes as many of the next size as leave a rest that those behind it can make; false if no number does.
  private mutating func takeMost() -> Bool {
    let size = sizes[taken.count]
    let range = Self.counts(of: size, rest)
    guard let most = range.last else { return false }
    taken.append(most)
    rest -= Int128(most) * size.amount
    return true
  }

  /// Goes back to the last size of which one less may be taken, and takes one less.
  private mutating func takeFewer() -> Bool {
    while let last = taken.popLast() {
      let size = sizes[taken.count]
      rest += Int128(last) * size.amount
      let fewer = last - 1
      guard fewer >= 0, size.restRange.contains(rest - Int128(fewer) * size.amount) else { continue }
      taken.append(fewer)
      rest -= Int128(fewer) * size.amount
      return true
    }
    return false
  }

  /// How many may be taken so that the rest stays in range.
  private static func counts(of size: Size, _ rest: Int128) -> Range<Int> {
    let (magnitude, isNegative) = (Int128(size.amount.magnitude), size.amount < 0)
    // What is taken lies between these, in the direction of the amount.
    let least = isNegative ? size.restRange.lowerBound - rest : rest - size.restRange.upperBound
    let most = isNegative ? size.restRange.upperBound - rest : rest - size.restRange.lowerBound
    guard most >= 0 else { return 0..<0 }
    let first = least <= 0 ? 0 : (least + magnitude - 1) / magnitude
    let last = Swift.min(Int128(size.count), most / magnitude)
    return first <= last ? Int(first)..<Int(last) + 1 : 0..<0
  }
}

/// Steps that several parts of one search share.
final class StepBudget {
  private(set) var left: Int

  init(_ steps: Int) { left = steps }

  var isSpent: Bool { left < 0 }

  /// - Returns: whether there was one.
  func take() -> Bool {
    left -= 1
    return left >= 0
  }
}
