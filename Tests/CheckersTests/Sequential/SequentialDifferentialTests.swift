@testable import Checkers
import Generators
import Glibc
import Histories
import Testing

/// The checker against its twin on seeded random histories, by each of its ways; every answer's evidence is judged.
@Suite struct SequentialDifferentialTests {
  /// `make soak` raises it.
  static let historiesPerSeed = getenv("FAULTLINE_SOAK") == nil ? 2_500 : 13_000

  private struct Counts {
    var valid = 0
    var invalid = 0
    var byWay: [String: Int] = [:]
    var undecided = 0
    var shown = 0

    mutating func note(_ name: String, _ decision: SequentialDecision) {
      byWay["\(name): \(decision.way?.rawValue ?? "undecided") \(decision.verdict)", default: 0] += 1
      shown = max(shown, decision.counterexample?.operations.count ?? 0)
    }
  }

  /// Each way alone, as far as it is exact alone.
  private static let tunings: [(name: String, tuning: SequentialTuning)] = {
    var constraints = SequentialTuning()
    constraints.usesLinearizations = false
    var cycles = constraints
    cycles.usesUpdateOrders = false
    var positions = constraints
    positions.usesConstraints = false
    return [
      ("all", SequentialTuning()), ("constraints", constraints), ("cycles, then positions", cycles),
      ("positions", positions),
    ]
  }()

  @Test(arguments: 0..<8) func everyWay(seed: Int) throws {
    var maker = SequentialHistories(RandomStreams(seed: UInt64(seed)).stream("sequential"))
    var counts = Counts()
    for number in 0..<Self.historiesPerSeed {
      let history = maker.next(operationsMax: number % 4 == 0 ? 15 : 10)
      let operations = TwinOperation.all(in: history)
      let expected = SequentialTwin.isConsistent(operations)
      if expected { counts.valid += 1 } else { counts.invalid += 1 }
      for (name, tuning) in Self.tunings {
        let decision = try Self.decide(history, tuning)
        counts.note(name, decision)
        if let problem = Self.problem(with: decision, expected, operations) {
          Issue.record("seed \(seed), history \(number), \(name): \(problem)\n\(text(history))\n\(decision)")
          return
        }
      }
    }
    print("sequential, seed \(seed): \(counts.valid) valid, \(counts.invalid) invalid, at most \(counts.shown) shown")
    for (way, count) in counts.byWay.sorted(by: { $0.key < $1.key }) { print("  \(way): \(count)") }
    #expect(min(counts.valid, counts.invalid) * 5 >= Self.historiesPerSeed)
  }

  private static func decide(_ history: History, _ tuning: SequentialTuning) throws -> SequentialDecision {
    try SequentialConsistencyChecker.decide(
      history, model: CASRegister(), budget: CheckBudget(), threads: 1, cancellation: nil, tuning: tuning)
  }

  private static func problem(
    with decision: SequentialDecision, _ expected: Bool, _ operations: [TwinOperation]
  ) -> String? {
    guard decision.verdict == (expected ? .valid : .invalid) else { return "\(decision.verdict), expected \(expected)" }
    if expected { return SequentialJudge.problem(withOrder: decision.order, operations) }
    guard let counterexample = decision.counterexample else { return "no counterexample" }
    return SequentialJudge.problem(with: counterexample, operations)
  }
}
