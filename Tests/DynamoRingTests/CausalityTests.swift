import Testing

@testable import DynamoRing

@Suite struct CausalityTests {
  private func dot(_ node: NodeID, _ counter: UInt64) -> Dot { Dot(node: node, counter: counter) }

  @Test func aVectorCoversAllUpToTheLast() {
    var vector = VersionVector()
    vector.cover(through: dot(2, 3))
    vector.cover(through: dot(1, 1))
    vector.cover(through: dot(2, 2))
    #expect(vector.last == [dot(1, 1), dot(2, 3)])
    #expect(vector.contains(dot(2, 1)))
    #expect(!vector.contains(dot(2, 4)))
    #expect(!vector.contains(dot(3, 1)))
  }

  @Test func aDotBeyondAGapStaysApartUntilTheGapIsClosed() {
    var context = CausalContext()
    context.insert(dot(1, 3))
    context.insert(dot(1, 2))
    #expect(context.cloud == [dot(1, 2), dot(1, 3)])
    #expect(!context.contains(dot(1, 1)))
    #expect(context.greatest(of: 1) == 3)
    context.insert(dot(1, 1))
    #expect(context.cloud.isEmpty)
    #expect(context.vector[1] == 3)
  }

  @Test func mergingConnectsDots() {
    var one = CausalContext()
    one.insert(dot(1, 2))
    var other = CausalContext()
    other.insert(dot(1, 1))
    other.insert(dot(2, 5))
    one.merge(other)
    #expect(one.vector.last == [dot(1, 2)])
    #expect(one.cloud == [dot(2, 5)])
  }

  @Test(arguments: ["", "1:4", "1:4,2:7", "1:4+1:9", "+3:2,3:4", "1:9007199254740992"]) func textOfAContextIsReadBack(
    text: String
  ) throws {
    #expect(try #require(CausalContext(text)).description == text)
  }

  @Test(
    arguments: [
      "x", "1", "1:", ":1", "1:0", "1:2:3", "1:-4", "1:4,", "1:4+", "+", "1:4+1:9+", "4294967296:1",
      "1:9007199254740993", "1:4+1:9007199254740993", "1:18446744073709551616",
      String(repeating: "1:1,", count: 5_000) + "1:1",
    ])
  func otherTextIsNoContext(text: String) {
    // "1:4+" and "+" are the vector with no dots behind it, which has a shorter text.
    guard let context = CausalContext(text) else { return }
    #expect(context.description != text)
    #expect(text.hasSuffix("+"))
  }

  @Test func aTimestampIsNeverBelowWhatWasSeen() {
    var clock = HybridClock()
    clock.advance(to: 1_000)
    let first = clock.next(node: 1)
    let second = clock.next(node: 1)
    #expect(first < second)
    clock.observe(Timestamp(milliseconds: 5_000, logical: 7, node: 3))
    let third = clock.next(node: 1)
    #expect(third == Timestamp(milliseconds: 5_000, logical: 8, node: 1))
    clock.advance(to: 4_000)
    #expect(third < clock.next(node: 1))
    clock.advance(to: 6_000)
    #expect(clock.next(node: 1).milliseconds == 6_000)
  }

  @Test func nodesDecideBetweenEqualTimes() {
    let low = Timestamp(milliseconds: 1, logical: 2, node: 1)
    let high = Timestamp(milliseconds: 1, logical: 2, node: 2)
    #expect(low < high)
    #expect(!(high < low))
  }
}
