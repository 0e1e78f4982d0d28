/// Checks in O(n) that an order proves a problem sequentially consistent, by nothing but the chains and the model's step.
enum SequentialWitness {
  /// What is wrong with the order of operation ids; nil if it is a proof.
  static func flaw(of order: [UInt32], in problem: SequentialProblem) -> String? {
    var states = [UInt32](repeating: problem.initialState, count: problem.objectCount)
    var isPlaced = [Bool](repeating: false, count: problem.operations.count)
    var lengths = [UInt32](repeating: 0, count: problem.chainCount)
    for id in order {
      let operation = problem.operations[Int(id)]
      let chain = Int(problem.chains[Int(id)])
      let after = problem.after[chain]
      if isPlaced[Int(id)] { return "operation \(id) happens twice" }
      if problem.ranks[Int(id)] < lengths[chain] || after != SequentialProblem.none && !isPlaced[Int(after)] {
        return "operation \(id) is out of the order of its process"
      }
      let next = problem.automaton.stepUncached(states[Int(operation.object)], operation.kind)
      if next == Automaton.none { return "operation \(id) cannot happen there" }
      states[Int(operation.object)] = next
      isPlaced[Int(id)] = true
      lengths[chain] = problem.ranks[Int(id)] + 1
    }
    return problem.operations.indices.first { problem.operations[$0].isRequired && !isPlaced[$0] }
      .map { "operation \($0) never happens" }
  }
}
