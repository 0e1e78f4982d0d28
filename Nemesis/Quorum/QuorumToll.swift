import Clusters

/// What an action takes from a cluster's majority while it lasts.
public struct QuorumToll: Sendable, Hashable {
  /// Nodes that are away.
  public var nodes: Set<String>
  /// How many nodes are away besides, which nobody can name before the injection: whoever is primary then.
  public var unknown: Int
  /// Links that are cut.
  public var links: Set<Link>

  public init(nodes: Set<String> = [], unknown: Int = 0, links: Set<Link> = []) {
    self.nodes = nodes
    self.unknown = unknown
    self.links = links
  }

  /// Nothing: nodes are slowed or misled, and go on.
  public static let none = QuorumToll()
}

extension NodeChoice {
  /// What faults of whole nodes take.
  static func toll(_ action: FaultAction) -> QuorumToll {
    guard action.target != Rolling.target.name else { return QuorumToll(unknown: 1) }
    guard let choice = all.first(where: { $0.target.name == action.target }) else { return .none }
    let count = choice.count(action.order.count)
    return choice.primaryFirst ? QuorumToll(unknown: count) : QuorumToll(nodes: Set(action.order.prefix(count)))
  }
}

extension PartitionShape {
  /// What a partition takes: clients that are cut off from nodes take nothing from these.
  static func toll(_ action: FaultAction) -> QuorumToll {
    guard let shape = named(action.target) else { return .none }
    let division = shape.division(of: action)
    // The primary's side, which is the smaller one; who is on it is known when the primary is.
    if shape.primaryFirst { return QuorumToll(unknown: division.groups.first?.count ?? 0) }
    let links = division.links
    return QuorumToll(links: links.filter { $0.from != Link.controller && $0.to != Link.controller })
  }
}

extension MemberChoice {
  /// What a change of members takes: those who leave. Of so few as a `shrink` leaves, none can be spared.
  static func toll(_ action: FaultAction) -> QuorumToll {
    let count = action.target == "one" || action.target == "primary" ? 1 : Int.max
    return QuorumToll(unknown: min(count, max(0, (action.order.count - 1) / 2)))
  }
}
