import Histories

/// The sentences around a counterexample, for the page and for the terminal.
enum CounterexampleWords {
  /// Characters of a state that a picture repeats, at most.
  static let stateCharactersMax = 60

  static func state(_ value: Value, in counterexample: Counterexample) -> String {
    VisibleText.short(counterexample.text(of: value), characters: stateCharactersMax)
  }

  static func label(_ operation: Counterexample.Operation) -> String {
    VisibleText.short(operation.label, characters: 40)
  }

  /// `key 3`, or nothing where there is one object.
  static func object(_ counterexample: Counterexample) -> String? {
    counterexample.key.map { "key " + VisibleText.short($0.json, characters: stateCharactersMax) }
  }

  /// States named in a sentence, at most.
  private static let statesMax = 8

  /// `State before this: 3, after 812 earlier operations.`
  static func initial(_ counterexample: Counterexample) -> String {
    let object = self.object(counterexample).map { " of \($0)" } ?? ""
    let states = counterexample.initialStates.prefix(statesMax).map { state($0, in: counterexample) }
    if states.isEmpty { return "Nothing is known of the state\(object) before this." }
    let earlier =
      counterexample.earlierOperations > 0
      ? ", after \(Numbers.count(counterexample.earlierOperations, "earlier operation"))" : ""
    if counterexample.startsAnywhere == true { return "The state\(object) before this\(earlier) does not matter." }
    let more = counterexample.initialStates.count - states.count
    let list = states.joined(separator: " or ") + (more > 0 ? " or one of \(more) others" : "")
    guard let leftOut = counterexample.leftOut else { return "State\(object) before this\(earlier): \(list)." }
    return
      "Left out: \(Numbers.count(leftOut, "update")) that cannot help, such as of other values. The state\(object)"
      + " without them, before this: \(list)."
  }

  /// `process 3 on n2`.
  static func who(_ operation: Counterexample.Operation) -> String {
    let process = "process \(VisibleText.clean(operation.process))"
    return operation.node.map { "\(process) on \(VisibleText.clean($0))" } ?? process
  }

  /// What must be known of the operation beside its label: required or optional, and when.
  static func role(_ operation: Counterexample.Operation) -> String {
    switch (operation.role, operation.completion) {
    case (.required, _): "it happened"
    case (.context, _): "it happened; it is context, no part of the proof"
    case (.optional, nil): "it may have happened at any time since, or never"
    case (.optional, _): "it may have happened"
    }
  }
}
