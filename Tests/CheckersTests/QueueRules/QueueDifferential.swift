import Checkers
import Generators
import Histories
import Testing

/// A model with its twin, and what the differential test counted.
struct QueueDifferential<Model: SequentialModel, State: Hashable> {
  let name: String
  let model: Model
  let twin: Twin<State>
  /// The states that the model shows as this value.
  let states: (Value) -> [State]
  var operationsMax = 10

  private struct Counts {
    var (valid, invalid, mutatedValid, ruled, decided) = (0, 0, 0, 0, 0)
  }

  /// Compares rule, whole checker and search with the twin on each history.
  ///
  /// - Parameter applies: of 100 histories, how many the rule has to decide at least.
  func run(_ object: SimulatedContainer, seed: UInt64, applies: Int = 80) throws {
    var maker = QueueHistories(object, RandomStreams(seed: seed).stream(name))
    var counts = Counts()
    for number in 0..<Soak.histories(slice: 1_500) {
      let (history, isUntouched) = maker.next(operationsMax: operationsMax)
      let operations = TwinOperation.all(in: history)
      let expected = twin.isLinearizable(operations)
      if isUntouched, !expected { return fail(number, "the simulation is wrong", history) }
      if let problem = problem(history, operations, expected, &counts) {
        return fail(number, "expected \(expected): \(problem)", history)
      }
      counts.decided += 1
      if expected { counts.valid += 1 } else { counts.invalid += 1 }
      if expected, !isUntouched { counts.mutatedValid += 1 }
    }
    print(
      "\(name): \(counts.valid) valid (\(counts.mutatedValid) of them mutated), \(counts.invalid) invalid,"
        + " the rule decided \(counts.ruled)")
    #expect(min(counts.valid, counts.invalid) * 5 >= counts.decided, "\(name)")
    #expect(counts.ruled * 100 >= counts.decided * applies, "\(name)")
  }

  private func fail(_ number: Int, _ message: String, _ history: History) {
    Issue.record("\(name), history \(number): \(message)\n\(text(history))")
  }

  private func problem(
    _ history: History, _ operations: [TwinOperation], _ expected: Bool, _ counts: inout Counts
  ) -> String? {
    do {
      let (decision, positions) = try ruled(history)
      if let decision {
        counts.ruled += 1
        if let problem = problem(with: decision, positions, operations, expected) { return "rule: \(problem)" }
      }
      if let problem = try problem(of: model, history, operations, expected) { return problem }
      return try problem(of: SearchOnly(model: model), history, operations, expected).map { "search: \($0)" }
    } catch {
      return "\(error)"
    }
  }

  /// What is wrong with what the whole checker says by this model; nil if nothing is.
  func problem(
    of model: some SequentialModel, _ history: History, _ operations: [TwinOperation], _ expected: Bool
  ) throws -> String? {
    guard let decision = try LinearizabilityChecker.decide(history, model: model, threads: 1).first else {
      return operations.isEmpty ? nil : "no decision"
    }
    return problem(with: decision, operations, expected)
  }

  /// The rule's answer, and the invocations that its positions stand for.
  private func ruled(_ history: History) throws -> (RuleDecision?, [Int]) {
    var table = ValueTable(history.values)
    let initial = model.initial(&table)
    var typed = ObjectHistory<Model.Operation>()
    var invocations: [Int] = []
    let paired = try Operations(history)
    for position in 0..<paired.count where paired.outcome(position) != .fail {
      let invocation = Int(paired.invocations[position])
      let completion = paired.outcome(position) == .ok ? paired.completion(position) : nil
      let call = RecordedCall(
        function: history.function(at: invocation), input: history.word(at: invocation),
        output: completion.map { history.word(at: $0) } ?? .null, outcome: completion == nil ? .info : .ok,
        process: history.process(at: invocation))
      guard let operation = try model.lower(call, &table) else { continue }
      typed.append(
        operation, invocation: UInt32(invocation),
        completion: completion.map { UInt32($0) } ?? ObjectHistory<Model.Operation>.never)
      invocations.append(invocation)
    }
    return (model.decide(typed, initial: initial, table), invocations)
  }

  private func problem(
    with decision: RuleDecision, _ invocations: [Int], _ operations: [TwinOperation], _ expected: Bool
  ) -> String? {
    switch decision.outcome {
    case .linearizable(let order):
      if !expected { return "calls it valid" }
      return twin.problem(withOrder: order.map { invocations[Int($0)] }, operations)
    case .violation(let core):
      if expected { return "calls it a violation" }
      let kept = Set(core.map { invocations[Int($0)] })
      if kept.count != core.count { return "names an operation twice" }
      return twin.isLinearizable(operations.filter { kept.contains($0.invocation) }) ? "innocent core \(kept)" : nil
    }
  }

  private func problem(with decision: ObjectDecision, _ operations: [TwinOperation], _ expected: Bool) -> String? {
    if decision.verdict != (expected ? .valid : .invalid) { return "\(decision.verdict)" }
    if expected {
      return decision.linearization.map { twin.problem(withOrder: $0, operations) } ?? "no linearization"
    }
    guard let counterexample = decision.counterexample else { return "no counterexample" }
    let shown = counterexample.operations.filter { $0.role != .context }.map { TwinOperation($0) }
    if counterexample.initialStates.isEmpty { return "no initial state" }
    for value in counterexample.initialStates {
      for state in states(value) where twin.isLinearizable(shown, from: state) {
        return "the counterexample is innocent from \(value): \(counterexample.operations)"
      }
    }
    return nil
  }
}

/// The numbers of a list.
func numbers(_ value: Value) -> [[Int64]] { [value.list?.compactMap(\.int) ?? []] }
