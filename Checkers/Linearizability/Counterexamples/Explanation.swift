import Histories

/// A counterexample in sentences.
///
/// Every sentence is true of the whole history of the object, not only of the part that is shown.
struct Explanation {
  /// What kind of violation it certainly is.
  enum Anomaly: String {
    /// An overwritten state was seen again, and nobody had restored it.
    case staleRead = "stale-read"
    /// A state was seen that no operation that may have happened ever left.
    case thinAirRead = "thin-air-read"
    case nonlinearizable
  }

  let object: LoweredObject
  let operations: Operations
  let key: Value?
  /// Ids in the lowered object.
  let violation: UInt32
  let staleRead: StaleRead?
  let anomaly: Anomaly

  init(_ object: LoweredObject, _ operations: Operations, key: Value?, violation: UInt32) {
    self.object = object
    self.operations = operations
    self.key = key
    self.violation = violation
    let staleRead = StaleRead(reader: violation, in: object.problem, object.automaton)
    self.staleRead = staleRead
    anomaly =
      Self.isThinAir(violation, object) ? .thinAirRead : staleRead == nil ? .nonlinearizable : .staleRead
  }

  /// No operation that may have happened leaves the needed state, before or after, and it is not the initial one.
  private static func isThinAir(_ violation: UInt32, _ object: LoweredObject) -> Bool {
    let traits = object.automaton.traits
    let kind = object.problem.operations[Int(violation)].kind
    guard case .only(let state) = traits[Int(kind)].condition, !object.problem.initialStates.contains(state) else {
      return false
    }
    return object.problem.operations.allSatisfy { operation in
      let traits = traits[Int(operation.kind)]
      return traits.isObserver || (traits.result != state && traits.result != Automaton.none)
    }
  }

  // MARK: Sentences

  /// One sentence: what is wrong.
  func summary() -> String {
    let subject = key.map { "key \($0): " } ?? ""
    if anomaly == .thinAirRead { return subject + "\(name(violation)) needs \(needed), but nobody ever wrote it" }
    if let staleRead {
      return subject
        + "\(name(staleRead.overwriter)) finished before \(name(violation)) began, and nobody wrote \(needed) after it"
    }
    return subject + "no order of the operations allows \(name(violation))"
  }

  /// The sentences below the summary: where the part that is shown begins, what may have happened, where it ends.
  func sentences(_ evidence: Evidence, earlier: Int, paths: [Counterexample.Path]) -> [String] {
    var sentences = [summary() + "."]
    sentences.append(beginning(evidence, earlier))
    if evidence.members.contains(where: { !$0.operation.isRequired }) {
      sentences.append(
        "Operations marked optional may have happened, once, or not at all: nobody knows, or it does not matter here."
      )
    }
    for path in paths { sentences.append(sentence(path, evidence)) }
    sentences.append("So \(name(violation)) cannot have happened before it returned at event \(returnEvent).")
    return sentences
  }

  private func beginning(_ evidence: Evidence, _ earlier: Int) -> String {
    let states = evidence.initialStates.map { object.automaton.words.value($0).json }
    let list = states.count <= 8 ? states.joined(separator: " or ") : "one of \(states.count) states"
    if earlier == 0 { return "At the beginning the state is \(list)." }
    return "After \(earlier) earlier operations the state can only be \(list), as far as the rest can tell."
  }

  private func sentence(_ path: Counterexample.Path, _ evidence: Evidence) -> String {
    let labels = path.steps.map { label(evidence.members[$0.operation].id) }
    let state = path.steps.last?.state ?? path.initial
    let begin = "Starting from \(path.initial)" + (labels.isEmpty ? "" : ", after " + labels.joined(separator: ", "))
    let reasons = path.stuck.prefix(4).map { "\(name(evidence.members[$0.operation].id)) \($0.reason)" }
    return begin + ", the state is \(state)" + (reasons.isEmpty ? "." : ": " + reasons.joined(separator: "; ") + ".")
  }

  /// `w 3 by process 2 on n1`.
  private func name(_ id: UInt32) -> String {
    let operation = operations[Int(object.positions[Int(id)])]
    return "\(label(id)) by process \(operation.process)" + (operation.node.map { " on \($0)" } ?? "")
  }

  private func label(_ id: UInt32) -> String {
    object.automaton.words.label(object.problem.operations[Int(id)].kind)
  }

  /// The state that the violating operation needs.
  private var needed: String {
    let kind = object.problem.operations[Int(violation)].kind
    guard case .only(let state) = object.automaton.traits[Int(kind)].condition else { return "another state" }
    return object.automaton.words.value(state).json
  }

  private var returnEvent: UInt32 { object.problem.operations[Int(violation)].completion }
}
