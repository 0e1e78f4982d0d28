import Clusters

/// How many nodes a fault hits, and which: one entry of the table of targets that faults of whole nodes share.
struct NodeChoice: Sendable {
  var target: FaultTarget
  /// Whether a node that says it is primary comes first in the order.
  var primaryFirst = false
  /// Nodes to hit, out of a cluster of so many.
  var count: @Sendable (Int) -> Int

  static let all = [
    NodeChoice(target: FaultTarget("one", "one random node"), count: { _ in 1 }),
    NodeChoice(
      target: FaultTarget("minority", "as many random nodes as leave a majority alive", nodesMin: 3),
      count: { ($0 - 1) / 2 }),
    NodeChoice(
      target: FaultTarget("primary", "a node that says it is primary", requires: [.primaries]), primaryFirst: true,
      count: { _ in 1 }),
    NodeChoice(target: FaultTarget("majority", "a random majority"), count: { $0 / 2 + 1 }),
    NodeChoice(target: FaultTarget("all", "every node at once"), count: { $0 }),
  ]

  /// What became of a choice.
  enum Outcome {
    case nodes([String])
    /// Nobody is hit, and why.
    case none(String)
  }

  /// The nodes that the action hits, in its order.
  ///
  /// - Throws: `CancellationError` when the task is cancelled while a primary is searched for.
  static func nodes(
    of action: FaultAction, _ search: PrimarySearch, in cluster: any ClusterControl
  ) async throws -> Outcome {
    guard let choice = all.first(where: { $0.target.name == action.target }) else {
      return .none("\(action.fault) has no target `\(action.target)`")
    }
    var order = action.order
    if choice.primaryFirst {
      guard let found = try await search.primaryFirst(order, in: cluster) else { return .none(search.failure) }
      order = found
    }
    let chosen = Array(order.prefix(choice.count(order.count)))
    return chosen.isEmpty ? .none("a \(choice.target.name) of \(order.count) nodes is none") : .nodes(chosen)
  }
}
