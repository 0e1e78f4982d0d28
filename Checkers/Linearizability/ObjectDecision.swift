import Histories

/// What the search says of one object of a history.
public struct ObjectDecision: Sendable {
  /// The object's key, where the history is keyed.
  public var key: Value?
  public var verdict: Verdict
  /// What decided: the name of a rule, or of the search.
  public var algorithm: String
  /// Of a valid object: event indices of the invocations, in an order that proves it. Operations that had no effect
  /// that anything depends on, and whose outcome is unknown, are left out. Nil where only the verdict was asked for.
  public var linearization: [Int]?
  /// Why the verdict is `unknown` or `error`.
  public var reason: String?
  /// Of an invalid object: the event index of the return that proves it.
  public var violation: Int?
  public var finding: Finding?
  public var counterexample: Counterexample?
  /// Configurations that the search expanded, and the most bytes that it held.
  public var configurations = 0
  public var bytes = 0

  init(key: Value?, verdict: Verdict, algorithm: String) {
    self.key = key
    self.verdict = verdict
    self.algorithm = algorithm
  }
}

/// Lowered objects in, decisions out: the part of a check that runs on one thread for one key.
struct ObjectChecker {
  let operations: Operations
  let limits: SearchLimits
  let secondsMax: Double
  let tuning: CheckTuning
  /// Whether the violation at this event is worth a counterexample.
  let isShown: (_ violation: Int) -> Bool

  func decide(_ object: LoweredObject, key: Value?) -> ObjectDecision {
    if tuning.usesRules, let rule = object.answers.rule() { return decision(rule, object, key) }
    var limits = limits
    limits.wantsOrder = tuning.wantsWitnesses
    let search = Search(object.problem, object.automaton, limits)
    var stallMax = tuning.firstStall
    var outcome = search.run(stallMax: stallMax)
    while case .paused = outcome {
      let refutation = WindowRefutation(search: search, limits: limits, shortest: tuning.firstWindow)
      if let proof = refutation.proof(configurationsMax: stallMax) { return invalid(proof, search, object, key) }
      stallMax *= 4
      outcome = search.run(stallMax: stallMax)
    }
    return decision(outcome, search, object, key)
  }

  private func decision(
    _ outcome: Search.Outcome, _ search: Search, _ object: LoweredObject, _ key: Value?
  ) -> ObjectDecision {
    var decision = ObjectDecision(key: key, verdict: .valid, algorithm: LinearizabilityChecker.algorithm)
    decision.configurations = search.expanded
    decision.bytes = search.bytes
    switch outcome {
    case .linearizable(let order):
      if !tuning.wantsWitnesses { break }
      let lowered = search.problem.operations
      decision.linearization = order.map { Int(lowered[Int($0)].invocation) }
    case .stopped(let reason):
      decision.verdict = .unknown
      decision.reason = describe(reason, search)
    case .paused:
      decision.verdict = .unknown
      decision.reason = describe(.work, search)
    case .stuck(let returnIndex):
      decision.verdict = .invalid
      let violation = Int(search.schedule.returnTimes[returnIndex])
      decision.violation = violation
      if isShown(violation) { show(search, nil, object, &decision) }
    }
    return decision
  }

  private func invalid(
    _ proof: WindowRefutation.Proof, _ search: Search, _ object: LoweredObject, _ key: Value?
  ) -> ObjectDecision {
    var decision = ObjectDecision(key: key, verdict: .invalid, algorithm: LinearizabilityChecker.algorithm)
    decision.configurations = search.expanded + proof.search.expanded
    decision.bytes = search.bytes + proof.search.bytes
    let violation = Int(search.schedule.returnTimes[search.deepest])
    decision.violation = violation
    if isShown(violation) { show(proof.search, proof.evidence, object, &decision) }
    return decision
  }

  // MARK: Rules

  private func decision(_ rule: RuleDecision, _ object: LoweredObject, _ key: Value?) -> ObjectDecision {
    var decision = ObjectDecision(key: key, verdict: .valid, algorithm: rule.rule)
    switch rule.outcome {
    case .linearizable(let order):
      if !tuning.wantsWitnesses { break }
      let (positions, invocations) = (object.positions, operations.invocations)
      decision.linearization = order.map { Int(invocations[Int(positions[Int($0)])]) }
    case .violation(let core):
      decision.verdict = .invalid
      let (core, violation) = earliest(core.map { object.positions[Int($0)] }, object)
      decision.violation = violation
      if isShown(violation) { show(core, until: violation, object, &decision) }
    }
    return decision
  }

  /// The core of the shortest prefix that the rule calls a violation, and the event of the return that proves it.
  private func earliest(_ core: [UInt32], _ object: LoweredObject) -> (core: [UInt32], violation: Int) {
    var best = core
    // The events up to `high` are a violation; those before `low` are none that the rule would see.
    var (low, high) = (0, lastCompletion(core, before: .max))
    var guesses = 0
    while low < high {
      // Most often nothing before the core's last return is wrong: that is asked first, and again after each core
      // that ends earlier. Halving in between bounds the number of times that the rule runs.
      guesses += 1
      let before = guesses <= Self.directGuesses || guesses % 2 == 0 ? high : (low + high + 1) / 2
      if let smaller = object.answers.coreBefore(UInt32(before)) {
        (best, high) = (smaller, lastCompletion(smaller, before: before))
      } else {
        low = before
      }
    }
    return (best, high)
  }

  /// Cores in a row that are asked whether they are the earliest, before halving.
  private static let directGuesses = 3

  private func lastCompletion(_ positions: [UInt32], before event: Int) -> Int {
    positions.compactMap { position in
      guard operations.outcome(Int(position)) == .ok else { return nil }
      return operations.completion(Int(position)).flatMap { $0 < event ? $0 : nil }
    }.max() ?? 0
  }

  private func show(_ core: [UInt32], until violation: Int, _ object: LoweredObject, _ decision: inout ObjectDecision) {
    let (named, end) = (object.ids(of: core), UInt32(violation))
    // The rule looked at all operations of unknown outcome; those that could have made room for the named ones stay.
    let wide = (Set(named).union(enabling(object, before: end))).sorted()
    var bounded = limits
    bounded.configurationsMax = Self.coreConfigurationsMax
    let whole = object.problem.operations.indices.map { UInt32($0) }
    for ids in [wide, whole] where ids.count <= Self.coreOperationsMax {
      let evidence = Evidence(object.problem, core: ids, until: end, object.automaton)
      let search = Search(evidence.problem, object.automaton, bounded)
      if case .stuck = search.run() { return show(search, evidence, object, &decision) }
    }
    let builder = CounterexampleBuilder(
      object: object, operations: operations, key: decision.key, limits: limits, tuning: tuning)
    let evidence = Evidence(object.problem, core: named, until: end, object.automaton)
    (decision.finding, decision.counterexample) = builder.build(unsearched: evidence).map { ($0, $1) } ?? (nil, nil)
  }

  /// Operations that need not have happened by the event and of which the state alone says what they change, as a
  /// dequeue without an answer takes whatever comes next: unlike a write of a value that nobody needs, each may be what
  /// let the others happen.
  private func enabling(_ object: LoweredObject, before end: UInt32) -> [UInt32] {
    let (operations, traits) = (object.problem.operations, object.automaton.traits)
    return operations.indices.filter { id in
      let operation = operations[id]
      guard operation.invocation < end, !operation.isRequired || operation.completion > end else { return false }
      guard case .unknown = traits[Int(operation.kind)].condition else { return false }
      return !traits[Int(operation.kind)].isObserver
    }.map { UInt32($0) }
  }

  /// A core with more operations is shown as the rule gave it: states of sets and queues are as large as it is, so that
  /// a search would take the square of this.
  private static let coreOperationsMax = 4_000
  /// A core that takes more configurations is shown as the rule gave it.
  private static let coreConfigurationsMax = 100_000

  /// - Parameter evidence: what was searched; nil for the whole object.
  private func show(
    _ search: Search, _ evidence: Evidence?, _ object: LoweredObject, _ decision: inout ObjectDecision
  ) {
    // The exhausted search stays while its violation is reduced: the reduction gets what it left of the budget.
    var rest = limits
    rest.bytesMax -= search.bytes
    let builder = CounterexampleBuilder(
      object: object, operations: operations, key: decision.key, limits: rest, tuning: tuning)
    (decision.finding, decision.counterexample) = builder.build(from: search, of: evidence)
  }

  private func describe(_ reason: StopReason, _ search: Search) -> String {
    let progress = "got to completion \(search.deepest) of \(search.schedule.returns.count)"
    let size = "\(search.memo.count) configurations, \(mebibytes(search.bytes))"
    switch reason {
    case .time: return "time budget of \(secondsMax) s used up: \(progress) (\(size))"
    case .memory: return "memory budget of \(mebibytes(limits.bytesMax)) used up: \(progress) (\(size))"
    case .cancelled: return "cancelled: \(progress) (\(size))"
    case .work: return "limit of \(limits.configurationsMax) configurations reached: \(progress)"
    }
  }

  private func mebibytes(_ bytes: Int) -> String { bytes < 1 << 20 ? "\(bytes >> 10) KiB" : "\(bytes >> 20) MiB" }
}
