@testable import Checkers
import Generators
import Histories
import Testing

/// A model without its rule, so that the search decides.
struct SearchOnly<Model: SequentialModel>: SequentialModel {
  var model: Model

  var name: String { model.name }
  func initial(_ values: inout ValueTable) -> Model.State { model.initial(&values) }
  func lower(_ call: RecordedCall, _ values: inout ValueTable) throws(MalformedOperation) -> Model.Operation? {
    try model.lower(call, &values)
  }
  func step(_ state: Model.State, _ operation: Model.Operation) -> Model.State? { model.step(state, operation) }
  func traits(of operation: Model.Operation) -> OperationTraits<Model.State> { model.traits(of: operation) }
  func value(of state: Model.State, _ values: ValueTable) -> Value { model.value(of: state, values) }
  func label(_ operation: Model.Operation, _ values: ValueTable) -> String { model.label(operation, values) }
  func refusal(of operation: Model.Operation, in state: Model.State, _ values: ValueTable) -> String {
    model.refusal(of: operation, in: state, values)
  }
}

/// A rule against its twin on random histories: verdicts, witnesses, cores, and what the whole checker makes of them.
struct RuleTrial<Object: SimulatedObject, Model: SequentialModel> {
  let name: String
  let operationsMax: Int
  let makeObject: (inout RandomStream) -> Object
  let makeModel: (Object) -> Model
  /// What else the rule owes on a violation; nil if the core is as it should be.
  var coreFlaw: (_ core: [Event], _ history: History) -> String? = { _, _ in nil }

  /// How many there were.
  struct Counts {
    var (valid, invalid, mutated) = (0, 0, 0)
    /// Histories that the rule decided.
    var decided = 0
  }

  /// Judges seeded histories; records an issue for the first that is judged wrongly.
  ///
  /// - Parameter decidedPercentMin: of the histories, how many the rule must decide.
  func run(decidedPercentMin: Int = 80) throws {
    let stream = RandomStreams(seed: 0).stream("rule: \(name)")
    var maker = ObjectHistories(stream, makeObject: makeObject)
    var counts = Counts()
    for number in 0..<Soak.histories(slice: 1_500) {
      let (history, object, sort) = maker.next(operationsMax: number % 4 == 0 ? operationsMax : operationsMax * 2 / 3)
      if sort == .mutated { counts.mutated += 1 }
      if let problem = try problem(history, object, &counts) {
        Issue.record("\(name), history \(number): \(problem)\n\(text(history))")
        return
      }
    }
    let all = counts.valid + counts.invalid
    print(
      "\(name): \(counts.valid) valid, \(counts.invalid) invalid, \(counts.mutated) mutated; "
        + "the rule decided \(counts.decided * 100 / all) %")
    #expect(min(counts.valid, counts.invalid) * 5 >= all)
    #expect(counts.decided * 100 >= all * decidedPercentMin)
    #expect(counts.mutated * 5 >= all * 2)
  }

  /// Histories too large for the twin, linearizable by the way they were made: the rule finds an order that proves it.
  func runLarge(operations: Int = 1_500) throws {
    var maker = ObjectHistories(RandomStreams(seed: 1).stream("large: \(name)"), makeObject: makeObject)
    var counts = Counts()
    for _ in 0..<3 {
      let (history, object) = maker.valid(operations: operations)
      #expect(try ruleFlaw(history, object, makeModel(object), true, &counts) == nil)
    }
    #expect(counts.decided == 3)
  }

  /// What is wrong with what the checker says of the history.
  private func problem(_ history: History, _ object: Object, _ counts: inout Counts) throws -> String? {
    let specification = object.specification
    let expected = TextbookSearch.isLinearizable(history, initial: object.initial, of: specification)
    if expected { counts.valid += 1 } else { counts.invalid += 1 }
    let model = makeModel(object)
    if let flaw = try ruleFlaw(history, object, model, expected, &counts) { return "rule: \(flaw)" }
    if let flaw = flaw(of: try decision(history, model), history, object, expected) { return "checker: \(flaw)" }
    let search = try decision(history, SearchOnly(model: model))
    return flaw(of: search, history, object, expected).map { "search: \($0)" }
  }

  private func decision(_ history: History, _ model: some SequentialModel) throws -> ObjectDecision {
    try #require(try LinearizabilityChecker.decide(history, model: model, threads: 1).first)
  }

  private func flaw(of decision: ObjectDecision, _ history: History, _ object: Object, _ expected: Bool) -> String? {
    if decision.verdict != (expected ? .valid : .invalid) {
      return "\(decision.verdict) by \(decision.algorithm), expected \(expected)"
    }
    return Judge.problem(with: decision, of: history, object.specification, initial: object.initial)
  }

  /// The rule by itself, with its witness or its core.
  private func ruleFlaw(
    _ history: History, _ object: Object, _ model: Model, _ expected: Bool, _ counts: inout Counts
  ) throws -> String? {
    let operations = try Operations(history)
    let lowered = try Lowering.object(0..<UInt32(operations.count), of: operations, model: model)
    guard let rule = lowered.answers.rule() else { return nil }
    counts.decided += 1
    switch rule.outcome {
    case .linearizable(let order):
      if !expected { return "valid, but it is not" }
      let invocations = order.map { Int(operations.invocations[Int(lowered.positions[Int($0)])]) }
      return Judge.witnessProblem(invocations, history, object.specification, initial: object.initial)
    case .violation(let core):
      if expected { return "a false alarm" }
      let events = core.flatMap { id in
        let position = Int(lowered.positions[Int(id)])
        return [Int(operations.invocations[position])] + (operations.completion(position).map { [$0] } ?? [])
      }.sorted().map { history[$0] }
      if TextbookSearch.isLinearizable(History(events), initial: object.initial, of: object.specification) {
        return "an innocent core \(core)"
      }
      return coreFlaw(events, history)
    }
  }
}
