/// The plainest violation: an operation needs a state that somebody had certainly overwritten, and nobody restored.
///
/// `overwriter` returned before `reader` began and left another state; every operation that leaves the needed state
/// returned before the overwriter began, or began after the reader returned. Two operations prove it, from any state.
struct StaleRead {
  let reader: UInt32
  let overwriter: UInt32
  let state: UInt32

  /// The pattern around this reader; nil if it is not there, or the model does not tell enough to be certain.
  init?(reader: UInt32, in problem: SearchProblem, _ automaton: Automaton) {
    let read = problem.operations[Int(reader)]
    guard case .only(let state) = automaton.traits[Int(read.kind)].condition else { return nil }
    var overwriter: UInt32?
    for (id, operation) in problem.operations.enumerated() where operation.invocation < read.invocation {
      guard operation.isRequired, operation.completion < read.invocation else { continue }
      let traits = automaton.traits[Int(operation.kind)]
      // The last to begin: what holds of an earlier one holds of it too. Operations are in order of invocation.
      if !traits.isObserver, traits.result != Automaton.none { overwriter = UInt32(id) }
    }
    guard let overwriter else { return nil }
    let from = problem.operations[Int(overwriter)].invocation
    for (id, operation) in problem.operations.enumerated() where UInt32(id) != reader {
      let traits = automaton.traits[Int(operation.kind)]
      if traits.isObserver { continue }
      let overlaps = operation.completion >= from && operation.invocation <= read.completion
      if overlaps, traits.result == state || traits.result == Automaton.none { return nil }
    }
    self.reader = reader
    self.overwriter = overwriter
    self.state = state
  }
}

extension Evidence {
  /// The two operations of the pattern, from any state.
  ///
  /// Leaving out all others is sound here: the pattern says that none of them leaves the needed state between the two.
  init(_ staleRead: StaleRead, of problem: SearchProblem, _ automaton: Automaton) {
    let reader = problem.operations[Int(staleRead.reader)]
    self.init(problem, core: [staleRead.overwriter, staleRead.reader], until: reader.completion)
    cutTime = problem.operations[Int(staleRead.overwriter)].invocation
    initialStates = Self.anyState(members, automaton)
    startsAnywhere = true
  }
}
