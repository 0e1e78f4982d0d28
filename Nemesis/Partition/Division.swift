import Clusters

/// What a partition cuts.
struct Division: Sendable, Hashable {
  /// For people: `n1 n2 | n3 n4 n5`.
  var groups: [[String]]
  /// Empty where so few nodes cannot be divided that way.
  var links: Set<Link>
  /// What the groups do not tell: `joined by n3`.
  var remark: String?

  /// The first nodes against the others, in both directions.
  static func sides(of order: [String], first count: Int) -> Division {
    let (left, right) = (Array(order.prefix(count)), Array(order.dropFirst(count)))
    return Division(groups: [left, right], links: bothWays(left, right))
  }

  /// Two halves that reach each other through the first node alone.
  static func bridge(_ order: [String]) -> Division {
    let others = Array(order.dropFirst())
    var division = sides(of: others, first: others.count / 2)
    division.remark = order.first.map { "joined by \($0)" }
    return division
  }

  /// Nothing reaches the first node; what it sends arrives.
  static func deaf(_ order: [String]) -> Division {
    let (one, others) = (Array(order.prefix(1)), Array(order.dropFirst()))
    return Division(groups: [one, others], links: directed(others, one), remark: "one way: the first hears nothing")
  }

  /// Nothing arrives of what the first node sends; it hears the others.
  static func mute(_ order: [String]) -> Division {
    let (one, others) = (Array(order.prefix(1)), Array(order.dropFirst()))
    return Division(groups: [one, others], links: directed(one, others), remark: "one way: nobody hears the first")
  }

  /// The clients against the first nodes; all nodes reach each other.
  static func clients(_ order: [String], first count: Int) -> Division {
    let nodes = Array(order.prefix(count))
    return Division(groups: [nodes], links: bothWays([Link.controller], nodes), remark: "out of the clients' reach")
  }

  /// Every node reaches a majority, itself included, and no two nodes the same one: Jepsen's `majorities-ring`.
  ///
  /// The nodes stand in a ring. Each keeps its links to as many of its nearest neighbours, half on either side, as make a
  /// majority with itself. Where that number is odd, the last one is the node opposite; in a ring of odd length one node
  /// then keeps a link more than the others.
  static func majoritiesRing(_ order: [String]) -> Division {
    let count = order.count
    let reach = count / 2
    var kept: Set<Link> = []
    func keep(_ here: Int, _ there: Int) {
      kept.formUnion(bothWays([order[here]], [order[there % count]]))
    }
    for here in 0..<count {
      for step in 1..<(reach / 2 + 1) { keep(here, here + step) }
    }
    if reach % 2 == 1 {
      for here in 0..<(count + 1) / 2 { keep(here, here + reach) }
    }
    let all = order.flatMap { here in order.filter { $0 != here }.map { Link(from: here, to: $0) } }
    return Division(
      groups: [order], links: Set(all).subtracting(kept), remark: "each reaches its own majority")
  }

  private static func directed(_ from: [String], _ to: [String]) -> Set<Link> {
    Set(from.flatMap { here in to.map { Link(from: here, to: $0) } })
  }

  private static func bothWays(_ left: [String], _ right: [String]) -> Set<Link> {
    directed(left, right).union(directed(right, left))
  }

  /// `n1 n2 | n4 n5, joined by n3`.
  func words(in cluster: any ClusterControl) -> String {
    let sides = groups.map { Nemesis.words($0, in: cluster) }.joined(separator: " | ")
    return remark.map { "\(sides), \($0)" } ?? sides
  }
}
