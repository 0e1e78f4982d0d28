@testable import Checkers
import Generators
import Histories
import Testing

/// The checker against its twin on seeded random histories, by each of its ways; every answer's evidence is judged.
@Suite struct SequentialDifferentialTests {
  static let historiesPerSeed = Soak.histories(slice: 3_200, parts: 8)

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

  private typealias Decide = @Sendable (History) throws -> SequentialDecision

  /// Each way alone, as far as it is exact alone; and models that say less of their operations.
  private static let ways: [(name: String, decide: Decide)] = {
    let constraints = tuning { _ in }
    let cycles = tuning { $0.usesUpdateOrders = false }
    let positions = tuning { $0.usesConstraints = false }
    return [
      ("all", { try decide($0, CASRegister(), SequentialTuning()) }),
      ("constraints", { try decide($0, CASRegister(), constraints) }),
      ("cycles, then positions", { try decide($0, CASRegister(), cycles) }),
      ("positions", { try decide($0, CASRegister(), positions) }),
      ("opaque", { try decide($0, ReticentRegister(tellsReads: false), constraints) }),
      ("opaque updates", { try decide($0, ReticentRegister(tellsReads: true), constraints) }),
    ]
  }()

  private static func tuning(_ change: (inout SequentialTuning) -> Void) -> SequentialTuning {
    var tuning = SequentialTuning()
    tuning.usesLinearizations = false
    change(&tuning)
    return tuning
  }

  @Test(arguments: 0..<8) func everyWay(seed: Int) throws {
    var maker = SequentialHistories(RandomStreams(seed: UInt64(seed)).stream("sequential"))
    var counts = Counts()
    for number in 0..<Self.historiesPerSeed {
      let history = maker.next(operationsMax: number % 4 == 0 ? 15 : 10)
      let operations = SequentialTwinOperation.all(in: history)
      let expected = SequentialTwin.isConsistent(operations)
      if expected { counts.valid += 1 } else { counts.invalid += 1 }
      // Models that say little make long searches: every fourth history is enough of them.
      for (name, decide) in number % 4 == 1 ? Self.ways : Array(Self.ways.prefix(4)) {
        let decision = try decide(history)
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

  private static func decide(
    _ history: History, _ model: some SequentialModel, _ tuning: SequentialTuning
  ) throws -> SequentialDecision {
    try SequentialConsistencyChecker.decide(
      history, model: model, budget: CheckBudget(), threads: 1, cancellation: nil, tuning: tuning)
  }

  private static func problem(
    with decision: SequentialDecision, _ expected: Bool, _ operations: [SequentialTwinOperation]
  ) -> String? {
    guard decision.verdict == (expected ? .valid : .invalid) else { return "\(decision.verdict), expected \(expected)" }
    if expected { return SequentialJudge.problem(withOrder: decision.order, operations) }
    guard let counterexample = decision.counterexample else { return "no counterexample" }
    return SequentialJudge.problem(with: counterexample, operations)
  }
}

@Suite struct ReticentModelTests {
  /// An update of which nobody knows what it leaves may leave the state that it found.
  @Test func anUnknownUpdateMayChangeNothing() throws {
    let history = SequentialCaseTests.history([(0, "write", "x", .null), (0, "read", "x", .null)])
    var tuning = SequentialTuning()
    tuning.usesLinearizations = false
    let decision = try SequentialConsistencyChecker.decide(
      history, model: ReticentRegister(tellsReads: true), budget: CheckBudget(), threads: 1, cancellation: nil,
      tuning: tuning)
    #expect(decision.verdict == .valid)
    #expect(decision.way == .positions)
  }
}

/// A register that says little of its operations, so that the search has to do without.
private struct ReticentRegister: SequentialModel {
  private let register = CASRegister()
  let tellsReads: Bool

  init(tellsReads: Bool) { self.tellsReads = tellsReads }

  var name: String { "reticent-register" }

  func initial(_ values: inout ValueTable) -> UInt32 { register.initial(&values) }
  func step(_ state: UInt32, _ operation: RegisterOperation) -> UInt32? { register.step(state, operation) }

  func traits(of operation: RegisterOperation) -> OperationTraits<UInt32> {
    if tellsReads, case .read = operation { return register.traits(of: operation) }
    return .unknown
  }

  func lower(
    _ call: RecordedCall, _ values: inout ValueTable
  ) throws(MalformedOperation) -> RegisterOperation? { try register.lower(call, &values) }

  func value(of state: UInt32, _ values: ValueTable) -> Value { register.value(of: state, values) }
  func label(_ operation: RegisterOperation, _ values: ValueTable) -> String { register.label(operation, values) }
}
