import ProtocolKit
import RaftKV
import Testing

@Suite struct CodingTests {
  static let transaction = Transaction(
    [
      .read(key: [1]), .write(key: [2], value: [3]), .append(key: [4], element: []), .add(key: [5], amount: -2),
      .atLeast(key: [6], amount: .max),
    ], unchangedSince: 9)

  static let messages: [Message] = [
    .preVote(VoteRequest(term: 1, lastLogIndex: 2, lastLogTerm: 3)),
    .preVoteReply(VoteReply(term: 4, granted: true)),
    .requestVote(VoteRequest(term: 5, lastLogIndex: 1 << 40, lastLogTerm: 7)),
    .voteReply(VoteReply(term: 8, granted: false)),
    .appendEntries(
      AppendEntries(
        term: 9, prevLogIndex: 10, prevLogTerm: 11,
        entries: [
          Entry(term: 1, payload: .noop), Entry(term: 2, payload: .command(.put(key: [], value: [0, 255]))),
          Entry(term: 3, payload: .command(.cas(key: [1], from: nil, to: [2]))),
          Entry(term: 3, payload: .command(.cas(key: [1], from: [], to: Array(repeating: 7, count: 300)))),
          Entry(term: 4, payload: .command(.transaction(Transaction([.read(key: [5])])))),
          Entry(term: 4, payload: .configuration(Membership([1, 3, 5]))),
          Entry(term: 4, payload: .command(.put(key: [1], value: [2]), id: CommandID(client: .max, sequence: 3))),
        ], leaderCommit: 12)),
    .appendReply(AppendReply(term: 1, result: .matched(matchIndex: 2))),
    .appendReply(AppendReply(term: 1, result: .conflict(prevLogIndex: 2, conflictTerm: 3, conflictIndex: 4))),
    .appendReply(AppendReply(term: 1, result: .staleTerm)),
    .heartbeat(Heartbeat(term: 1, commit: 2, round: 3)),
    .heartbeatReply(HeartbeatReply(term: 1, round: 2)),
    .forward(Forward(term: 1, id: .max, operation: .get(key: [1, 2]))),
    .forward(Forward(term: 1, id: 3, operation: .write(.put(key: [1], value: [2])))),
    .forward(Forward(term: 1, id: 4, operation: .write(.transaction(transaction)))),
    .forward(
      Forward(term: 1, id: 5, operation: .write(.put(key: [1], value: [2]), id: CommandID(client: 1, sequence: 7)))),
    .forwardReply(ForwardReply(id: 1, outcome: .value([1]))),
    .forwardReply(ForwardReply(id: 1, outcome: .forgotten)),
    .forward(Forward(term: 1, id: 6, operation: .changeMembers(.add(7)))),
    .forward(Forward(term: 1, id: 6, operation: .changeMembers(.remove(7)))),
    .forwardReply(ForwardReply(id: 1, outcome: .changeRefused(.notCaughtUp))),
    .installSnapshot(
      InstallSnapshot(term: 2, lastIncludedIndex: 9, lastIncludedTerm: 1, offset: 4, data: [1, 2, 3], done: true)),
    .installSnapshotReply(InstallSnapshotReply(term: 2, lastIncludedIndex: 9, offset: 7)),
    .forwardReply(ForwardReply(id: 1, outcome: .list([[1], []]))),
    .forwardReply(ForwardReply(id: 1, outcome: .committed([nil, .register([1, 2]), .list([[3], [4]])]))),
    .forwardReply(ForwardReply(id: 1, outcome: .aborted(.conflict))),
    .forwardReply(ForwardReply(id: 1, outcome: .unknown)),
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

  /// Whatever arrives, decoding ends with a message or an error.
  @Test(arguments: messages) func aDamagedMessageDoesNotTrap(message: Message) {
    let bytes = message.encoded()
    for position in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[position] ^= 1 << bit
        if let decoded = try? Message(decoding: damaged) { #expect(decoded != message) }
      }
    }
  }

  @Test func numbersThatCouldOverflowAreRefused() {
    let message = Message.heartbeat(Heartbeat(term: 1 << 62, commit: 0, round: 0))
    #expect(throws: MalformedBytes.self) { try Message(decoding: message.encoded()) }
  }

  @Test func batchesSurviveTheDisk() throws {
    let entry = Entry(term: 3, payload: .command(.put(key: [1], value: [2])))
    let batches = [
      PersistBatch(sequence: 1, hardState: HardState(currentTerm: 3, votedFor: 2, lives: 4), suffix: nil),
      PersistBatch(sequence: 2, hardState: nil, suffix: PersistBatch.Suffix(firstIndex: 5, entries: [entry])),
      PersistBatch(
        sequence: 3, hardState: HardState(currentTerm: 1), suffix: PersistBatch.Suffix(firstIndex: 1, entries: [])),
      PersistBatch(
        sequence: 4, hardState: HardState(currentTerm: 3, lives: 1), base: PersistBatch.Base(index: 8, term: 3),
        suffix: PersistBatch.Suffix(firstIndex: 9, entries: [entry])),
    ]
    for batch in batches { #expect(try PersistBatch(decoding: batch.encoded()) == batch) }
  }

  @Test func aGapInTheRecordsIsNoticed() {
    var state = RecoveredState()
    let suffix = PersistBatch.Suffix(firstIndex: 2, entries: [])
    #expect(throws: RecoveredState.Gap.self) {
      try state.replay(PersistBatch(sequence: 1, hardState: nil, suffix: suffix))
    }
  }

  /// A record as the first version of this program wrote it, byte by byte: logs outlive programs.
  @Test func theFirstRecordsAreStillRead() throws {
    let header: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0] + [0, 1] + [5, 0, 0, 0, 0, 0, 0, 0] + [4, 0, 0, 0]
    let noop: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 0]
    let term: [UInt8] = [3, 0, 0, 0, 0, 0, 0, 0]
    let put = term + [1, 1, 0, 0, 0, 65, 2, 0, 0, 0, 49, 50]
    let create = term + [2, 1, 0, 0, 0, 65, 1, 0, 0, 0, 51]
    let swap = term + [3, 1, 0, 0, 0, 65, 1, 0, 0, 0, 51, 1, 0, 0, 0, 52]
    let batch = try PersistBatch(decoding: header + noop + put + create + swap)
    let commands: [Command] = [
      .put(key: [65], value: [49, 50]), .cas(key: [65], from: nil, to: [51]), .cas(key: [65], from: [51], to: [52]),
    ]
    let entries = [Entry(term: 1, payload: .noop)] + commands.map { Entry(term: 3, payload: .command($0)) }
    let suffix = PersistBatch.Suffix(firstIndex: 5, entries: entries)
    #expect(batch == PersistBatch(sequence: 2, hardState: nil, suffix: suffix))
    #expect(batch.encoded() == header + noop + put + create + swap)
  }

  /// The layout of transactions is fixed from here on, and another one is refused instead of misread.
  @Test func transactionsHaveAFormat() throws {
    let header: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0] + [0, 1] + [1, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0]
    let term: [UInt8] = [3, 0, 0, 0, 0, 0, 0, 0]
    let steps: [UInt8] = [2, 0, 0, 0] + [0, 1, 0, 0, 0, 65] + [2, 1, 0, 0, 0, 66, 1, 0, 0, 0, 49]
    let batch = try PersistBatch(decoding: header + term + [4, 1, 0] + steps)
    let transaction = Transaction([.read(key: [65]), .append(key: [66], element: [49])])
    #expect(batch.suffix?.entries == [Entry(term: 3, payload: .command(.transaction(transaction)))])
    #expect(batch.encoded() == header + term + [4, 1, 0] + steps)
    #expect(throws: MalformedBytes.self) { try PersistBatch(decoding: header + term + [4, 2, 0] + steps) }
  }
}
