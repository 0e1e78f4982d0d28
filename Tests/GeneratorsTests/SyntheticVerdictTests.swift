import Generators
import Histories
import Testing

/// The verdict that a synthetic history claims for itself, against an independent search, on thousands of small ones.
@Suite struct SyntheticVerdictTests {
  /// Histories for each model: half valid, half with a violation.
  private static let histories = 300

  private func initial(_ model: SyntheticOptions.Model) -> Value {
    switch model {
    case .casRegister, .register: .null
    case .kv: ""
    case .fifoQueue, .growSet: []
    case .counter: 0
    case .mutex: false
    }
  }

  /// Sizes, crashes, values and keys of all sorts.
  private func options(_ model: SyntheticOptions.Model, _ random: inout RandomStream) -> SyntheticOptions {
    let keys = random.below(3) == 0 ? 1 + random.below(3) : 0
    let clients = 2 + random.below(2)
    let least = clients * max(1, model == .kv && keys == 0 ? SyntheticOptions.keysOfKVDefault : keys)
    return SyntheticOptions(
      model: model, operations: least + random.below(12), clients: clients,
      values: random.below(2) == 0 ? .small : .unique, crashedPercent: [0, 0, 5, 10][random.below(4)], keys: keys,
      hasViolation: random.below(2) == 0)
  }

  @Test(arguments: SyntheticOptions.Model.allCases)
  func `the verdict is the one that is claimed, and so is the violating return`(
    model: SyntheticOptions.Model
  ) throws {
    var random = RandomStreams(seed: 20).stream("verdicts/\(model.rawValue)")
    var counts: [Verdict: Int] = [:]
    for _ in 0..<Self.histories {
      let options = options(model, &random)
      let seed = random.next()
      let (history, outcome) = try SyntheticHistory(options, seed: seed).history()
      counts[outcome.verdict, default: 0] += 1
      let isLinearizable = SyntheticTwin.isLinearizable(history, initial: initial(model))
      #expect(isLinearizable == (outcome.verdict == .valid), "\(options), seed \(seed)")
      guard let violation = outcome.violation else { continue }
      #expect(
        !SyntheticTwin.isLinearizable(history, initial: initial(model), eventsMax: violation + 1),
        "not certain at \(violation): \(options), seed \(seed)")
      if model == .fifoQueue { continue }  // it may be certain earlier
      #expect(
        SyntheticTwin.isLinearizable(history, initial: initial(model), eventsMax: violation),
        "certain before \(violation): \(options), seed \(seed)")
    }
    print("synthetic \(model.rawValue): \(counts[.valid] ?? 0) valid, \(counts[.invalid] ?? 0) invalid")
    #expect(counts.values.allSatisfy { $0 * 5 >= Self.histories } && counts.count == 2, "\(counts)")
  }
}
