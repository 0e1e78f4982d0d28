import ProtocolKit
import SimulationKit
import Testing

@testable import DynamoRing

@Suite struct CodingTests {
  private static let dots = [Dot(node: 1, counter: 2), Dot(node: 3, counter: 9)]
  private static let context = CausalContext("1:4,2:7+1:9") ?? CausalContext()
  private static let timestamp = Timestamp(milliseconds: 17, logical: 3, node: 2)

  private static let objects: [Object] = {
    var values = DottedValues()
    values.add([1, 2], Dot(node: 1, counter: 2))
    values.add([], Dot(node: 2, counter: 1))
    var counter = PNCounter()
    counter[2] = PNCounter.Entry(node: 2, added: 5, subtracted: 1 << 53)
    return [.siblings(values), .set(values), .counter(counter), .lastWriter(LastWriter([9], at: timestamp))]
      + Kind.allCases.map { Object($0) }
  }()

  private static let operations: [Operation] = [
    .read(Key(.set, [1])), .readLocal(Key(.counter, [])), .update(name: [1], .put([2], context)),
    .update(name: [1], .put(nil, CausalContext())), .update(name: [1], .write([])), .update(name: [], .add(7)),
    .update(name: [], .subtract(8)), .update(name: [], .insert([1])), .update(name: [], .remove([1])),
  ]

  private static let outcomes: [Outcome] =
    [
      .put(context), .written(timestamp), .counted, .inserted(dots[0]), .removed(dots), .noQuorum, .unknown,
      .overloaded, .tooLarge, .notReplica, .reading(.lastWriter(nil, .zero)),
    ] + objects.map { .reading($0.reading) }

  private static let messages: [Message] =
    objects.flatMap { object -> [Message] in
      let key = Key(object.kind, [1, 2])
      return [
        .store(1, key, object), .repair(2, key, object), .hint(3, key, object, target: 4), .fetched(5, object),
        .handoff(key, object), .exchange(key, object), .fetch(6, key), .handedOff(key, hash: 7), .wanted([key]),
      ]
    } + [
      .done(1), .fetched(2, nil), .gossip([Heartbeat(node: 1, life: 2, count: 3)]), .gossip([]),
      .hashes([TreeHash(range: 1, level: 2, index: 3, hash: .max)]),
      .leaves([LeafKeys(range: 1, leaf: 2, items: [LeafKeys.Item(key: Key(.set, [3]), hash: 4)])]),
    ] + operations.map { .forward(8, $0, life: 1, clock: timestamp) }
    + outcomes.map { .forwarded(9, $0, clock: timestamp) }

  private static let batches: [PersistBatch] = [
    PersistBatch(sequence: 1, life: 1),
    PersistBatch(
      sequence: 2, life: 3, objects: objects.map { StoredObject(key: Key($0.kind, [5]), object: $0) },
      hints: [
        StoredHint(target: 2, key: Key(.set, [1]), object: Object(.set)),
        StoredHint(target: 3, key: Key(.counter, [1]), object: nil),
      ], isWhole: true),
  ]

  @Test func messagesAreReadBack() throws {
    for message in Self.messages { #expect(try Message(decoding: message.encoded()) == message) }
  }

  @Test func batchesAreReadBack() throws {
    for batch in Self.batches { #expect(try PersistBatch(decoding: batch.encoded()) == batch) }
  }

  @Test func objectsAreReadBackAndEqualOnesHaveEqualHashes() throws {
    for object in Self.objects {
      let copy = try Object(decoding: object.encoded())
      #expect(copy == object)
      #expect(copy.hash == object.hash)
    }
    #expect(Set(Self.objects.map(\.hash)).count == Self.objects.count)
  }

  @Test func everythingCutShortIsRefused() {
    for message in Self.messages {
      let bytes = message.encoded()
      for length in bytes.indices {
        #expect(throws: MalformedBytes.self) { try Message(decoding: Array(bytes[..<length])) }
      }
    }
  }

  /// A flipped bit may make another message, but not a crash.
  @Test func damagedMessagesAreReadOrRefused() {
    var random = SeededGenerator(seed: 5)
    for message in Self.messages {
      for _ in 0..<200 {
        var bytes = message.encoded()
        let position = Int.random(in: bytes.indices, using: &random)
        bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        _ = try? Message(decoding: bytes)
      }
    }
  }

  @Test func damagedBatchesAreRefused() {
    var random = SeededGenerator(seed: 6)
    for batch in Self.batches {
      for _ in 0..<300 {
        var bytes = batch.encoded()
        let position = Int.random(in: bytes.indices, using: &random)
        bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        #expect(throws: MalformedBytes.self) { try PersistBatch(decoding: bytes) }
      }
    }
  }

  @Test func anObjectUnderAKeyOfAnotherTypeIsRefused() {
    let batch = PersistBatch(
      sequence: 1, life: 1, objects: [StoredObject(key: Key(.set, [1]), object: Object(.counter))])
    #expect(throws: MalformedBytes.self) { try PersistBatch(decoding: batch.encoded()) }
  }
}
