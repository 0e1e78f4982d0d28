/// Decides a problem in which every source is known, by ordering pairs of updates that the constraints leave open.
///
/// Without such a pair there is an order (`GuidedOrder`); with one, each order has it one way or the other, so both are
/// tried, each saturated. The problem is NP-complete (Gibbons & Korach, 1997), but recorded time leaves few pairs to try.
final class UpdateOrderSearch {
  enum Outcome {
    /// Ids of the graph's problem.
    case order([UInt32])
    /// The constraints alone contradict each other.
    case cycle(ConstraintConflict)
    /// Every way to order the updates leads to a contradiction.
    case exhausted
    case stopped(StopReason)
  }

  /// An assumption, and what to go back to for the other one.
  private struct Decision {
    var mark: ConstraintGraph.Mark
    var first: UInt32
    var second: UInt32
    var isLast: Bool
  }

  let graph: ConstraintGraph
  private let limits: SearchLimits
  private var decisions: [Decision] = []
  /// Orders attempted: each is a walk over all operations.
  private(set) var attempts = 0
  /// The most pairs of updates decided at one time.
  private(set) var deepest = 0

  init(_ graph: ConstraintGraph, _ limits: SearchLimits) {
    self.graph = graph
    self.limits = limits
  }

  func run() -> Outcome {
    if let conflict = graph.saturate() { return .cycle(conflict) }
    while true {
      if let reason = stopReason() { return .stopped(reason) }
      attempts += 1
      var guided = GuidedOrder(graph)
      switch guided.run() {
      case .complete(let order): return .order(order)
      case .undecided(let placed, let waiting):
        assert(!graph.precedes(placed, waiting) && !graph.precedes(waiting, placed), "the graph is not saturated")
        // It was placed first in vain: the other way round is the better guess.
        decide(waiting, before: placed)
      }
      while graph.saturate() != nil {
        if !goBack() { return .exhausted }
      }
    }
  }

  private func decide(_ first: UInt32, before second: UInt32) {
    decisions.append(Decision(mark: graph.mark(), first: first, second: second, isLast: false))
    deepest = max(deepest, decisions.count)
    graph.add(first, second, .assumed)
  }

  /// Withdraws decisions up to the last that has another way; false if none has.
  private func goBack() -> Bool {
    while var decision = decisions.popLast() {
      graph.undo(to: decision.mark)
      if decision.isLast { continue }
      decision.isLast = true
      decisions.append(decision)
      graph.add(decision.second, decision.first, .assumed)
      return true
    }
    return false
  }

  private func stopReason() -> StopReason? {
    if attempts >= limits.configurationsMax { return .work }
    if graph.bytes > limits.bytesMax { return .memory }
    return limits.interruption()
  }
}
