import Testing

@testable import DynamoRing

@Suite struct RingTests {
  private let keys = (0..<2_000 as Range<UInt16>).map {
    Key(.siblings, [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)])
  }

  @Test func everyKeyHasDistinctReplicasAndAllOthersBehindThem() {
    let ring = Ring(members: [1, 2, 3, 4, 5], virtualNodes: 16, replicas: 3)
    for key in keys {
      let range = ring.range(of: key)
      let all = ring.preferenceList(of: range) + ring.fallbacks(of: range)
      #expect(ring.preferenceList(of: range).count == 3)
      #expect(all.sorted() == [1, 2, 3, 4, 5])
    }
  }

  @Test func theRangeOfAPlaceIsThatOfTheNextTokenRoundTheEnd() {
    let ring = Ring(members: [1, 2], virtualNodes: 2, replicas: 1)
    for (range, token) in ring.tokens.enumerated() {
      #expect(ring.range(at: token) == range)
      #expect(ring.range(at: token &+ 1) == (range + 1) % 4)
    }
  }

  @Test func virtualNodesSpreadTheLoad() {
    let ring = Ring(members: [1, 2, 3, 4, 5], virtualNodes: 64, replicas: 1)
    let loads = Dictionary(grouping: keys) { ring.preferenceList(of: ring.range(of: $0)).first }
    #expect(loads.count == 5)
    #expect(loads.values.allSatisfy { (200...700).contains($0.count) })
  }

  /// "Departure or arrival of a node only affects its immediate neighbors" (§4.2).
  @Test func aNewNodeOnlyTakesKeysForItself() {
    let before = Ring(members: [1, 2, 3, 4], virtualNodes: 16, replicas: 1)
    let after = Ring(members: [1, 2, 3, 4, 5], virtualNodes: 16, replicas: 1)
    for key in keys {
      let new = after.preferenceList(of: after.range(of: key))
      #expect(new == [5] || new == before.preferenceList(of: before.range(of: key)))
    }
  }

  @Test func fewerMembersThanReplicasAreAllReplicas() {
    let ring = Ring(members: [4, 9], virtualNodes: 3, replicas: 3)
    #expect(ring.replicas == 2)
    #expect(ring.preferenceList(of: 0).sorted() == [4, 9])
    #expect(ring.fallbacks(of: 0).isEmpty)
  }

  @Test func treesAreEqualWhateverTheOrderAndDifferInOneKey() {
    var (one, other) = (MerkleTree(), MerkleTree())
    for (number, key) in keys.enumerated() { one.replace(key, old: nil, new: UInt64(number)) }
    for (number, key) in keys.enumerated().reversed() { other.replace(key, old: nil, new: UInt64(number)) }
    #expect(one.root == other.root)
    other.replace(keys[5], old: 5, new: 6)
    #expect(one.root != other.root)
    let leaf = MerkleTree.leaf(of: keys[5])
    for index in 0..<MerkleTree.leafCount {
      #expect((one.hash(level: 2, index: index) == other.hash(level: 2, index: index)) == (index != leaf))
    }
    other.replace(keys[5], old: 6, new: 5)
    #expect(one.root == other.root)
  }
}
