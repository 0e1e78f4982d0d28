import Clusters
import Synchronization

/// Nodes that are squeezed in name only: what was seen of it is what the test says.
final class FakeProcessors: ProcessorControl {
  struct State {
    var shares: [String: Double] = [:]
    /// Of the time in which a node should stand still, how much it does.
    var obedience = 1.0
    var fails: Set<String> = []
  }

  let state = Mutex(State())

  func configure(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }
  var shares: [String: Double] { state.withLock { $0.shares } }

  func squeeze(_ node: String, share: Double) async throws {
    try Task.checkCancellation()
    try state.withLock { state in
      if state.fails.contains(node) { throw Planned() }
      state.shares[node] = share
    }
  }

  func release(_ node: String) async throws -> SqueezeReport? {
    try Task.checkCancellation()
    return state.withLock { state in
      guard let share = state.shares.removeValue(forKey: node) else { return nil }
      let stopped = (1 - share) * state.obedience
      return SqueezeReport(
        elapsedNanoseconds: 1_000_000_000, stoppedNanoseconds: Int64(stopped * 1e9), processorNanoseconds: 120_000_000)
    }
  }
}
