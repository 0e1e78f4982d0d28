import Histories

/// From an exhausted search to what a report draws.
struct CounterexampleBuilder {
  static let claim = "linearizable"

  let object: LoweredObject
  let operations: Operations
  let key: Value?
  let limits: SearchLimits

  /// The counterexample of a search that was stuck, with its finding.
  ///
  /// - Parameter core: what was searched; nil for the whole object.
  func build(from search: Search, of core: Evidence?) -> (Finding, Counterexample) {
    let stuck = search.schedule.returns[search.deepest]
    let violation = core.map { $0.members[Int(stuck)].id } ?? stuck
    let explanation = Explanation(object, operations, key: key, violation: violation)
    let evidence = reduced(search, core, explanation)
    let shown = Search(evidence.problem, object.automaton, unbounded)
    // Evidence that was too large to search again shows how far the search came, until it was stopped.
    _ = shown.run()
    return result(evidence, explanation, StuckPaths(shown).paths())
  }

  /// The same of a core that is too large to be searched, as the rule gave it.
  func build(unsearched core: Evidence) -> (Finding, Counterexample)? {
    guard let violation = core.members.first(where: { $0.operation.completion == core.endTime })?.id else { return nil }
    let explanation = Explanation(object, operations, key: key, violation: violation)
    return result(core, explanation, [])
  }

  private func result(
    _ evidence: Evidence, _ explanation: Explanation, _ paths: [Counterexample.Path]
  ) -> (Finding, Counterexample) {
    let whole = counterexample(evidence, explanation, paths)
    let finding = finding(whole, explanation)
    return (finding, ShownPart(adding(context: evidence, explanation, to: whole)).result)
  }

  /// Drawn in a role of its own, with a sentence.
  private func adding(
    context evidence: Evidence, _ explanation: Explanation, to whole: Counterexample
  ) -> Counterexample {
    let context = ContextOperations(object: object, evidence: evidence, violation: explanation.violation).items()
    if context.isEmpty { return whole }
    let members = evidence.members + context.map { Evidence.Member(id: $0.id, operation: operation($0.id)) }
    let order = members.indices.sorted { members[$0].id < members[$1].id }
    var place = [Int](repeating: 0, count: members.count)
    for (position, member) in order.enumerated() { place[member] = position }
    var result = whole
    result.operations = order.map { position in
      position < whole.operations.count
        ? whole.operations[position] : operation(members[position], role: .context)
    }
    result.violation = place[whole.violation]
    for path in result.paths.indices {
      for step in result.paths[path].steps.indices {
        result.paths[path].steps[step].operation = place[result.paths[path].steps[step].operation]
      }
      for stuck in result.paths[path].stuck.indices {
        result.paths[path].stuck[stuck].operation = place[result.paths[path].stuck[stuck].operation]
      }
    }
    let names = context.map { "\(explanation.name($0.id)) \($0.role)" }
    result.explanation.insert("Shown too, though the proof needs it not: \(names.joined(separator: "; ")).", at: 1)
    return result
  }

  private func operation(_ id: UInt32) -> SearchOperation { object.problem.operations[Int(id)] }

  private var unbounded: SearchLimits {
    var limits = limits
    limits.configurationsMax = Reducer.workMax
    return limits
  }

  private func reduced(_ search: Search, _ core: Evidence?, _ explanation: Explanation) -> Evidence {
    if let staleRead = explanation.staleRead { return Evidence(staleRead, of: object.problem, object.automaton) }
    let evidence = core ?? Evidence(object.problem, violation: explanation.violation)
    var reducer = Reducer(object.automaton, limits, pinned: [explanation.violation])
    return reducer.reduce(evidence, ReachableStates(search: search, members: core?.members))
  }

  private func counterexample(
    _ evidence: Evidence, _ explanation: Explanation, _ paths: [Counterexample.Path]
  ) -> Counterexample {
    let earlier = object.problem.operations.count { $0.completion < evidence.cutTime }
    let values = evidence.initialStates.map { object.automaton.value(of: $0) }
    return Counterexample(
      claim: Self.claim, anomaly: explanation.anomaly.rawValue, key: key, summary: explanation.summary(),
      explanation: explanation.sentences(evidence, earlier: earlier, paths: paths), initialStates: values,
      earlierOperations: earlier,
      operations: evidence.members.map { operation($0, role: $0.operation.isRequired ? .required : .optional) },
      violation: evidence.members.firstIndex { $0.id == explanation.violation } ?? 0, paths: paths,
      startsAnywhere: evidence.startsAnywhere ? true : nil)
  }

  private func operation(
    _ member: Evidence.Member, role: Counterexample.Operation.Role
  ) -> Counterexample.Operation {
    let recorded = operations[Int(object.positions[Int(member.id)])]
    let completion = member.operation.completion
    let returned = completion == SearchOperation.never ? nil : Int(completion)
    return Counterexample.Operation(
      index: recorded.invocation, completion: returned, process: recorded.process.description, node: recorded.node,
      f: recorded.function, input: recorded.input, output: recorded.output, type: recorded.outcome.name,
      role: role, invokeTime: recorded.invokeTime,
      completeTime: returned.map { operations.history.time(at: $0) },
      label: object.automaton.words.label(member.operation.kind))
  }

  /// The fingerprint is the claim, the anomaly and the violating function: the same in every run with this fault.
  private func finding(_ counterexample: Counterexample, _ explanation: Explanation) -> Finding {
    let failed = explanation.failedWriter.map { [Int(operations.invocations[Int($0.position)])] } ?? []
    let function = counterexample.operations[counterexample.violation].f
    return Finding(
      anomaly: counterexample.anomaly, summary: counterexample.summary,
      operations: counterexample.operations.map(\.index) + failed,
      fingerprint: "\(Self.claim)/\(counterexample.anomaly)/\(function)")
  }
}
