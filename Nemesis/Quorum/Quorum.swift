import Clusters

/// Whether a majority of a cluster's nodes can go on.
///
/// It can as long as one node reaches a majority, itself included, in both directions: such a node can lead.
struct Quorum: Sendable {
  /// More choices of unknown nodes than this are not tried: then it counts as lost.
  static let choicesMax = 5_000

  let nodes: [String]

  var majority: Int { nodes.count / 2 + 1 }

  /// Whether it holds under all of the tolls together, whichever the unknown nodes are.
  func holds(under tolls: [QuorumToll]) -> Bool {
    let away = tolls.reduce(into: Set<String>()) { $0.formUnion($1.nodes) }
    let links = tolls.reduce(into: Set<Link>()) { $0.formUnion($1.links) }
    let present = nodes.filter { !away.contains($0) }
    let unknown = tolls.reduce(0) { $0 + $1.unknown }
    guard present.count - unknown >= majority else { return false }
    if links.isEmpty { return true }
    guard Self.choices(of: unknown, from: present.count) <= Self.choicesMax else { return false }
    var search = Search(reach: Self.reach(present, links), majority: majority)
    return search.holds(lose: unknown, from: 0)
  }

  /// Of the whole cluster, how many nodes do not belong to the largest group around one node that is left.
  func loss(under toll: QuorumToll) -> Int {
    let present = nodes.filter { !toll.nodes.contains($0) }
    let largest = Self.reach(present, toll.links).map { $0.count { $0 } }.max() ?? 0
    return nodes.count - largest + toll.unknown
  }

  /// For each node, whom it reaches in both directions; itself always.
  private static func reach(_ nodes: [String], _ cut: Set<Link>) -> [[Bool]] {
    nodes.map { here in
      nodes.map { there in
        !cut.contains(Link(from: here, to: there)) && !cut.contains(Link(from: there, to: here))
      }
    }
  }

  /// The binomial coefficient, or more than `choicesMax`.
  private static func choices(of count: Int, from total: Int) -> Int {
    var result = 1
    for step in 0..<count {
      result = result * (total - step) / (step + 1)
      if result > choicesMax { return result }
    }
    return result
  }

  /// Goes through all choices of lost nodes.
  private struct Search {
    let reach: [[Bool]]
    let majority: Int
    var isLost: [Bool]

    init(reach: [[Bool]], majority: Int) {
      self.reach = reach
      self.majority = majority
      isLost = Array(repeating: false, count: reach.count)
    }

    /// Whether somebody reaches a majority, whichever `count` nodes from `start` on are lost, too.
    mutating func holds(lose count: Int, from start: Int) -> Bool {
      if count == 0 { return someoneReachesAMajority }
      for node in start..<reach.count {
        isLost[node] = true
        defer { isLost[node] = false }
        if !holds(lose: count - 1, from: node + 1) { return false }
      }
      return true
    }

    private var someoneReachesAMajority: Bool {
      reach.indices.contains { here in
        !isLost[here] && reach.indices.count { reach[here][$0] && !isLost[$0] } >= majority
      }
    }
  }
}
