import Clusters

/// Whose packets a fault is about: chosen nodes, in a direction as they see it, or the link between two.
enum PacketTargets {
  private static let link = FaultTarget("link", "the link between two random nodes", nodesMin: 2)

  static let all = NodeChoice.all.map(\.target) + [link]
  /// A quorum system goes on through the rest of its links.
  static let defaults = ["one", "minority", "primary", "link"]

  static let direction = FaultParameter(
    "direction", "which packets: those that the chosen nodes send, those that they receive, or both",
    .text(choices: ["both", "in", "out"]), initial: .text("both"))
  static let clients = FaultParameter(
    "clients", "whether packets between the chosen nodes and the clients are meant, too",
    .text(choices: ["no", "yes"]),
    initial: .text("no"))
  static let seed = FaultParameter(
    "seed", "what every decision about single packets follows from", .count, initial: .range(0, 4_294_967_295),
    limits: 0...4_294_967_295)

  /// What became of a choice.
  enum Outcome {
    case chosen(nodes: [String], links: Set<Link>)
    /// Nobody is hit, and why.
    case none(String)
  }

  /// - Throws: `CancellationError` when the task is cancelled while a primary is searched for.
  static func choose(
    _ action: FaultAction, _ search: PrimarySearch, in cluster: any ClusterControl
  ) async throws -> Outcome {
    let direction = action.text(direction.name) ?? "both"
    if action.target == link.name {
      guard action.order.count >= 2 else { return .none("a cluster of \(action.order.count) has no link") }
      let pair = Array(action.order.prefix(2))
      return .chosen(nodes: pair, links: links(of: [pair[0]], to: [pair[1]], direction))
    }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .none(reason)
    case .nodes(let chosen):
      let peers = cluster.nodes.map(\.name) + (action.text(clients.name) == "yes" ? [Link.controller] : [])
      return .chosen(nodes: chosen, links: links(of: chosen, to: peers, direction))
    }
  }

  /// The links between each of the nodes and each of its peers.
  static func links(of nodes: [String], to peers: [String], _ direction: String) -> Set<Link> {
    let out = nodes.flatMap { node in peers.filter { $0 != node }.map { Link(from: node, to: $0) } }
    let back = out.map { Link(from: $0.to, to: $0.from) }
    return Set((direction == "in" ? [] : out) + (direction == "out" ? [] : back))
  }
}
