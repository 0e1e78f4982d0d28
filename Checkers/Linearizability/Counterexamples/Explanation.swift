import Histories

/// A counterexample in sentences.
///
/// Every sentence is true of the whole history of the object, not only of the part that is shown.
struct Explanation {
  let object: LoweredObject
  let operations: Operations
  let key: Value?
  /// Ids in the lowered object.
  let violation: UInt32
  let staleRead: StaleRead?
  /// The failed operation whose effect was seen.
  let failedWriter: FailedWriter?
  let anomaly: AnomalyName
  /// What went wrong; it begins in the middle of a sentence.
  private let sentence: AnomalySentence

  init(_ object: LoweredObject, _ operations: Operations, key: Value?, violation: UInt32) {
    self.object = object
    self.operations = operations
    self.key = key
    self.violation = violation
    staleRead = StaleRead(reader: violation, in: object.problem, object.automaton)
    let isRegister = object.answers.holdsWrittenValues
    let unexplained = isRegister ? Self.unexplainedState(violation, object) : nil
    failedWriter = unexplained.flatMap { Self.failedWriter(of: $0, violation, object, operations) }
    let named: NamedAnomaly? =
      if let unexplained {
        Self.unexplained(unexplained, violation, failedWriter, object, operations)
      } else if isRegister {
        staleRead.map { Self.stale($0, object, key) }
          ?? RegisterAnomalies(problem: object.problem, automaton: object.automaton, violation: violation).find()
      } else {
        object.answers.anomaly(violation)
      }
    anomaly = named?.name ?? .nonlinearizable
    sentence = named?.sentence ?? "no order of the operations allows \(operation: violation)"
  }

  /// The operations that the summary speaks of.
  var spokenOf: [UInt32] { sentence.operations }

  private static func unexplained(
    _ state: UInt32, _ violation: UInt32, _ failedWriter: FailedWriter?, _ object: LoweredObject,
    _ operations: Operations
  ) -> NamedAnomaly {
    guard let failedWriter else {
      let needed = object.automaton.text(of: state)
      return NamedAnomaly(.thinAirRead, "\(operation: violation) needs \(needed), but nobody ever wrote it")
    }
    let name = name(failedWriter.label, failedWriter.position, operations)
    return NamedAnomaly(.abortedRead, "\(name) failed, yet \(operation: violation) saw it")
  }

  /// Null is how a model says that nothing is there.
  private static func stale(_ read: StaleRead, _ object: LoweredObject, _ key: Value?) -> NamedAnomaly {
    let needed = object.automaton.value(of: read.state)
    let never =
      needed.isNull
      ? "\(key == nil ? "the object" : "the key") was never empty again"
      : "nobody wrote \(object.automaton.text(of: read.state))"
    return NamedAnomaly(
      .staleRead,
      "\(operation: read.overwriter) finished before \(operation: read.reader) began, and \(never) after it")
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

  /// One sentence: the name of what is wrong, and the operations that show it. It begins with a capital letter.
  func summary() -> String {
    let name = anomaly.words
    let subject = key.map { "Key \($0), \(name): " } ?? "\(name.prefix(1).uppercased())\(name.dropFirst()): "
    return subject + sentence.text { self.name($0) }
  }

  /// The sentences below the summary and the picture, which they do not repeat: what may have happened, where it ends.
  func sentences(_ evidence: Evidence) -> [String] {
    var sentences: [String] = anomaly == .nonlinearizable ? [] : ["\(anomaly.rawValue): \(anomaly.meaning)"]
    if evidence.members.contains(where: { !$0.operation.isRequired }) {
      sentences.append(
        "Operations marked optional may have happened, once, or not at all: nobody knows, or it does not matter here."
      )
    }
    sentences.append(
      "So \(name(violation)) cannot have happened before it returned, at event \(returnEvent) (the first event is 0).")
    return sentences
  }

  /// `w 3 by process 2 on n1`.
  func name(_ id: UInt32) -> String {
    Self.name(label(id), object.positions[Int(id)], operations)
  }

  private static func name(_ label: String, _ position: UInt32, _ operations: Operations) -> String {
    let operation = operations[Int(position)]
    return "\(label) by process \(operation.process)" + (operation.node.map { " on \($0)" } ?? "")
  }

  private func label(_ id: UInt32) -> String {
    object.automaton.words.label(object.problem.operations[Int(id)].kind)
  }

  private var returnEvent: UInt32 { object.problem.operations[Int(violation)].completion }
}
