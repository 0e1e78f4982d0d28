import Histories

/// From an answer that there is no order to what a report draws.
struct SequentialCounterexample {
  static let claim = "sequential"
  /// Premises of a cycle that are spelled out.
  static let premisesMax = 20

  /// What kind of violation it is.
  enum Anomaly: String, CaseIterable {
    /// Each operation of a circle must come before the next.
    case cycle = "sequential-cycle"
    /// A state was needed that no operation ever left.
    case thinAirRead = "thin-air-read"
    /// No order works out.
    case nonsequential
  }

  let problem: SequentialProblem
  /// In `operations`, by operation of the problem.
  let positions: [UInt32]
  let operations: Operations
  let limits: SearchLimits

  /// - Parameter core: operations that prove the answer by themselves.
  func build(
    _ answer: SequentialDecider.Answer, _ core: [SequentialProblem.Member]
  ) -> (Finding, Counterexample) {
    switch answer {
    case .cycle(let cycle):
      let (cycle, members) = reduced(cycle, core)
      return result(.cycle, members, SequentialExplanation(self, members), cycle)
    case .unexplained(let id, _):
      return result(.thinAirRead, core, SequentialExplanation(self, core, unexplained: id), nil)
    case .exhausted, .order, .stopped:
      var reducer = SequentialReducer(problem, limits, findsCycles: false)
      let members = reducer.reduce(core)
      return result(.nonsequential, members, SequentialExplanation(self, members), nil)
    }
  }

  /// The cycle in terms of `problem`, with fewer operations if that can be.
  private func reduced(
    _ cycle: SequentialDecider.CoreCycle, _ core: [SequentialProblem.Member]
  ) -> (SequentialDecider.CoreCycle, [SequentialProblem.Member]) {
    var reducer = SequentialReducer(problem, limits, findsCycles: true)
    let members = reducer.reduce(core)
    let decider = SequentialDecider(limits: limits, updateOrderLimits: limits)
    guard case .cycle(var smaller) = decider.decide(SequentialProblem(problem, members)) else { return (cycle, core) }
    smaller.edges = smaller.edges.map { $0.mapped { members[Int($0)].id } }
    smaller.premises = smaller.premises.map { $0.mapped { members[Int($0)].id } }
    return (smaller, smaller.core.map { members[Int($0)] })
  }

  private func result(
    _ anomaly: Anomaly, _ members: [SequentialProblem.Member], _ explanation: SequentialExplanation,
    _ cycle: SequentialDecider.CoreCycle?
  ) -> (Finding, Counterexample) {
    let violation = lastReturn(members)
    let search = PositionSearch(SequentialProblem(problem, members), bounded, recordsDeepest: true)
    _ = search.run()
    let sentences =
      cycle.map { explanation.sentences(of: $0) } ?? explanation.sentences(deepest: search.deepestOrder)
    let counterexample = Counterexample(
      claim: Self.claim, anomaly: anomaly.rawValue, key: explanation.onlyKey,
      summary: cycle.map { explanation.summary(of: $0) } ?? explanation.summary(),
      explanation: sentences, initialStates: [problem.automaton.value(of: problem.initialState)],
      earlierOperations: 0, operations: members.map { operation($0, explanation) }, violation: violation,
      paths: [explanation.path(search.deepestOrder)])
    let finding = Finding(
      anomaly: anomaly.rawValue, summary: counterexample.summary, operations: counterexample.operations.map(\.index),
      fingerprint: "\(Self.claim)/\(anomaly.rawValue)/\(counterexample.operations[violation].f)")
    return (finding, counterexample)
  }

  private var bounded: SearchLimits {
    var limits = limits
    limits.configurationsMax = SequentialReducer.configurationsMax
    return limits
  }

  /// Place among the members of the required one that returned last.
  private func lastReturn(_ members: [SequentialProblem.Member]) -> Int {
    let required = members.indices.filter { members[$0].isRequired }
    return required.max { completion(members[$0]) < completion(members[$1]) } ?? 0
  }

  private func completion(_ member: SequentialProblem.Member) -> UInt32 {
    problem.operations[Int(member.id)].completion
  }

  private func operation(
    _ member: SequentialProblem.Member, _ explanation: SequentialExplanation
  ) -> Counterexample.Operation {
    let recorded = operations[Int(positions[Int(member.id)])]
    let completion = member.isRequired ? recorded.completion : nil
    return Counterexample.Operation(
      index: recorded.invocation, completion: completion, process: recorded.process.description, node: recorded.node,
      f: recorded.function, input: recorded.input, output: recorded.output, type: recorded.outcome.name,
      role: member.isRequired ? .required : .optional, invokeTime: recorded.invokeTime,
      completeTime: completion.map { operations.history.time(at: $0) }, label: explanation.shortLabel(member.id))
  }
}
