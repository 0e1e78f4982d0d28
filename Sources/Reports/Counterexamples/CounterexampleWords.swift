import Histories

/// The sentences around a counterexample, for the page and for the terminal.
enum CounterexampleWords {
  /// Characters of a state that a picture repeats, at most.
  static let stateCharactersMax = 60

  static func state(_ value: Value) -> String {
    VisibleText.short(Counterexample.text(ofState: value), characters: stateCharactersMax)
  }

  static func label(_ operation: Counterexample.Operation) -> String {
    VisibleText.short(operation.label, characters: 40)
  }

  /// `key 3`, or nothing where there is one object.
  static func object(_ counterexample: Counterexample) -> String? {
    counterexample.key.map { "key " + state($0) }
  }

  /// `Before this, x held 3 (known from 812 earlier operations).`
  static func initial(_ counterexample: Counterexample) -> String {
    let states = counterexample.initialStates.prefix(8).map(state)
    let object = counterexample.key.map { "key " + state($0) } ?? "the object"
    let known =
      counterexample.earlierOperations > 0
      ? " (known from \(Numbers.count(counterexample.earlierOperations, "earlier operation")))" : ""
    guard let last = states.last else { return "Nothing is known of \(object) before this." }
    if counterexample.startsAnywhere == true { return "It does not matter what \(object) held before this." }
    if states.count == 1 { return "Before this, \(object) held \(last)\(known)." }
    let more = counterexample.initialStates.count > states.count ? ", …" : ""
    return "Before this, \(object) held one of \(states.joined(separator: ", "))\(more)\(known)."
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
