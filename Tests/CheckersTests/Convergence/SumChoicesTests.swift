@testable import Checkers
import Generators
import Testing

/// Ways to make a sum against the list of all subsets.
@Suite struct SumChoicesTests {
  @Test func `each way to make a sum comes once`() {
    var random = RandomStreams(seed: 0).stream("sum choices")
    var (ways, none) = (0, 0)
    for _ in 0..<20_000 {
      let amounts = (0..<random.below(9)).map { _ in [-3, -2, -1, 1, 2, 3, 5][random.below(7)] as Int64 }
      let sum = Int128(random.below(24)) - 8
      let found = Array(SumChoices(.init(amounts), adding: sum, StepBudget(1_000_000))).map { $0.list.sorted() }
      var expected: Set<[Int64]> = []
      for subset in 0..<(1 << amounts.count) {
        let (taken, left) = (
          amounts.indices.filter { subset >> $0 & 1 == 1 }, amounts.indices.filter { subset >> $0 & 1 == 0 }
        )
        if taken.reduce(Int128(0), { $0 + Int128(amounts[$1]) }) == sum {
          expected.insert(left.map { amounts[$0] }.sorted())
        }
      }
      #expect(found.count == expected.count && Set(found) == expected, "\(amounts) \(sum)")
      if expected.isEmpty { none += 1 } else { ways += expected.count }
    }
    #expect(ways > 20_000 && none > 4_000)
  }

  @Test func `amounts of equal size are one step, whatever their number`() {
    let steps = StepBudget(100)
    var choices = SumChoices(
      .init((0..<100_000).map { 1 + $0 % 10 } + [-7, 0, .max, .max, .min]), adding: 300_001, steps)
    #expect(choices.next() != nil)
    #expect(steps.left > 80)
    var far = SumChoices(.init([1, 2]), adding: 4, steps)
    #expect(far.next() == nil)
  }

  @Test func `without steps there is no way`() {
    let steps = StepBudget(3)
    #expect(Array(SumChoices(.init([1, 2, 3, 4, 5]), adding: 5, steps)).isEmpty)
    #expect(steps.isSpent)
  }
}
