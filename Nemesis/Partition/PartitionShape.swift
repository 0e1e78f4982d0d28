import Clusters
import Generators

/// A way to divide a cluster: one entry of the table of partition targets.
struct PartitionShape: Sendable {
  var target: FaultTarget
  /// Whether a node that says it is primary comes first in the order.
  var primaryFirst = false
  /// Whether the cut is healed and made again, over and over.
  var flaps = false
  /// Divides the nodes, which come in a random order; the stream is for choices beyond that order.
  var divide: @Sendable (_ order: [String], _ stream: inout RandomStream) -> Division

  static let all: [PartitionShape] = [
    PartitionShape("halves", "a random minority (half of an even number) against the rest") {
      .sides(of: $0, first: $0.count / 2)
    },
    PartitionShape("isolate-one", "one random node against all others") { .sides(of: $0, first: 1) },
    PartitionShape(
      target: FaultTarget(
        "isolate-primary", "a node that says it is primary against all others", requires: [.primaries]),
      primaryFirst: true
    ) { order, _ in .sides(of: order, first: 1) },
    PartitionShape(
      target: FaultTarget(
        "primary-minority", "a node that says it is primary, with as many more as are no majority, against the rest",
        requires: [.primaries], nodesMin: 3),
      primaryFirst: true
    ) { order, _ in .sides(of: order, first: (order.count - 1) / 2) },
    PartitionShape("majorities-ring", "every node reaches a majority, and no two nodes the same one", nodesMin: 3) {
      .majoritiesRing($0)
    },
    // Of three nodes it is the same as the ring.
    PartitionShape("bridge", "two halves that reach each other through one node alone", nodesMin: 4) { .bridge($0) },
    PartitionShape("one-way-in", "one random node that the others do not reach; it reaches them") { .deaf($0) },
    PartitionShape("one-way-out", "one random node that does not reach the others; they reach it") { .mute($0) },
    PartitionShape(
      target: FaultTarget("minority", "a random minority of random size against the rest", nodesMin: 3)
    ) { order, stream in .sides(of: order, first: 1 + stream.below((order.count - 1) / 2)) },
    PartitionShape("minority-third", "fewer than a third of the nodes, at random, against the rest", nodesMin: 4) {
      .sides(of: $0, first: ($0.count - 1) / 3)
    },
    PartitionShape(
      target: FaultTarget("flapping", "halves whose partition comes and goes all the time"), flaps: true
    ) { order, _ in .sides(of: order, first: order.count / 2) },
    PartitionShape("clients", "one random node that clients do not reach; the nodes reach each other") {
      .clients($0, first: 1)
    },
    PartitionShape("clients-minority", "the same of as many nodes as leave the clients a majority", nodesMin: 3) {
      .clients($0, first: ($0.count - 1) / 2)
    },
  ]

  static func named(_ name: String) -> PartitionShape? { all.first { $0.target.name == name } }
}

extension PartitionShape {
  /// What the action cuts. Its choices beyond the order are its own, so that equal actions cut the same.
  func division(of action: FaultAction) -> Division {
    var stream = action.stream("division")
    return divide(action.order, &stream)
  }

  /// A shape that the order alone decides.
  private init(
    _ name: String, _ summary: String, nodesMin: Int = 1, _ divide: @escaping @Sendable ([String]) -> Division
  ) {
    self.init(target: FaultTarget(name, summary, nodesMin: nodesMin)) { order, _ in divide(order) }
  }
}
