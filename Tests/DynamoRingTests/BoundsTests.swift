import Testing

@testable import DynamoRing

/// Counters that come from outside, at their bounds: whatever a node keeps or sends, itself and others can read.
@Suite struct BoundsTests {
  private let members: [NodeID] = [1, 2, 3]

  /// All three nodes counted so far, says a client.
  private func claim(_ counter: UInt64) throws -> CausalContext {
    try #require(CausalContext(members.map { "\($0):\(counter)" }.joined(separator: ",")))
  }

  private func put(_ value: UInt8?, _ context: CausalContext) -> DynamoRing.Operation {
    .update(name: [7], .put(value.map { [$0] }, context))
  }

  /// Everything that was sent and kept, read back; then all nodes start again on it.
  private func expectReadable(_ cluster: inout Cluster, _ sent: [Message]) throws {
    for message in sent { #expect(try Message(decoding: message.encoded()) == message) }
    for batch in cluster.batches.values.joined() { #expect(try PersistBatch(decoding: batch.encoded()) == batch) }
    for id in members { try cluster.start(id) }
  }

  /// Requests in order, each at a node, and what became of them.
  private func outcomes(
    of requests: [(node: NodeID, operation: DynamoRing.Operation)], in cluster: inout Cluster
  ) throws -> [Outcome?] {
    let log = MessageLog()
    cluster.delivers = { message, _, _ in
      log.messages.append(message)
      return true
    }
    let outcomes = requests.map { cluster.ask($0.node, $0.operation) }
    cluster.pass(milliseconds: 1_000)
    try expectReadable(&cluster, log.messages)
    return outcomes
  }

  private final class MessageLog {
    var messages: [Message] = []
  }

  @Test func theLastNameIsGivenAndNoneAfterIt() throws {
    var cluster = try Cluster(3)
    let nearly = try claim(Dot.counterMax - 1)
    let found = try outcomes(of: [(1, put(1, nearly)), (1, put(2, nearly)), (2, put(3, nearly))], in: &cluster)
    guard case .put(let context)? = found[0] else {
      Issue.record("the put was not acknowledged: \(found)")
      return
    }
    #expect(context.greatest(of: 1) == Dot.counterMax)
    #expect(found[1] == .tooLarge)
    // What clients are given can be given back.
    for case .put(let context)? in found { #expect(CausalContext(context.description) == context) }
    #expect(cluster.ask(3, .read(Key(.siblings, [7]))) != nil)
  }

  @Test func aClaimOfAllNamesIsRefusedButMayDelete() throws {
    var cluster = try Cluster(3)
    let all = try claim(Dot.counterMax)
    let key = Key(.siblings, [7])
    let found = try outcomes(
      of: [(1, put(1, CausalContext())), (1, put(2, all)), (1, .read(key)), (2, put(nil, all)), (3, put(3, all))],
      in: &cluster)
    #expect(found[1] == .tooLarge)
    #expect(found[2] == .reading(.siblings(values: [[1]], context: try #require(CausalContext("1:1")))))
    #expect(found[3] == .put(all))
    #expect(found[4] == .tooLarge)
    #expect(cluster.ask(1, .read(key)) == .reading(.siblings(values: [], context: all)))
  }

  @Test func aSetGivesNoNameBeyondTheLast() {
    var set = DottedValues()
    set.add([1], Dot(node: 1, counter: Dot.counterMax))
    #expect(set.nextDot(of: 1) == nil)
    #expect(set.nextDot(of: 2) == Dot(node: 2, counter: 1))
  }

  @Test func sumsStopAtTheirBound() throws {
    var cluster = try Cluster(3)
    let most = Update.add(PNCounter.sumMax)
    let found = try outcomes(
      of: [
        (1, .update(name: [7], most)), (1, .update(name: [7], .add(1))), (1, .update(name: [7], .add(1 << 62 - 1))),
        (2, .update(name: [7], most)), (3, .update(name: [7], .subtract(PNCounter.sumMax))),
      ], in: &cluster)
    #expect(found == [.counted, .tooLarge, .tooLarge, .counted, .counted])
    #expect(cluster.ask(1, .read(Key(.counter, [7]))) == .reading(.counter(Int64(PNCounter.sumMax))))
  }
}
