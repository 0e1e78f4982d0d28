import SimulationKit
import ProtocolKit
import Testing

@testable import PaxosLog

@Suite struct CodingTests {
  static let ballot = Ballot(round: 1 << 40, node: 3)
  static let commands: [Command] = [
    command(1), Command(id: CommandID(client: .max, sequence: 9), action: .write(key: [], value: [0, 255])),
    Command(id: CommandID(client: 0, sequence: 1), action: .cas(key: [1], from: nil, to: [2])),
    Command(
      id: CommandID(client: 0, sequence: 2), action: .cas(key: [1], from: [], to: Array(repeating: 7, count: 90))),
  ]
  static let values: [Value] = [.noop] + commands.map { .command($0) }
  static let votes = values.enumerated().map {
    Vote(slot: Slot($0) * 3 + 1, proposal: Proposal(ballot: ballot, value: $1))
  }

  static let messages: [Message] = [
    .prepare(Prepare(ballot: ballot, firstSlot: 7)),
    .promise(Promise(ballot: ballot, votes: votes)),
    .promise(Promise(ballot: ballot, votes: [])),
    .behind(Behind(ballot: ballot, chosenThrough: 9)),
    .accept(Accept(ballot: ballot, firstSlot: 4, values: values, chosenThrough: 3)),
    .accepted(Accepted(ballot: ballot, firstSlot: 4, count: 5)),
    .refused(Refused(ballot: ballot, promised: Ballot(round: 2, node: 1))),
    .heartbeat(Heartbeat(ballot: ballot, chosenThrough: 1, round: 2)),
    .heartbeatReply(HeartbeatReply(ballot: ballot, round: 2)),
    .chosen(Chosen(ballot: ballot, chosenThrough: 77)),
    .catchUp(CatchUp(firstSlot: 1, snapshotThrough: 2, snapshotOffset: 3)),
    .values(ChosenValues(firstSlot: 2, proposals: votes.map(\.proposal), chosenThrough: 9)),
    .snapshot(SnapshotChunk(through: 1, offset: 2, totalBytes: 3, bytes: [4, 5, 6])),
    .forward(commands),
    .readRequest(ReadRequest(id: .max)),
    .readGrant(ReadGrant(id: 1, slot: 2)),
  ]

  static let batches = [
    PersistBatch(sequence: 1, state: AcceptorState(promised: ballot, lives: 4), votes: [], chosenThrough: 0),
    PersistBatch(sequence: 2, state: nil, votes: votes, chosenThrough: 8),
    PersistBatch(sequence: 3, state: AcceptorState(), votes: votes, chosenThrough: 1, truncatedThrough: 0),
    PersistBatch(
      sequence: 4, state: AcceptorState(), votes: votes, chosenThrough: 1, truncatedThrough: 0, isWhole: true),
  ]

  @Test(arguments: messages) func aMessageSurvivesTheWire(message: Message) throws {
    #expect(try Message(decoding: message.encoded()) == message)
  }

  @Test(arguments: messages) func aShortenedMessageIsRefused(message: Message) {
    let bytes = message.encoded()
    for length in bytes.indices {
      #expect(throws: MalformedBytes.self) { try Message(decoding: Array(bytes.prefix(length))) }
    }
    #expect(throws: MalformedBytes.self) { try Message(decoding: bytes + [0]) }
  }

  /// Whatever arrives, decoding ends with another message or an error.
  @Test(arguments: messages) func aDamagedMessageDoesNotTrap(message: Message) {
    forEachDamage(of: message.encoded()) { damaged in
      if let decoded = try? Message(decoding: damaged) { #expect(decoded != message) }
    }
  }

  @Test(arguments: batches) func aBatchSurvivesTheDisk(batch: PersistBatch) throws {
    #expect(try PersistBatch(decoding: batch.encoded()) == batch)
  }

  /// The disk's damage is never a value.
  @Test(arguments: batches) func aDamagedBatchIsRefused(batch: PersistBatch) {
    let bytes = batch.encoded()
    for length in bytes.indices {
      #expect(throws: MalformedBytes.self) { try PersistBatch(decoding: Array(bytes.prefix(length))) }
    }
    forEachDamage(of: bytes) { damaged in
      #expect(throws: MalformedBytes.self) { try PersistBatch(decoding: damaged) }
    }
  }

  @Test func aDamagedSnapshotIsRefused() throws {
    var machine = StateMachine(SessionLimits())
    for (position, command) in Self.commands.enumerated() { _ = machine.apply(command, at: Slot(position) + 1) }
    let snapshot = Snapshot(of: machine, through: 4)
    #expect(try Snapshot(decoding: snapshot.bytes) == snapshot)
    for length in snapshot.bytes.indices {
      let cut = Snapshot(through: 4, bytes: Array(snapshot.bytes.prefix(length)))
      #expect(throws: MalformedBytes.self) { try cut.contents() }
    }
    forEachDamage(of: snapshot.bytes) { damaged in
      #expect(throws: MalformedBytes.self) { try Snapshot(decoding: damaged) }
      #expect(throws: MalformedBytes.self) { try Snapshot(through: 4, bytes: damaged).contents() }
    }
    #expect(throws: MalformedBytes.self) { try Snapshot(through: 5, bytes: snapshot.bytes).contents() }
  }

  /// Random bytes behind a good checksum: the layout itself is checked too.
  @Test func nonsenseWithAGoodChecksumDoesNotTrap() {
    var random = RandomSource(seed: 1, stream: 2)
    for _ in 0..<3_000 {
      var writer = ByteWriter(capacity: 64)
      for _ in 0..<random.next(below: 60) { writer.write(UInt8(random.next(below: 5))) }
      writer.writeChecksum()
      _ = try? PersistBatch(decoding: writer.bytes)
      _ = try? Snapshot(through: 0, bytes: [1] + writer.bytes).contents()
      _ = try? Snapshot(through: random.next(below: 3), bytes: writer.bytes).contents()
    }
  }

  @Test func numbersThatCouldOverflowAreRefused() {
    let message = Message.chosen(Chosen(ballot: Self.ballot, chosenThrough: 1 << 62))
    #expect(throws: MalformedBytes.self) { try Message(decoding: message.encoded()) }
  }

  /// A record byte by byte: logs outlive programs.
  @Test func theLayoutOfRecordsIsFixed() throws {
    let vote = Vote(slot: 5, proposal: Proposal(ballot: Ballot(round: 2, node: 3), value: .command(command(9))))
    let batch = PersistBatch(
      sequence: 6, state: AcceptorState(promised: Ballot(round: 2, node: 3), lives: 1), votes: [vote], chosenThrough: 4)
    func long(_ number: UInt8) -> [UInt8] { [number, 0, 0, 0, 0, 0, 0, 0] }
    func short(_ number: UInt8) -> [UInt8] { [number, 0, 0, 0] }
    let state = [1] + long(2) + short(3) + short(1)
    let value = [1] + long(7) + long(1) + short(1) + [0] + short(1) + [9]
    let votes = short(1) + long(5) + long(2) + short(3) + value
    #expect(Array(batch.encoded().dropLast(8)) == long(6) + state + votes + long(4) + [0, 0])
  }

  private func forEachDamage(of bytes: [UInt8], _ check: ([UInt8]) -> Void) {
    for position in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[position] ^= 1 << bit
        check(damaged)
      }
    }
  }
}
