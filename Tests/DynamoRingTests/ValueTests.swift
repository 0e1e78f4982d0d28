import SimulationKit
import Testing

@testable import DynamoRing

@Suite struct ValueTests {
  private func context(_ text: String) -> CausalContext { CausalContext(text) ?? CausalContext() }

  private func values(_ values: DottedValues) -> [Bytes] { values.versions.map(\.value) }

  /// Dotted version vectors, §3 of Preguiça et al.: two clients put through one server without having read; a version
  /// vector would make the second overwrite the first.
  @Test func blindPutsThroughOneCoordinatorAreSiblings() throws {
    var register = DottedValues()
    register.add([1], try #require(register.nextDot(of: 1)))
    register.add([2], try #require(register.nextDot(of: 1)))
    #expect(values(register) == [[1], [2]])
    // Whoever read the first only overwrites the first only.
    register.discard(coveredBy: context("1:1"))
    register.add([3], try #require(register.nextDot(of: 1)))
    #expect(values(register) == [[2], [3]])
  }

  /// §4.4, figure 3 of the Dynamo paper: D3 and D4 are written from D2 by way of two coordinators, D5 reconciles them.
  @Test func theExampleOfThePaper() throws {
    var x = DottedValues()
    x.add([1], Dot(node: 1, counter: 1))
    x.discard(coveredBy: x.seen)
    x.add([2], Dot(node: 1, counter: 2))
    var (y, z) = (x, x)
    y.discard(coveredBy: y.seen)
    y.add([3], Dot(node: 2, counter: 1))
    z.discard(coveredBy: z.seen)
    z.add([4], Dot(node: 3, counter: 1))
    x.merge(y)
    x.merge(z)
    #expect(values(x) == [[3], [4]])
    x.discard(coveredBy: x.seen)
    x.add([5], try #require(x.nextDot(of: 1)))
    y.merge(x)
    z.merge(x)
    #expect(values(y) == [[5]])
    #expect(y == z)
    #expect(y.seen.description == "1:3,2:1,3:1")
  }

  @Test func aDeletionLeavesOnlyWhatWasSeen() {
    var one = DottedValues()
    one.add([1], Dot(node: 1, counter: 1))
    var other = one
    one.discard(coveredBy: context("1:1"))
    #expect(one.versions.isEmpty)
    // A replica that missed it does not bring the value back.
    one.merge(other)
    other.merge(one)
    #expect(one.versions.isEmpty)
    #expect(one == other)
  }

  @Test func aContextFromElsewhereCoversWhatArrivesLater() throws {
    var elsewhere = DottedValues()
    elsewhere.add([1], Dot(node: 2, counter: 1))
    var here = DottedValues()
    here.discard(coveredBy: elsewhere.seen)
    here.add([2], try #require(here.nextDot(of: 1)))
    here.merge(elsewhere)
    #expect(values(here) == [[2]])
  }

  @Test func anAdditionThatARemovalHasNotSeenStays() {
    var one = DottedValues()
    one.add([7], Dot(node: 1, counter: 1))
    var other = one
    one.discard([Dot(node: 1, counter: 1)])
    other.add([7], Dot(node: 2, counter: 1))
    one.merge(other)
    #expect(one.versions == [Version(dot: Dot(node: 2, counter: 1), value: [7])])
  }

  @Test func countersTakeTheGreaterOfEachEntry() {
    var one = PNCounter()
    one[1] = PNCounter.Entry(node: 1, added: 5, subtracted: 1)
    var other = one
    one[1].added = 8
    other[3].subtracted = 4
    one.merge(other)
    one.merge(other)
    #expect(one.value == 3)
    #expect(one.entries.map(\.node) == [1, 3])
  }

  @Test func theLaterWriteWins() {
    var one = LastWriter([1], at: Timestamp(milliseconds: 5, logical: 1, node: 2))
    let other = LastWriter([2], at: Timestamp(milliseconds: 5, logical: 1, node: 1))
    one.merge(other)
    #expect(one.value == [1])
  }

  /// What replicas hold after random updates and merges, three at a time.
  private func randomTriple(_ kind: Kind, _ random: inout SeededGenerator) throws -> [Object] {
    var configurations = (1...3).map { Configuration(id: NodeID($0), members: [1, 2, 3]) }
    configurations.indices.forEach { configurations[$0].readQuorum = 1 }
    var nodes = try configurations.map { try DynamoNode($0, at: 0) }
    let key = Key(kind, [1])
    for step in 0..<30 as Range<UInt8> {
      let node = Int.random(in: 0..<3, using: &random)
      let context = Bool.random(using: &random) ? nodes[node].seen(key) : CausalContext()
      let element = [step % 4]
      let updates: [Update] =
        switch kind {
        case .siblings: [.put([step], context), .put(nil, context)]
        case .lastWriter: [.write([step])]
        case .counter: [.add(UInt64(step)), .subtract(1)]
        case .set: [.insert(element), .remove(element)]
        }
      if let update = updates.randomElement(using: &random) { _ = nodes[node].apply(update, to: key) }
      let other = nodes[Int.random(in: 0..<3, using: &random)].held(key)
      if random.chance(percent: 40) { nodes[node].absorb(other, at: key, by: .antiEntropy) }
    }
    return nodes.map { $0.held(key) }
  }

  @Test(arguments: Kind.allCases) func mergeIsASemilattice(kind: Kind) throws {
    var random = SeededGenerator(seed: 11)
    func merged(_ a: Object, _ b: Object) -> Object {
      var result = a
      result.merge(b)
      return result
    }
    var differences = 0
    for _ in 0..<100 {
      let objects = try randomTriple(kind, &random)
      let (a, b, c) = (objects[0], objects[1], objects[2])
      #expect(merged(a, a) == a)
      #expect(merged(a, b) == merged(b, a))
      #expect(merged(a, merged(b, c)) == merged(merged(a, b), c))
      if a != b { differences += 1 }
    }
    #expect(differences > 20)
  }
}

extension DynamoNode {
  fileprivate func seen(_ key: Key) -> CausalContext {
    if case .siblings(let register) = held(key) { return register.seen }
    return CausalContext()
  }
}
