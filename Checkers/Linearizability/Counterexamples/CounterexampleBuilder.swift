import Histories

/// From an exhausted search to what a report draws.
struct CounterexampleBuilder {
  static let claim = "linearizable"
  /// Operations of a proof that all named ones are part of, at most.
  private static let pinnedMax = 12

  let object: LoweredObject
  let operations: Operations
  let key: Value?
  let limits: SearchLimits
  let tuning: CheckTuning

  /// The counterexample of a search that was stuck, with its finding.
  ///
  /// - Parameter core: what was searched; nil for the whole object.
  func build(from search: Search, of core: Evidence?) -> (Finding, Counterexample) {
    let stuck = search.schedule.returns[search.deepest]
    let violation = core.map { $0.members[Int(stuck)].id } ?? stuck
    if let small = smallEvidence(core, violation: violation) { return small }
    let explanation = Explanation(object, operations, key: key, violation: violation)
    let evidence = reduced(search, core, explanation).namingOtherState(of: object)
    let shown = Search(evidence.problem, object.automaton, unbounded)
    // Evidence that was too large to search again shows how far the search came, until it was stopped.
    _ = shown.run()
    return result(evidence, explanation, StuckPaths(shown).paths())
  }

  /// The counterexample of a history, or of a rule's core, that is small enough to be shown from its first state on:
  /// nothing has to be imagined that is not drawn. Only reads that do not matter are left out.
  private func smallEvidence(_ core: Evidence?, violation: UInt32) -> (Finding, Counterexample)? {
    let whole = Evidence(object.problem, violation: violation)
    guard let given = [whole, core].compactMap(\.self).first(where: { $0.members.count <= tuning.wholeMax }) else {
      return nil
    }
    if given.startsAnywhere { return nil }
    let search = Search(given.problem, object.automaton, unbounded)
    guard case .stuck = search.run() else { return nil }
    let violation = given.members[Int(search.schedule.returns[search.deepest])].id
    let explanation = Explanation(object, operations, key: key, violation: violation)
    // A stale read is plainer than any history that has one.
    if object.answers.holdsWrittenValues, explanation.staleRead != nil { return nil }
    var reducer = Reducer(object.automaton, limits, pinned: pinned(explanation))
    let end = object.problem.operations[Int(violation)].completion
    let evidence = reducer.droppingObservers(given.ending(at: end))
    let shown = Search(evidence.problem, object.automaton, unbounded)
    _ = shown.run()
    return result(evidence, explanation, StuckPaths(shown).paths())
  }

  /// What stays in the evidence whatever else goes: what the summary speaks of.
  private func pinned(_ explanation: Explanation) -> Set<UInt32> {
    Set([explanation.violation] + explanation.spokenOf)
  }

  /// The same of a core that is too large to be searched, as the rule gave it.
  func build(unsearched core: Evidence) -> (Finding, Counterexample)? {
    guard let violation = core.members.first(where: { $0.operation.completion == core.endTime })?.id else { return nil }
    if let small = smallEvidence(core, violation: violation) { return small }
    let explanation = Explanation(object, operations, key: key, violation: violation)
    return result(core, explanation, [])
  }

  private func result(
    _ evidence: Evidence, _ explanation: Explanation, _ paths: [StuckPaths.Path]
  ) -> (Finding, Counterexample) {
    let whole = counterexample(evidence, explanation, paths)
    let finding = finding(whole, explanation)
    return (finding, ShownPart(adding(context: evidence, explanation, to: whole)).result)
  }

  /// Drawn in a role of its own, with a sentence.
  private func adding(
    context evidence: Evidence, _ explanation: Explanation, to whole: Counterexample
  ) -> Counterexample {
    let context = ContextOperations(
      object: object, evidence: evidence, violation: explanation.violation,
      spokenOf: explanation.spokenOf
    ).items()
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
    result.explanation.insert(
      "Shown for context: \(names.joined(separator: "; ")).",
      at: explanation.anomaly == .nonlinearizable ? 0 : 1)
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
    let states = ReachableStates(search: search, members: core?.members)
    var best: Evidence?
    // What the summary names is drawn as part of the proof, unless that makes it much longer: then as context.
    for pinned in Set([pinned(explanation), [explanation.violation]]).sorted(by: { $0.count > $1.count }) {
      var reducer = Reducer(object.automaton, limits, pinned: pinned)
      let reduced = reducer.reduce(evidence, states)
      if reduced.members.count <= Self.pinnedMax { return reduced }
      if best.map({ reduced.members.count < $0.members.count }) ?? true { best = reduced }
    }
    return best ?? evidence
  }

  private func counterexample(
    _ evidence: Evidence, _ explanation: Explanation, _ paths: [StuckPaths.Path]
  ) -> Counterexample {
    let all = object.problem.operations
    let earlier = all.count { $0.completion < evidence.cutTime }
    let values = evidence.initialStates.map { object.automaton.value(of: $0) }
    return Counterexample(
      claim: Self.claim, anomaly: explanation.anomaly.rawValue, key: key, summary: explanation.summary(),
      explanation: explanation.sentences(evidence), initialStates: values,
      earlierOperations: earlier,
      operations: evidence.members.map { operation($0, role: $0.operation.isRequired ? .required : .optional) },
      violation: evidence.members.firstIndex { $0.id == explanation.violation } ?? 0, paths: paths.map(\.shown),
      startsAnywhere: evidence.startsAnywhere ? true : nil, leftOut: evidence.leftOut > 0 ? evidence.leftOut : nil,
      stateTexts: stateTexts(evidence, paths))
  }

  /// The words for the states that are named, where their values alone would not be understood.
  private func stateTexts(_ evidence: Evidence, _ paths: [StuckPaths.Path]) -> [String: String]? {
    var texts: [String: String] = [:]
    for state in evidence.initialStates + paths.flatMap(\.states) where state != Automaton.dead {
      if let text = object.automaton.words.text(state) { texts[object.automaton.value(of: state).json] = text }
    }
    return texts.isEmpty ? nil : texts
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
