/// Checks in O(n) that an order proves a problem linearizable, without anything of the search but the model's `step`.
enum WitnessVerifier {
  /// What is wrong with the order of operation ids; nil if it is a proof.
  static func flaw(of order: [UInt32], in problem: SearchProblem, _ automaton: Automaton) -> String? {
    for state in problem.initialStates where endState(of: order, from: state, problem, automaton) != nil {
      return orderFlaw(order, problem)
    }
    return "no initial state allows the order"
  }

  private static func endState(
    of order: [UInt32], from state: UInt32, _ problem: SearchProblem, _ automaton: Automaton
  ) -> UInt32? {
    var state = state
    for id in order {
      state = automaton.stepUncached(state, problem.operations[Int(id)].kind)
      if state == Automaton.none { return nil }
    }
    return state
  }

  /// Each required operation once, each optional one at most once, and nothing before what had returned when it began.
  private static func orderFlaw(_ order: [UInt32], _ problem: SearchProblem) -> String? {
    var isPlaced = [Bool](repeating: false, count: problem.operations.count)
    var latestInvocation: UInt32 = 0
    for id in order {
      let operation = problem.operations[Int(id)]
      if isPlaced[Int(id)] { return "operation \(id) happens twice" }
      if operation.completion < latestInvocation { return "operation \(id) comes after one that it preceded" }
      isPlaced[Int(id)] = true
      latestInvocation = max(latestInvocation, operation.invocation)
    }
    for (id, operation) in problem.operations.enumerated() where operation.isRequired && !isPlaced[id] {
      return "operation \(id) never happens"
    }
    return nil
  }
}
