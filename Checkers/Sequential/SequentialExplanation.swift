import Histories

/// A violation of sequential consistency in sentences, and the words for its operations.
struct SequentialExplanation {
  private let evidence: SequentialCounterexample
  private let members: [SequentialProblem.Member]
  /// The key of all members, if they have but one.
  let onlyKey: Value?
  private let hasKeys: Bool
  /// The operation that needs what nothing left.
  private let unexplained: UInt32?

  init(
    _ evidence: SequentialCounterexample, _ members: [SequentialProblem.Member], unexplained: UInt32? = nil
  ) {
    self.unexplained = unexplained
    self.evidence = evidence
    self.members = members
    let history = evidence.operations.history
    let objects = Set(members.map { evidence.problem.operations[Int($0.id)].object })
    hasKeys = history.keyed && objects.count > 1
    onlyKey = history.keyed && objects.count == 1 ? objects.first.map { history.keys[$0] } : nil
  }

  private var problem: SequentialProblem { evidence.problem }

  // MARK: Summaries

  func summary(of cycle: SequentialDecider.CoreCycle) -> String {
    let names = cycle.edges.map { name($0.from) }
    return subject + "no order fits: " + names.joined(separator: "; ")
      + " – each must come before the next, and the last before the first"
  }

  func summary() -> String {
    guard let unexplained else {
      let processes = Set(members.map { problem.operations[Int($0.id)].process }).count
      return subject + "no order of these \(members.count) operations keeps the order of each of the \(processes) "
        + "processes and explains every answer"
    }
    let need = problem.automaton.value(of: problem.effect(unexplained).need)
    return subject + "\(name(unexplained)) needs \(need.json), but nobody who may have succeeded ever wrote it"
  }

  private var subject: String {
    onlyKey.map { "Key \($0), not sequentially consistent: " } ?? "Not sequentially consistent: "
  }

  // MARK: Sentences

  func sentences(of cycle: SequentialDecider.CoreCycle) -> [String] {
    var sentences: [String] = []
    let shown = cycle.premises.prefix(SequentialCounterexample.premisesMax)
    for edge in shown { sentences.append(sentence(edge)) }
    if shown.count < cycle.premises.count {
      sentences.append("(\(cycle.premises.count - shown.count) more steps of this kind are left out.)")
    }
    for edge in cycle.edges { sentences.append(sentence(edge)) }
    if let first = cycle.edges.first { sentences.append("So \(name(first.from)) would come before itself.") }
    return sentences
  }

  func sentences(deepest: [UInt32]) -> [String] {
    var sentences = ["At the beginning the state is \(initial)."]
    if let unexplained {
      if let observer = members.first(where: { $0.id != unexplained && $0.isRequired }), members.count > 1 {
        sentences.append("It must have happened, or what \(name(observer.id)) saw would be missing.")
      }
      return sentences
    }
    for process in Set(members.map { problem.operations[Int($0.id)].process }).sorted() {
      let own = members.filter { problem.operations[Int($0.id)].process == process }
      guard let first = own.first else { continue }
      let list = own.map { label($0.id) + ($0.isRequired ? "" : " (optional)") }.joined(separator: ", then ")
      sentences.append("Process \(recorded(first.id).process) did \(list).")
    }
    if members.contains(where: { !$0.isRequired }) {
      sentences.append(
        "Operations marked optional may have happened, once, or not at all: nobody knows, or it does not matter here.")
    }
    let path = path(deepest)
    let reasons = path.stuck.prefix(4).map { "\(name(members[$0.operation].id)) \($0.reason)" }
    sentences.append(
      "The longest order that works out places \(path.steps.count) of the \(members.count) operations"
        + (reasons.isEmpty ? "." : "; then " + reasons.joined(separator: "; ") + "."))
    return sentences
  }

  private func sentence(_ edge: ConstraintEdge) -> String {
    let (first, second) = ("operation \(name(edge.from))", name(edge.to))
    switch edge.reason {
    case .process: return "Process \(recorded(edge.from).process) did \(label(edge.from)) before \(label(edge.to))."
    case .source: return "Operation \(second) saw what \(name(edge.from)) left, so it comes after that."
    case .initial:
      return "\(first) saw the initial state, so it comes before every update: before \(second).".capitalizedFirst
    case .before(let reader):
      return "\(first) comes before \(name(reader)), which saw what \(second) left: so \(first) comes before \(second)."
        .capitalizedFirst
    case .overwritten(let source):
      return
        "\(first) saw what \(name(source)) left, and \(second) comes after that: so \(first) comes before \(second)."
        .capitalizedFirst
    case .assumed: return "Suppose that \(first) comes before \(second)."
    }
  }

  // MARK: The longest order

  /// - Parameter order: numbers among the members.
  func path(_ order: [UInt32]) -> Counterexample.Path {
    var states = [UInt32](repeating: problem.initialState, count: problem.objectCount)
    var steps: [Counterexample.Path.Step] = []
    for number in order {
      let operation = problem.operations[Int(members[Int(number)].id)]
      let object = Int(operation.object)
      states[object] = problem.automaton.stepUncached(states[object], operation.kind)
      steps.append(.init(operation: Int(number), state: problem.automaton.value(of: states[object])))
    }
    return Counterexample.Path(
      initial: problem.automaton.value(of: problem.initialState), steps: steps, stuck: stuck(after: order, states))
  }

  /// The next required operation of each process, where the state refuses it.
  private func stuck(after order: [UInt32], _ states: [UInt32]) -> [Counterexample.Stuck] {
    let placed = Set(order)
    var processes: Set<UInt32> = []
    var stuck: [Counterexample.Stuck] = []
    for (number, member) in members.enumerated() where member.isRequired && !placed.contains(UInt32(number)) {
      let operation = problem.operations[Int(member.id)]
      guard processes.insert(operation.process).inserted else { continue }
      let state = states[Int(operation.object)]
      guard problem.automaton.stepUncached(state, operation.kind) == Automaton.none else { continue }
      stuck.append(.init(operation: number, reason: problem.automaton.refusal(of: operation.kind, in: state)))
    }
    return stuck
  }

  // MARK: Names

  /// `w 3`, and with several keys `x: w 3`.
  func shortLabel(_ id: UInt32) -> String {
    let label = problem.automaton.words.label(problem.operations[Int(id)].kind)
    return hasKeys ? "\(key(id)): \(label)" : label
  }

  private func label(_ id: UInt32) -> String {
    let label = problem.automaton.words.label(problem.operations[Int(id)].kind)
    return hasKeys ? "\(label) of key \(key(id))" : label
  }

  /// `w 3 of key x by process 2 on n1`.
  private func name(_ id: UInt32) -> String {
    let operation = recorded(id)
    return "\(label(id)) by process \(operation.process)" + (operation.node.map { " on \($0)" } ?? "")
  }

  private func key(_ id: UInt32) -> Value {
    evidence.operations.history.keys[problem.operations[Int(id)].object]
  }

  private func recorded(_ id: UInt32) -> Operation { evidence.operations[Int(evidence.positions[Int(id)])] }

  private var initial: String { problem.automaton.value(of: problem.initialState).json }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
