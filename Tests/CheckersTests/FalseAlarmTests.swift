import Checkers
import Generators
import Histories
import Testing

/// Simulated histories, which have an order by construction: the search must find one in each.
///
/// Two or three values, many of them written at once, meet all the rules by which the search passes over operations that
/// seem to change nothing. No oracle is asked, so that there can be many.
@Suite struct FalseAlarmTests {
  @Test(arguments: 0..<4) func `equal values written side by side are no violation`(seed: Int) throws {
    var maker = RandomHistory(RandomStreams(seed: UInt64(seed)).stream("false alarms"))
    let histories = Soak.histories(slice: 8_000, whole: 1_000_000, parts: 4)
    for number in 0..<histories {
      let shape = Self.shape(&maker)
      let history = History(maker.simulated(shape))
      let decision = try #require(try LinearizabilityChecker.decide(history, model: CASRegister(), threads: 1).first)
      guard decision.verdict == .valid, Judge.problem(with: decision, of: history) == nil else {
        Issue.record("seed \(seed), history \(number): \(decision.verdict)\n\(text(history))")
        return
      }
    }
    print("false alarms, seed \(seed): none in \(histories) histories")
  }

  private static func shape(_ maker: inout RandomHistory) -> RandomHistory.Shape {
    var shape = maker.shape(operationsMax: 24)
    shape.values = 1 + maker.random.below(3)
    shape.processes = 3 + maker.random.below(6)
    shape.functions =
      [["write", "cas", "read"], ["write", "write", "cas", "read"], ["write", "cas"]][
        maker.random.below(3)]
    return shape
  }
}
