@testable import Checkers
import Generators
import Testing

/// Sums of subsets against the list of all of them, whichever way they are decided.
@Suite struct SubsetSumTests {
  @Test(arguments: [1 << 20, 0]) func `sums are those of some subset`(stepsMax: Int) {
    var random = RandomStreams(seed: 0).stream("subset sums \(stepsMax)")
    var reached = 0
    for _ in 0..<20_000 {
      let scale = random.below(3) == 0 ? Int64(1_000_000_007) : 1
      let amounts = (0..<random.below(9)).map { _ in (Int64(random.below(13)) - 4) * scale }
      let total = (Int128(random.below(40)) - 12) * Int128(scale)
      let sums = amounts.reduce(Set([Int128(0)])) { sums, amount in sums.union(sums.map { $0 + Int128(amount) }) }
      if sums.contains(total) { reached += 1 }
      #expect(SubsetSum.reaches(total, with: amounts, stepsMax: stepsMax) == (sums.contains(total) ? .yes : .no))
    }
    #expect(reached > 4_000)
  }

  @Test func `small amounts are decided whatever their number, many large ones are not`() {
    let many = [Int64](repeating: 7, count: 100_000) + [3]
    #expect(SubsetSum.reaches(70_003, with: many, stepsMax: 1 << 26) == .yes)
    #expect(SubsetSum.reaches(70_004, with: many, stepsMax: 1 << 26) == .no)
    #expect(SubsetSum.reaches(700_003, with: many, stepsMax: 1 << 26) == .yes)
    let large = (0..<60).map { Int64(1) << 40 + Int64($0 * $0 * 7_919) }
    #expect(SubsetSum.reaches(20 << 40 + 1, with: large, stepsMax: 1 << 26) == .unknown)
    #expect(SubsetSum.reaches(Int128(Int64.max) * 2, with: [.max, .max, .min], stepsMax: 1 << 20) == .yes)
  }
}
