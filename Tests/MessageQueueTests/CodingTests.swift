import ProtocolKit
import SimulationKit
import Testing

@testable import MessageQueue

@Suite struct CodingTests {
  static let topic = PartitionID(.topic, Bytes("t".utf8), 7)
  static let ballot = Ballot(round: 1 << 40, node: 3)
  static let value = LeaderAndISR(epoch: 4, leader: 2, isr: [1, 2])
  static let delivery = DeliveryID(message: 9, attempt: 2)
  static let offsets = [GroupOffset(partition: 0, offset: 4), GroupOffset(partition: 3, offset: 0)]
  static let entries: [Entry] = [
    .value([]), .value([1, 2, 3]), .queue(.receive(visibility: 5, deliveriesMax: 2)), .queue(.ack(delivery)),
    .queue(.nack(delivery)), .queue(.expire), .queue(.drain),
    .group(.poll(member: [1], topic: [2], generation: 3, commits: offsets)),
    .group(.commit(member: [1], topic: [], generation: 0, commits: [])), .group(.leave(member: [9])),
    .group(.offsets(topic: [2])), .group(.drained(topic: [2], commits: offsets)),
  ]
  static let records = entries.enumerated().map { position, entry in
    let name = position % 2 == 0 ? ProducerSequence(producer: .max, sequence: UInt64(position)) : nil
    return Record(epoch: 3, time: 8, producer: name, entry: entry)
  }

  static let bases: [LogBase] = {
    var queue = WorkQueue()
    for offset in 0..<4 as Range<Offset> { queue.enqueue([UInt8(offset)], at: offset) }
    for _ in 0..<3 { _ = queue.apply(.receive(visibility: 50, deliveriesMax: 1), at: 1, nil) }
    _ = queue.apply(.nack(DeliveryID(message: 0, attempt: 1)), at: 2, nil)
    var group = ConsumerGroup()
    _ = group.apply(.poll(member: [1], topic: [2], generation: 0, commits: []), partitions: 4)
    _ = group.apply(.commit(member: [1], topic: [2], generation: 1, commits: offsets), partitions: 4)
    var bases = [LogBase(.topic), LogBase(.queue), LogBase(.group)]
    bases[0].producers.record(ProducerSequence(producer: 1, sequence: 2), at: 3, producersMax: 9)
    bases[1].machine = .queue(queue)
    bases[2].machine = .group(group)
    bases[1].offset = 77
    return bases
  }()

  static let operations: [MessageQueue.Operation] = [
    .produce(topic, value: [1], nil), .produce(topic, value: [], ProducerSequence(producer: 1, sequence: 2)),
    .fetch(topic, from: .max, max: 3), .local(topic), .queue(name: [3], .drain),
    .poll(group: [1], member: [2], topic: [3], max: .max), .commit(group: [1], member: [2], topic: [3]),
    .leave(group: [1], member: []), .drain(group: [1], topic: [2]),
  ]

  static let consumed = [ConsumedRecord(partition: 1, offset: 2, value: [3])]
  static let outcomes: [Outcome] = [
    .appended(3), .records(consumed, end: 9), .delivery(nil), .delivery(Delivery(id: delivery, value: [1])), .done,
    .notHeld, .dead([DeadLetter(value: [1], attempts: 2)]), .values([[], [1]]), .polled(generation: 1, consumed),
    .notMember, .outOfOrderSequence, .notReplica, .tooManyRecords, .noLeader, .notEnoughReplicas, .overloaded, .expired,
    .unknown,
  ]

  static let bodies: [Message.Body] =
    [
      .prepare(ballot), .promise(ballot, accepted: .zero, nil), .promise(ballot, accepted: ballot, value),
      .accept(ballot, value), .accepted(ballot), .conflict(ballot, promised: ballot), .lead(value),
      .leaderIs(epoch: 3, leader: 1),
      .fetch(Fetch(epoch: 1, number: 2, offset: 3, lastEpoch: 4, highWatermark: 5)),
      .fetched(Fetched(epoch: 1, number: 2, offset: 3, records: records, highWatermark: 4)),
      .diverging(epoch: 1, number: 2, of: 3, end: 4), .install(epoch: 1, number: 2, bases[0], highWatermark: 3),
      .confirm(epoch: 1, round: 2), .confirmed(epoch: 1, round: 2), .findLeader, .probe(number: 3),
      .absent(number: 4), .answer(number: 1, .notLeader),
      .answer(number: 1, .notEnoughReplicas),
    ] + operations.map { .request(number: 1, epoch: 2, $0) } + outcomes.map { .answer(number: 1, .outcome($0)) }

  static let messages = bodies.map { Message(partition: topic, body: $0) }

  static var state: PersistentState {
    var state = PersistentState()
    state.promised = ballot
    state.value = value
    state.epoch = 8
    return state
  }

  static let batch = PersistBatch(
    sequence: 4, lives: 2, snapshot: 1, isWhole: true,
    changes: zip(PartitionID.Kind.allCases, bases).map { kind, base in
      PartitionChange(
        partition: PartitionID(kind, [1]), state: state, highWatermark: 4, base: base, from: 2, records: records)
    })

  static let snapshot = Snapshot(
    number: 3, lives: 9,
    partitions: zip(PartitionID.Kind.allCases, bases).map { kind, base in
      PartitionSnapshot(
        partition: PartitionID(kind, [1]), state: PersistentState(), highWatermark: 4, base: base, records: records)
    })

  @Test(arguments: messages) func aMessageSurvivesTheWire(message: Message) throws {
    #expect(try Message.decoded(Message.encoded([message, message])) == [message, message])
  }

  @Test(arguments: messages) func aShortenedMessageIsRefused(message: Message) {
    let bytes = Message.encoded([message])
    for length in bytes.indices {
      #expect(throws: MalformedBytes.self) { try Message.decoded(Array(bytes.prefix(length))) }
    }
    #expect(throws: MalformedBytes.self) { try Message.decoded(bytes + [0]) }
  }

  /// Whatever arrives, decoding ends with other messages or an error.
  @Test(arguments: messages) func aDamagedMessageDoesNotTrap(message: Message) {
    let bytes = Message.encoded([message])
    var random = SeededGenerator(seed: 1)
    for _ in 0..<500 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = try? Message.decoded(damaged)
    }
  }

  @Test func batchesAndSnapshotsSurviveTheDisk() throws {
    #expect(try PersistBatch(decoding: Self.batch.encoded()) == Self.batch)
    #expect(try Snapshot(decoding: Self.snapshot.encoded()) == Self.snapshot)
  }

  @Test func damageOnDiskIsNoticed() {
    for bytes in [Self.batch.encoded(), Self.snapshot.encoded()] {
      for position in bytes.indices {
        var damaged = bytes
        damaged[position] ^= 0x10
        #expect(throws: MalformedBytes.self) { try PersistBatch(decoding: damaged) }
        #expect(throws: MalformedBytes.self) { try Snapshot(decoding: damaged) }
      }
    }
  }
}
