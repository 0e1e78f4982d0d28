import Histories

/// Decides whether a history is sequentially consistent (Lamport, 1979): whether there is one order of all its
/// operations, of all keys, that every object allows and that keeps each process's own order.
///
/// Weaker than linearizability (real time does not count: a read may be stale, as long as its process never notices),
/// and not local: a history can be consistent key by key and yet have no order as a whole. Failed operations did not
/// happen. One of unknown outcome may have happened, once, after what its process did before it.
///
/// Three ways, each exact: every object is linearizable; what was seen is known from the values, and the constraints
/// that follow from it are saturated; search.
public enum SequentialConsistencyChecker {
  /// Recorded in the result where nothing more special decided.
  public static let algorithm = SequentialDecider.Way.positions.rawValue
  /// The part of the time that the search for linearizations may use.
  static let linearizationShare = 0.25

  /// The verdict for the whole history.
  ///
  /// - Parameters:
  ///   - history: keyed or not; with keys each has its own object, but there is one order for all.
  ///   - threads: keys under way at one time while linearizations are looked for.
  ///   - cancellation: ends the check early.
  /// - Returns: `error` with a reason if the history cannot be paired or the model cannot read an operation.
  @inlinable public static func check<Model: SequentialModel>(
    _ history: History, model: Model, budget: CheckBudget = CheckBudget(),
    threads: Int = LinearizabilityChecker.defaultThreads, cancellation: CheckCancellation? = nil
  ) -> CheckResult {
    do {
      let decision = try decide(
        history, model: model, budget: budget, threads: threads, cancellation: cancellation)
      return result(of: decision)
    } catch {
      return CheckResult(verdict: .error, algorithm: algorithm, reason: "\(error)")
    }
  }

  @usableFromInline static func result(of decision: SequentialDecision) -> CheckResult {
    CheckResult(
      verdict: decision.verdict, algorithm: decision.algorithm, reason: decision.reason,
      findings: decision.finding.map { [$0] } ?? [], counterexamples: decision.counterexample.map { [$0] } ?? [])
  }

  /// The same with the order that proves a valid history.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` for an operation that the model cannot read.
  @inlinable public static func decide<Model: SequentialModel>(
    _ history: History, model: Model, budget: CheckBudget = CheckBudget(),
    threads: Int = LinearizabilityChecker.defaultThreads, cancellation: CheckCancellation? = nil
  ) throws -> SequentialDecision {
    try decide(
      history, model: model, budget: budget, threads: threads, cancellation: cancellation, tuning: SequentialTuning())
  }

  @inlinable static func decide<Model: SequentialModel>(
    _ history: History, model: Model, budget: CheckBudget, threads: Int, cancellation: CheckCancellation?,
    tuning: SequentialTuning
  ) throws -> SequentialDecision {
    let operations = try Operations(history)
    let run = SequentialCheck(operations, budget: budget, cancellation: cancellation, tuning: tuning)
    let decisions = try run.linearizationBudget.map { budget in
      try LinearizabilityChecker.decide(
        history, model: model, budget: budget, threads: threads, cancellation: cancellation)
    }
    if let decisions, let decision = run.merged(decisions) { return decision }
    let (compiled, positions) = try SequentialLowering.compile(operations, model)
    return run.decide(compiled, positions)
  }
}

/// One check under its budget, from lowered operations to the decision.
@usableFromInline struct SequentialCheck {
  let operations: Operations
  let budget: CheckBudget
  let cancellation: CheckCancellation?
  let tuning: SequentialTuning
  private let start = ContinuousClock.now

  @usableFromInline init(
    _ operations: Operations, budget: CheckBudget, cancellation: CheckCancellation?, tuning: SequentialTuning
  ) {
    self.operations = operations
    self.budget = budget
    self.cancellation = cancellation
    self.tuning = tuning
  }

  // MARK: Linearizations

  /// What the search for linearizations may use; nil if it is switched off.
  @usableFromInline var linearizationBudget: CheckBudget? {
    guard tuning.usesLinearizations else { return nil }
    var part = budget
    part.secondsMax *= SequentialConsistencyChecker.linearizationShare
    return part
  }

  /// The decision, if every object is linearizable.
  @usableFromInline func merged(_ decisions: [ObjectDecision]) -> SequentialDecision? {
    let linearizations = decisions.compactMap(\.linearization)
    guard decisions.allSatisfy({ $0.verdict == .valid }), linearizations.count == decisions.count else { return nil }
    return valid(MergedLinearizations.order(linearizations), .linearizations)
  }

  // MARK: The other ways

  @usableFromInline func decide(_ compiled: LoweredObject.Compiled, _ positions: [UInt32]) -> SequentialDecision {
    let problem = SequentialProblem(compiled, positions, operations)
    let decider = SequentialDecider(
      limits: limits(share: 1), updateOrderLimits: limits(share: 0.6), tuning: tuning)
    let answer = decider.decide(problem)
    let core: [SequentialProblem.Member]
    switch answer {
    case .order(let order, let way):
      assert(SequentialWitness.flaw(of: order, in: problem) == nil, "the order is no witness")
      return valid(order.map { Int(problem.operations[Int($0)].invocation) }, way)
    case .stopped(let reason, let progress): return unknown(reason, progress)
    case .cycle(let cycle): core = cycle.core.map { problem.member($0) }
    case .unexplained(_, let ids): core = ids.map { problem.member($0) }
    case .exhausted: core = problem.withoutIdle
    }
    return invalid(answer, problem, core, positions)
  }

  private func valid(_ order: [Int], _ way: SequentialDecider.Way) -> SequentialDecision {
    var decision = SequentialDecision(verdict: .valid, algorithm: way.rawValue)
    decision.order = order
    decision.way = way
    return decision
  }

  private func unknown(_ reason: StopReason, _ progress: String) -> SequentialDecision {
    var decision = SequentialDecision(verdict: .unknown, algorithm: SequentialConsistencyChecker.algorithm)
    switch reason {
    case .time: decision.reason = "time budget of \(budget.secondsMax) s used up: \(progress)"
    case .memory: decision.reason = "memory budget of \(budget.bytesMax >> 20) MiB used up: \(progress)"
    case .cancelled: decision.reason = "cancelled: \(progress)"
    case .work: decision.reason = progress
    }
    return decision
  }

  private func invalid(
    _ answer: SequentialDecider.Answer, _ problem: SequentialProblem, _ core: [SequentialProblem.Member],
    _ positions: [UInt32]
  ) -> SequentialDecision {
    var way = SequentialDecider.Way.constraints
    if case .exhausted(let searched) = answer { way = searched }
    var decision = SequentialDecision(verdict: .invalid, algorithm: way.rawValue)
    decision.way = way
    let builder = SequentialCounterexample(
      problem: problem, positions: positions, operations: operations, limits: limits(share: 1))
    (decision.finding, decision.counterexample) = builder.build(answer, core)
    return decision
  }

  private func limits(share: Double) -> SearchLimits {
    let deadline = start.advanced(by: .seconds(budget.secondsMax * share))
    let cancellation = cancellation
    return SearchLimits(
      bytesMax: budget.bytesMax,
      interruption: {
        if cancellation?.isCancelled == true { return .cancelled }
        return ContinuousClock.now >= deadline ? .time : nil
      })
  }
}
