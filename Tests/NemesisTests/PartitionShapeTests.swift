import Clusters
import Generators
import Testing

@testable import Nemesis

/// What each shape cuts, for clusters of 1…9 nodes in many orders.
@Suite struct PartitionShapeTests {
  /// One shape applied to one order.
  struct Case {
    var order: [String]
    var division: Division

    var links: Set<Link> { division.links }

    /// Whether packets get from one to the other.
    func hears(_ to: String, _ from: String) -> Bool { !links.contains(Link(from: from, to: to)) }

    /// Everybody with whom a node can talk in both directions, and itself.
    func reach(_ node: String) -> Set<String> {
      Set(order.filter { $0 == node || (hears(node, $0) && hears($0, node)) })
    }
  }

  static func cases(_ target: String, _ counts: ClosedRange<Int> = 1...9) throws -> [Case] {
    let shape = try #require(PartitionShape.named(target))
    var stream = RandomStreams(seed: 7).stream(target)
    return counts.filter { $0 >= shape.target.nodesMin }.flatMap { count in
      (0..<40).map { _ in
        let order = (1...count).map { "n\($0)" }.shuffled(using: &stream)
        return Case(order: order, division: shape.divide(order, &stream))
      }
    }
  }

  @Test(arguments: PartitionShape.all.map(\.target.name))
  func linksAreBetweenKnownEnds(_ target: String) throws {
    for test in try Self.cases(target) {
      let isOfClients = target.hasPrefix("clients")
      for link in test.links {
        #expect(link.from != link.to)
        let ends = Set([link.from, link.to])
        #expect(ends.isSubset(of: test.order + [Link.controller]))
        #expect(ends.contains(Link.controller) == isOfClients, "\(link)")
      }
      #expect(test.division.groups.flatMap { $0 }.allSatisfy(test.order.contains))
    }
  }

  /// As soon as there are nodes enough for the shape to be anything.
  @Test(arguments: PartitionShape.all.map { ($0.target.name, $0.target.name.hasPrefix("clients") ? 1 : 2) })
  func somethingIsCut(_ target: String, _ countMin: Int) throws {
    for test in try Self.cases(target) where test.order.count >= countMin { #expect(!test.links.isEmpty) }
  }

  @Test(arguments: [
    "halves", "isolate-one", "isolate-primary", "minority", "minority-third", "flapping",
  ])
  func sidesCannotTalkAndEachSideCan(_ target: String) throws {
    for test in try Self.cases(target, 2...9) {
      let (left, right) = (test.division.groups[0], test.division.groups[1])
      #expect(Set(left + right) == Set(test.order) && left.count + right.count == test.order.count)
      #expect(left.count <= test.order.count / 2 && !left.isEmpty)
      #expect(test.links.count == 2 * left.count * right.count)
      for node in left { #expect(test.reach(node) == Set(left)) }
      for node in right { #expect(test.reach(node) == Set(right)) }
    }
  }

  @Test func minoritiesHaveEverySize() throws {
    for (count, sizes) in [(3, 1...1), (5, 1...2), (9, 1...4)] {
      let seen = try Self.cases("minority", count...count).map { $0.division.groups[0].count }
      #expect(Set(seen) == Set(sizes))
    }
  }

  @Test func minorityThirdIsFewerThanAThird() throws {
    for test in try Self.cases("minority-third") {
      let count = test.division.groups[0].count
      #expect(3 * count < test.order.count && 3 * (count + 1) >= test.order.count)
    }
  }

  @Test func inAMajoritiesRingEachReachesAMajorityOfItsOwn() throws {
    for test in try Self.cases("majorities-ring", 3...9) {
      let reaches = test.order.map(test.reach)
      let majority = test.order.count / 2 + 1
      #expect(reaches.allSatisfy { $0.count >= majority }, "\(test.order.count) nodes")
      #expect(reaches.count { $0.count > majority } <= 1, "no more than needed")
      #expect(Set(reaches).count == test.order.count, "no two the same")
      for link in test.links { #expect(test.links.contains(Link(from: link.to, to: link.from))) }
    }
    #expect(Division.majoritiesRing(["n1"]).links.isEmpty)
    #expect(Division.majoritiesRing(["n1", "n2"]).links.isEmpty)
    #expect(Division.majoritiesRing([]).links.isEmpty)
  }

  @Test func aBridgeReachesAllAndTheHalvesOnlyItAndThemselves() throws {
    for test in try Self.cases("bridge") {
      let bridge = test.order[0]
      let (left, right) = (test.division.groups[0], test.division.groups[1])
      #expect(test.reach(bridge) == Set(test.order))
      #expect(abs(left.count - right.count) <= 1 && !left.contains(bridge) && !right.contains(bridge))
      for node in left { #expect(test.reach(node) == Set(left + [bridge])) }
      for node in right { #expect(test.reach(node) == Set(right + [bridge])) }
    }
  }

  @Test(arguments: [("one-way-in", true), ("one-way-out", false)])
  func oneWayCutsAreOfOneNodeAndOneDirection(_ target: String, _ isDeaf: Bool) throws {
    for test in try Self.cases(target, 2...9) {
      let one = test.order[0]
      #expect(test.links.count == test.order.count - 1)
      for other in test.order.dropFirst() {
        #expect(test.hears(one, other) == !isDeaf)
        #expect(test.hears(other, one) == isDeaf)
      }
    }
  }

  @Test(arguments: [("clients", 1...9), ("clients-minority", 3...9)])
  func clientCutsLeaveTheNodesAlone(_ target: String, _ counts: ClosedRange<Int>) throws {
    for test in try Self.cases(target, counts) {
      let nodes = test.division.groups[0]
      #expect(nodes.count == (target == "clients" ? 1 : (test.order.count - 1) / 2))
      for node in test.order {
        #expect(test.reach(node) == Set(test.order))
        for link in [Link(from: node, to: Link.controller), Link(from: Link.controller, to: node)] {
          #expect(test.links.contains(link) == nodes.contains(node))
        }
      }
    }
  }

  /// What leaves a majority of the nodes together, so that a consensus system must go on, or find its way.
  @Test func defaultTargetsAreKnownAndStrong() {
    let names = FaultPackage.partition.defaultTargets
    #expect(Set(names).isSuperset(of: ["halves", "isolate-one", "isolate-primary"]))
    for name in names { #expect(PartitionShape.named(name) != nil) }
  }

  @Test func wordsTellTheGroups() {
    let cluster = FakeCluster(5)
    let order = ["n4", "n2", "n5", "n1", "n3"]
    #expect(Division.bridge(order).words(in: cluster) == "n2 n5 | n1 n3, joined by n4")
    #expect(Division.deaf(order).words(in: cluster) == "n4 | n1 n2 n3 n5, one way: the first hears nothing")
    #expect(Division.mute(order).words(in: cluster) == "n4 | n1 n2 n3 n5, one way: nobody hears the first")
    #expect(Division.clients(order, first: 2).words(in: cluster) == "n2 n4, out of the clients' reach")
    #expect(Division.majoritiesRing(order).words(in: cluster) == "n1 n2 n3 n4 n5, each reaches its own majority")
  }
}
