import Histories

/// Names for violations of objects whose state is a value that some operation wrote, beyond the stale read.
///
/// Works on the automaton, so that every such model shares it. Says nothing where an update leaves a state that depends
/// on the one before (an append).
struct RegisterAnomalies {
  let problem: SearchProblem
  let automaton: Automaton
  let violation: UInt32

  private var me: SearchOperation { problem.operations[Int(violation)] }

  func find() -> NamedAnomaly? {
    guard case .only(let state) = traits(violation).condition else { return nil }
    let updates = problem.operations.indices.map { UInt32($0) }.filter { !traits($0).isObserver }
    if updates.contains(where: { traits($0).result == Automaton.none }) { return nil }
    return lostUpdate(of: state, updates) ?? inversion(of: state, updates)
  }

  private func traits(_ id: UInt32) -> Automaton.Traits {
    automaton.traits[Int(problem.operations[Int(id)].kind)]
  }

  private func text(_ state: UInt32) -> String { automaton.text(of: state) }

  /// The value was there once, and two operations that had returned each replaced it by another.
  private func lostUpdate(of state: UInt32, _ updates: [UInt32]) -> NamedAnomaly? {
    guard !traits(violation).isObserver, traits(violation).result != state else { return nil }
    let rivals = updates.filter { id in
      id != violation && problem.operations[Int(id)].isRequired
        && problem.operations[Int(id)].completion <= me.completion
        && traits(id).condition == .only(state) && traits(id).result != state
    }
    let writers = updates.count {
      traits($0).result == state && problem.operations[Int($0)].invocation < me.completion
    }
    guard let rival = rivals.last, writers + (problem.initialStates.contains(state) ? 1 : 0) == 1 else { return nil }
    return NamedAnomaly(
      .lostUpdate,
      "\(operation: rival) and \(operation: violation) both replaced \(text(state)), which was there only once")
  }

  /// Somebody had seen a new value when no write of the old one was under way any more, nor began later; and then the
  /// old one was seen.
  private func inversion(of old: UInt32, _ updates: [UInt32]) -> NamedAnomaly? {
    let before = updates.filter { traits($0).result == old && problem.operations[Int($0)].invocation < me.completion }
    // Nobody wrote the old value: it is the initial one, older than all.
    let oldEnd = before.map { Int(problem.operations[Int($0)].completion) }.max() ?? -1
    let newer = (0..<UInt32(problem.operations.count)).last { id in
      let operation = problem.operations[Int(id)]
      guard operation.isRequired, operation.completion < me.invocation, case .only(let new) = traits(id).condition,
        new != old, !problem.initialStates.contains(new)
      else { return false }
      // The new value was there at some time after this event.
      let written =
        updates.filter { traits($0).result == new }.map { problem.operations[Int($0)].invocation }.min() ?? 0
      return oldEnd < Int(max(operation.invocation, written))
    }
    guard let newer, case .only(let new) = traits(newer).condition else { return nil }
    let writers = updates.filter { traits($0).result == new }
    let source: AnomalySentence =
      (writers.count == 1 ? writers.first : nil).map { " (\(operation: $0) wrote the new one)" } ?? ""
    return NamedAnomaly(
      .newOldInversion,
      "\(operation: newer) finished before \(operation: violation) began: first the new value, then the old one"
        + source)
  }
}
