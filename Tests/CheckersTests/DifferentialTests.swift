@testable import Checkers
import Generators
import Histories
import Testing

/// The checker against the textbook search on seeded random histories; every answer's evidence is judged too.
@Suite struct DifferentialTests {
  /// A third of them is of unique values, which a rule decides; the search alone decides each of them once more.
  static let historiesPerSeed = Soak.histories(slice: 3_200, whole: 160_000, parts: 8)

  @Test(arguments: 0..<8) func smallHistories(seed: Int) throws {
    var maker = RandomHistory(RandomStreams(seed: UInt64(seed)).stream("differential"))
    var counts = (valid: 0, invalid: 0, shown: 0)
    for number in 0..<Self.historiesPerSeed {
      // Most are small, where most faults show; the textbook search is what costs.
      let history = maker.next(maker.shape(operationsMax: number % 4 == 0 ? 16 : 10))
      let expected = TextbookSearch.isLinearizable(history)
      let decision = try #require(try LinearizabilityChecker.decide(history, model: CASRegister(), threads: 1).first)
      if (decision.verdict == .valid) != expected || decision.verdict == .unknown {
        Issue.record("seed \(seed), history \(number): \(decision.verdict), expected \(expected)\n\(text(history))")
        return
      }
      if expected { counts.valid += 1 } else { counts.invalid += 1 }
      if let problem = Judge.problem(with: decision, of: history) {
        Issue.record("seed \(seed), history \(number): \(problem)\n\(text(history))\n\(decision)")
        return
      }
      if let problem = Self.problemWithWindows(history, expected) {
        Issue.record("seed \(seed), history \(number), windows: \(problem)\n\(text(history))")
        return
      }
      counts.shown = max(counts.shown, decision.counterexample?.operations.count ?? 0)
    }
    print("differential, seed \(seed): \(counts.valid) valid, \(counts.invalid) invalid, at most \(counts.shown) shown")
    #expect(min(counts.valid, counts.invalid) * 5 >= Self.historiesPerSeed)
  }

  /// The same answer, and evidence that holds, from the search alone with refutations by windows of 1, 4, 16, … returns.
  private static func problemWithWindows(_ history: History, _ expected: Bool) -> String? {
    var tuning = CheckTuning()
    (tuning.usesRules, tuning.firstStall, tuning.firstWindow) = (false, 1, 1)
    guard
      let decision = try? LinearizabilityChecker.decide(history, model: CASRegister(), threads: 1, tuning: tuning)
        .first,
      (decision.verdict == .valid) == expected, decision.verdict != .unknown
    else { return "expected \(expected)" }
    return Judge.problem(with: decision, of: history)
  }

  /// The judge of the judge: all orders of tiny histories.
  @Test func textbookAgainstBruteForce() {
    var maker = RandomHistory(RandomStreams(seed: 1).stream("brute force"))
    var counts = (valid: 0, invalid: 0)
    for number in 0..<Soak.histories(slice: 1_500, whole: 20_000) {
      var shape = maker.shape(operationsMax: 6)
      shape.operations = max(4, shape.operations)
      let history = maker.next(shape)
      let operations = OracleOperation.all(in: history)
      let expected = BruteForce.isLinearizable(operations, initial: .null)
      #expect(TextbookSearch.isLinearizable(history) == expected, "history \(number)\n\(text(history))")
      #expect(CounterexampleOracle(operations).isLinearizable(from: .null) == expected, "history \(number)")
      if expected { counts.valid += 1 } else { counts.invalid += 1 }
    }
    print("textbook against brute force: \(counts.valid) valid, \(counts.invalid) invalid")
    #expect(min(counts.valid, counts.invalid) * 5 > counts.valid + counts.invalid)
  }
}

/// The history as JSON Lines, for messages.
func text(_ history: History) -> String {
  var bytes: [UInt8] = []
  for event in history.events { JSONLines.append(event, to: &bytes) }
  return String(decoding: bytes, as: UTF8.self)
}
