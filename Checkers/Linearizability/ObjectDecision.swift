import Histories

/// What the search says of one object of a history.
public struct ObjectDecision: Sendable {
  /// The object's key, where the history is keyed.
  public var key: Value?
  public var verdict: Verdict
  /// Of a valid object: event indices of the invocations, in an order that proves it. Operations that had no effect
  /// that anything depends on, and whose outcome is unknown, are left out.
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

  init(key: Value?, verdict: Verdict) {
    self.key = key
    self.verdict = verdict
  }
}

/// Lowered objects in, decisions out: the part of a check that runs on one thread for one key.
struct ObjectChecker {
  let operations: Operations
  let limits: SearchLimits
  let secondsMax: Double
  /// Whether the violation at this event is worth a counterexample.
  let isShown: (_ violation: Int) -> Bool

  func decide(_ object: LoweredObject, key: Value?) -> ObjectDecision {
    let search = Search(object.problem, object.automaton, limits)
    let outcome = search.run()
    var decision: ObjectDecision
    switch outcome {
    case .linearizable(let order):
      decision = ObjectDecision(key: key, verdict: .valid)
      decision.linearization = order.map { Int(object.problem.operations[Int($0)].invocation) }
    case .stopped(let reason):
      decision = ObjectDecision(key: key, verdict: .unknown)
      decision.reason = describe(reason, search)
    case .stuck(let returnIndex):
      decision = invalid(object, key, search, Int(search.schedule.returnTimes[returnIndex]))
    }
    decision.configurations = search.expanded
    decision.bytes = search.bytes
    return decision
  }

  private func invalid(_ object: LoweredObject, _ key: Value?, _ search: Search, _ violation: Int) -> ObjectDecision {
    var decision = ObjectDecision(key: key, verdict: .invalid)
    decision.violation = violation
    if isShown(violation) {
      // The exhausted search stays while its violation is reduced: the reduction gets what it left of the budget.
      var rest = limits
      rest.bytesMax -= search.bytes
      let builder = CounterexampleBuilder(object: object, operations: operations, key: key, limits: rest)
      let (finding, counterexample) = builder.build(from: search)
      decision.finding = finding
      decision.counterexample = counterexample
    }
    return decision
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
