import Checkers
import Generators
import Histories
import Testing

/// The unique-ids checker against a count of equal pairs, on small random histories with ids of all kinds.
@Suite struct UniqueIDDifferentialTests {
  @Test func `ids are counted as the twin counts them`() throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("queues/unique-ids"))
    var split = QueueSplit()
    for number in 0..<Soak.histories(slice: 2_500, whole: 60_000) {
      let range = 3 + maker.random.below(40)
      var random = maker.random
      let calls = (0..<maker.random.below(9)).map { _ in RandomWorkload.Call(function: "generate", input: .null) }
      let events = maker.events(calls) { _ in Self.id(random.below(range)) }
      let given = events.filter { $0.type == .ok }.map(\.value)
      let doubled = Set(given).count { id in given.count { $0 == id } > 1 }
      let expected: Verdict = given.isEmpty ? .unknown : doubled > 0 ? .invalid : .valid
      split.count(expected)
      let report = try UniqueIDChecker.report(History(events))
      let numbers = given.compactMap(\.int)
      guard report.verdict == expected, report.count(.duplicateID) == doubled,
        report.statistic("acknowledged") == .int(Int64(given.count)),
        report.statistic("greatest") == numbers.max().map({ .int($0) }),
        report.statistic("smallest") == numbers.min().map({ .int($0) })
      else {
        Issue.record("history \(number): expected \(expected): \(report)\n\(InvariantText.text(events))")
        return
      }
    }
    split.show("unique-ids")
    #expect(split.isBalanced)
  }

  /// Small and large integers, texts, lists.
  private static func id(_ number: Int) -> Value {
    switch number % 4 {
    case 0: .int(Int64(number))
    case 1: .int(Int64.max - Int64(number))
    case 2: .string("id-\(number)")
    default: [.int(Int64(number)), "n1"]
    }
  }
}
