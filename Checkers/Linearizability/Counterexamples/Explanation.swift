import Histories

/// A counterexample in sentences.
///
/// Every sentence is true of the whole history of the object, not only of the part that is shown.
struct Explanation {
  /// What kind of violation it certainly is.
  enum Anomaly: String, CaseIterable {
    /// An overwritten state was seen again, and nobody had restored it.
    case staleRead = "stale-read"
    /// A state was seen that only operations left that failed: they must not have happened (Adya's G1a).
    case abortedRead = "aborted-read"
    /// A state was seen that no operation ever left.
    case thinAirRead = "thin-air-read"
    case nonlinearizable
  }

  let object: LoweredObject
  let operations: Operations
  let key: Value?
  /// Ids in the lowered object.
  let violation: UInt32
  let staleRead: StaleRead?
  /// The failed operation whose effect was seen.
  let failedWriter: FailedWriter?
  let anomaly: Anomaly

  init(_ object: LoweredObject, _ operations: Operations, key: Value?, violation: UInt32) {
    self.object = object
    self.operations = operations
    self.key = key
    self.violation = violation
    let staleRead = StaleRead(reader: violation, in: object.problem, object.automaton)
    self.staleRead = staleRead
    let unexplained = Self.unexplainedState(violation, object)
    failedWriter = unexplained.flatMap { Self.failedWriter(of: $0, violation, object, operations) }
    if unexplained != nil {
      anomaly = failedWriter == nil ? .thinAirRead : .abortedRead
    } else {
      anomaly = staleRead == nil ? .nonlinearizable : .staleRead
    }
  }

  /// The needed state, if no operation that may have happened leaves it, before or after, and it is not the initial one.
  private static func unexplainedState(_ violation: UInt32, _ object: LoweredObject) -> UInt32? {
    let traits = object.automaton.traits
    let kind = object.problem.operations[Int(violation)].kind
    guard case .only(let state) = traits[Int(kind)].condition, !object.problem.initialStates.contains(state) else {
      return nil
    }
    let isUnexplained = object.problem.operations.allSatisfy { operation in
      let traits = traits[Int(operation.kind)]
      return traits.isObserver || (traits.result != state && traits.result != Automaton.none)
    }
    return isUnexplained ? state : nil
  }

  /// The last failed operation that would have left the state, of those invoked before the violating one returned.
  private static func failedWriter(
    of state: UInt32, _ violation: UInt32, _ object: LoweredObject, _ operations: Operations
  ) -> FailedWriter? {
    let end = object.problem.operations[Int(violation)].completion
    return object.answers.failedWriters(state).last { operations.invocations[Int($0.position)] < end }
  }

  // MARK: Sentences

  /// One sentence: what is wrong. It begins with a capital letter.
  func summary() -> String {
    let reader = name(violation)
    switch anomaly {
    case .abortedRead: return subject + "\(failedName) failed, yet \(reader) saw it"
    case .thinAirRead: return subject + "\(reader) needs \(needed), but nobody ever wrote it"
    case .staleRead:
      let overwriter = staleRead.map { name($0.overwriter) } ?? ""
      return subject + "\(overwriter) finished before \(reader) began, and \(neverRestored) after it"
    case .nonlinearizable:
      return (key.map { "Key \($0): no" } ?? "No") + " order of the operations allows \(reader)"
    }
  }

  /// What the sentence begins with, before the label of an operation.
  private var subject: String { key.map { "Key \($0): " } ?? "Operation " }

  /// Null is how a model says that nothing is there.
  private var neverRestored: String {
    if needed != Value.null.json { return "nobody wrote \(needed)" }
    return "\(key == nil ? "the object" : "the key") was never empty again"
  }

  private var failedName: String {
    guard let failedWriter else { return "" }
    return name(failedWriter.label, failedWriter.position)
  }

  /// The sentences below the summary, which they do not repeat: where the part that is shown begins, what may have happened, where it ends.
  func sentences(_ evidence: Evidence, earlier: Int, paths: [Counterexample.Path]) -> [String] {
    var sentences = [beginning(evidence, earlier)]
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
    let states = evidence.initialStates.map { Counterexample.text(ofState: object.automaton.value(of: $0)) }
    let list = states.count <= 8 ? states.joined(separator: " or ") : "one of \(states.count) states"
    if earlier == 0 { return "At the beginning the state is \(list)." }
    let before = earlier == 1 ? "After 1 earlier operation" : "After \(earlier) earlier operations"
    if evidence.startsAnywhere { return "\(before) the state may be anything." }
    return "\(before) the state can only be \(list), as far as the rest can tell."
  }

  private func sentence(_ path: Counterexample.Path, _ evidence: Evidence) -> String {
    let labels = path.steps.map { label(evidence.members[$0.operation].id) }
    let state = Counterexample.text(ofState: path.steps.last?.state ?? path.initial)
    let begin =
      "Starting from \(Counterexample.text(ofState: path.initial))"
      + (labels.isEmpty ? "" : ", after " + labels.joined(separator: ", "))
    let reasons = path.stuck.prefix(4).map { "\(name(evidence.members[$0.operation].id)) \($0.reason)" }
    return begin + ", the state is \(state)" + (reasons.isEmpty ? "." : ": " + reasons.joined(separator: "; ") + ".")
  }

  /// `w 3 by process 2 on n1`.
  func name(_ id: UInt32) -> String {
    name(label(id), object.positions[Int(id)])
  }

  private func name(_ label: String, _ position: UInt32) -> String {
    let operation = operations[Int(position)]
    return "\(label) by process \(operation.process)" + (operation.node.map { " on \($0)" } ?? "")
  }

  private func label(_ id: UInt32) -> String {
    object.automaton.words.label(object.problem.operations[Int(id)].kind)
  }

  /// The state that the violating operation needs.
  private var needed: String {
    let kind = object.problem.operations[Int(violation)].kind
    guard case .only(let state) = object.automaton.traits[Int(kind)].condition else { return "another state" }
    return object.automaton.value(of: state).json
  }

  private var returnEvent: UInt32 { object.problem.operations[Int(violation)].completion }
}
