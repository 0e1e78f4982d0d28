import Checkers
import Histories

/// Judges the evidence of a decision by the history alone.
enum Judge {
  /// What is wrong with the evidence; nil if it proves the verdict.
  static func problem(
    with decision: ObjectDecision, of history: History, _ specification: Specification = .register,
    initial: Value = .null
  ) -> String? {
    switch decision.verdict {
    case .valid: return witnessProblem(decision.linearization, history, specification, initial: initial)
    case .invalid:
      guard let counterexample = decision.counterexample else { return "no counterexample" }
      return counterexampleProblem(counterexample, history, specification, initial: initial)
    default: return "undecided"
    }
  }

  /// The order is legal for the object, keeps real time, and holds every operation that certainly happened.
  static func witnessProblem(
    _ order: [Int]?, _ history: History, _ specification: Specification = .register, initial: Value = .null
  ) -> String? {
    guard let order else { return "no witness" }
    let operations = OracleOperation.all(in: history, of: specification)
    var (state, latest, seen) = (initial, -1, Set<Int>())
    for invocation in order {
      guard let operation = operations.first(where: { $0.invocation == invocation }) else {
        return "\(invocation) unknown"
      }
      guard let next = operation.step(state) else { return "\(invocation) cannot happen in \(state)" }
      if !seen.insert(invocation).inserted { return "\(invocation) happens twice" }
      if (operation.completion ?? .max) < latest { return "\(invocation) comes too late" }
      (state, latest) = (next, max(latest, invocation))
    }
    return operations.first { $0.isRequired && !seen.contains($0.invocation) }.map { "\($0.invocation) is missing" }
  }

  /// What is shown happened in the history, demands no more than it, and has no order from any initial state.
  ///
  /// Nor has the history itself, up to the return that is named, if it is small enough to be judged.
  static func counterexampleProblem(
    _ counterexample: Counterexample, _ history: History, _ specification: Specification = .register,
    initial: Value = .null
  ) -> String? {
    let operations = OracleOperation.all(in: history, of: specification)
    for shown in counterexample.operations {
      guard let original = operations.first(where: { $0.invocation == shown.index }) else {
        return "\(shown.index) unknown"
      }
      if shown.f != original.f || shown.input != original.input { return "\(shown.index) is another operation" }
      if shown.role == .required {
        if !original.isRequired || original.completion != shown.completion { return "\(shown.index) demands too much" }
        if original.output != shown.output { return "\(shown.index) has another answer" }
      } else if let completion = shown.completion, completion != original.completion {
        return "\(shown.index) ends too early"
      }
    }
    if counterexample.initialStates.isEmpty { return "no initial state" }
    let oracle = CounterexampleOracle(counterexample, of: specification)
    for state in counterexample.initialStates where oracle.isLinearizable(from: state) {
      return "innocent from \(state)"
    }
    if counterexample.operations[counterexample.violation].role != .required { return "the violation is optional" }
    return endProblem(counterexample, operations, initial)
  }

  /// Operations of a history that is judged itself, at most: the oracle tries all subsets of them.
  private static let operationsMax = 16

  /// What was left out was left out soundly: the history up to the return that is named has no order. What was under
  /// way there may have happened, with the answer that it got later.
  private static func endProblem(
    _ counterexample: Counterexample, _ operations: [OracleOperation], _ initial: Value
  ) -> String? {
    guard operations.count <= operationsMax else { return nil }
    guard let end = counterexample.operations[counterexample.violation].completion else { return "it never returned" }
    let before = operations.filter { $0.invocation < end }.map { operation in
      guard let completion = operation.completion, completion > end else { return operation }
      var open = operation
      (open.completion, open.isRequired) = (nil, false)
      return open
    }
    return CounterexampleOracle(before).isLinearizable(from: initial)
      ? "up to event \(end) the history has an order" : nil
  }
}
