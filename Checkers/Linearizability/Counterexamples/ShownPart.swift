import Histories

/// What a report draws of a counterexample that could not be made small: at most `operationsMax` operations, and a
/// sentence that says what is missing.
///
/// Kept are the violation and the operations invoked last. A path then begins after its last step that is not shown, in
/// the state that the step left, and the states in which paths begin are added to the initial ones. So all that is
/// drawn is true, but it is no proof by itself any more; the sentence says that too.
struct ShownPart {
  static let operationsMax = 200

  let result: Counterexample

  init(_ whole: Counterexample) {
    let left = whole.operations.count - Self.operationsMax
    guard left > 0 else {
      result = whole
      return
    }
    // In order of invocation; the violation takes a place if it is not among the last.
    var kept = Array(whole.operations.indices.suffix(Self.operationsMax))
    if whole.violation < kept[0] { kept[0] = whole.violation }
    let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    var part = whole
    part.operations = kept.map { whole.operations[$0] }
    part.violation = places[whole.violation] ?? 0
    part.paths = whole.paths.map { Self.path($0, places) }
    for path in part.paths where !part.initialStates.contains(path.initial) { part.initialStates.append(path.initial) }
    part.explanation.insert(Self.sentence(left, whole, places), at: min(1, part.explanation.count))
    result = part
  }

  private static func path(_ whole: Counterexample.Path, _ places: [Int: Int]) -> Counterexample.Path {
    let hidden = whole.steps.lastIndex { places[$0.operation] == nil }
    let steps = whole.steps[(hidden.map { $0 + 1 } ?? 0)...].compactMap { step in
      places[step.operation].map { Counterexample.Path.Step(operation: $0, state: step.state) }
    }
    let stuck = whole.stuck.compactMap { stuck in
      places[stuck.operation].map { Counterexample.Stuck(operation: $0, reason: stuck.reason) }
    }
    return Counterexample.Path(
      initial: hidden.map { whole.steps[$0].state } ?? whole.initial, steps: steps, stuck: stuck)
  }

  private static func sentence(_ left: Int, _ whole: Counterexample, _ places: [Int: Int]) -> String {
    let optional = whole.operations.indices.count {
      places[$0] == nil && whole.operations[$0].role == .optional
    }
    return "\(left) more operations belong to the proof and are not drawn: \(optional) that may have happened, and"
      + " \(left - optional) that came before those drawn and are only their context."
  }
}
