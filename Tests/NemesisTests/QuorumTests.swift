import Clusters
import Generators
import Testing

@testable import Nemesis

@Suite struct QuorumTests {
  let five = Quorum(nodes: ["n1", "n2", "n3", "n4", "n5"])

  private func nodes(_ text: String) -> QuorumToll {
    QuorumToll(nodes: Set(text.split(separator: " ").map(String.init)))
  }

  @Test func majorityOfNodesMustStay() {
    #expect(five.holds(under: []))
    #expect(five.holds(under: [nodes("n1"), nodes("n1 n2")]))
    #expect(!five.holds(under: [nodes("n1"), nodes("n2 n3")]))
    #expect(five.holds(under: [QuorumToll(unknown: 2)]))
    #expect(!five.holds(under: [nodes("n1 n2"), QuorumToll(unknown: 1)]))
    #expect(!Quorum(nodes: ["n1"]).holds(under: [nodes("n1")]))
    #expect(!Quorum(nodes: ["n1", "n2", "n3", "n4"]).holds(under: [nodes("n1 n2")]))
  }

  @Test func oneSideMustHaveAMajorityOfItsOwn() {
    let halves = QuorumToll(links: Division.sides(of: five.nodes, first: 2).links)
    #expect(five.holds(under: [halves]))
    #expect(five.holds(under: [halves, nodes("n1 n2")]))
    #expect(!five.holds(under: [halves, nodes("n3")]))
    #expect(!five.holds(under: [halves, QuorumToll(unknown: 1)]), "it may be on the larger side")
  }

  @Test func whoeverReachesAMajorityCanLead() {
    let ring = QuorumToll(links: Division.majoritiesRing(five.nodes).links)
    #expect(five.holds(under: [ring]))
    #expect(five.holds(under: [ring, nodes("n1")]), "n3 still reaches n2 and n4")
    #expect(!five.holds(under: [ring, nodes("n1 n3")]))
    #expect(!five.holds(under: [ring, QuorumToll(unknown: 2)]))
    let bridge = QuorumToll(links: Division.bridge(five.nodes).links)
    #expect(five.holds(under: [bridge, nodes("n2 n3")]))
    #expect(!five.holds(under: [bridge, nodes("n1")]))
    let deaf = QuorumToll(links: Division.deaf(five.nodes).links)
    #expect(five.holds(under: [deaf, nodes("n2")]))
    #expect(!five.holds(under: [deaf, nodes("n2 n3")]))
  }

  @Test func tooManyChoicesCountAsLost() {
    let many = Quorum(nodes: (1...60).map { "n\($0)" })
    let one = QuorumToll(links: Division.sides(of: many.nodes, first: 1).links)
    #expect(many.holds(under: [one, QuorumToll(unknown: 2)]))
    #expect(!many.holds(under: [one, QuorumToll(unknown: 3)]))
  }

  @Test(arguments: [
    ("kill", "one", 1), ("kill", "minority", 2), ("pause", "majority", 3), ("crash-loop", "all", 5),
    ("restart", "primary", 1), ("kill", "rolling", 1), ("partition", "halves", 2), ("partition", "isolate-primary", 1),
    ("partition", "primary-minority", 2),
    ("partition", "bridge", 0), ("partition", "majorities-ring", 2), ("partition", "one-way-in", 1),
    ("partition", "clients-minority", 0), ("membership", "one", 1), ("membership", "shrink", 2), ("kill", "none", 0),
  ])
  func everyTargetHasItsLoss(_ fault: String, _ target: String, _ loss: Int) throws {
    let package = try #require(FaultCatalogue.named(fault))
    #expect(five.loss(under: package.toll(action(fault, target, order: five.nodes))) == loss)
  }
}
