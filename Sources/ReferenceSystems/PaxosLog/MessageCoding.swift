import ProtocolKit

extension Message {
  /// The message as bytes for a peer: a tag byte, then the fields in order, integers little-endian.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 64 + payloadByteCount)
    writer.write(tag)
    switch self {
    case .prepare(let prepare):
      writer.write(prepare.ballot)
      writer.write(prepare.firstSlot)
    case .promise(let promise):
      writer.write(promise.ballot)
      writer.write(promise.votes)
    case .behind(let behind):
      writer.write(behind.ballot)
      writer.write(behind.chosenThrough)
    case .accept(let accept): writer.write(accept)
    case .accepted(let accepted):
      writer.write(accepted.ballot)
      writer.write(accepted.firstSlot)
      writer.write(accepted.count)
    case .refused(let refused):
      writer.write(refused.ballot)
      writer.write(refused.promised)
    case .heartbeat(let heartbeat):
      writer.write(heartbeat.ballot)
      writer.write(heartbeat.chosenThrough)
      writer.write(heartbeat.round)
    case .heartbeatReply(let reply):
      writer.write(reply.ballot)
      writer.write(reply.round)
    case .chosen(let chosen):
      writer.write(chosen.ballot)
      writer.write(chosen.chosenThrough)
    case .catchUp(let request):
      writer.write(request.firstSlot)
      writer.write(request.snapshotThrough)
      writer.write(request.snapshotOffset)
    case .values(let values): writer.write(values)
    case .snapshot(let chunk):
      writer.write(chunk.through)
      writer.write(chunk.offset)
      writer.write(chunk.totalBytes)
      writer.write(chunk.bytes)
    case .forward(let commands):
      writer.write(UInt32(truncatingIfNeeded: commands.count))
      for command in commands { writer.write(command) }
    case .readRequest(let request): writer.write(request.id)
    case .readGrant(let grant):
      writer.write(grant.id)
      writer.write(grant.slot)
    }
    return writer.bytes
  }

  private var tag: UInt8 {
    switch self {
    case .prepare: 1
    case .promise: 2
    case .behind: 3
    case .accept: 4
    case .accepted: 5
    case .refused: 6
    case .heartbeat: 7
    case .heartbeatReply: 8
    case .chosen: 9
    case .catchUp: 10
    case .values: 11
    case .snapshot: 12
    case .forward: 13
    case .readRequest: 14
    case .readGrant: 15
    }
  }

  private var payloadByteCount: Int {
    switch self {
    case .promise(let promise): promise.votes.reduce(0) { $0 + $1.byteCount }
    case .accept(let accept): accept.values.reduce(0) { $0 + $1.byteCount }
    case .values(let values): values.proposals.reduce(0) { $0 + $1.value.byteCount + 16 }
    case .forward(let commands): commands.reduce(0) { $0 + $1.action.byteCount + 32 }
    case .snapshot(let chunk): chunk.bytes.count
    default: 0
    }
  }

  /// Reads a message from a peer.
  /// - Throws: ``MalformedBytes``; no input traps.
  public init(decoding bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    self = try reader.readMessage()
    try reader.finish()
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ accept: Accept) {
    write(accept.ballot)
    write(accept.firstSlot)
    write(accept.chosenThrough)
    write(UInt32(truncatingIfNeeded: accept.values.count))
    for value in accept.values { write(value) }
  }

  fileprivate mutating func write(_ values: ChosenValues) {
    write(values.firstSlot)
    write(values.chosenThrough)
    write(UInt32(truncatingIfNeeded: values.proposals.count))
    for proposal in values.proposals { write(proposal) }
  }
}

extension ByteReader {
  fileprivate mutating func readMessage() throws -> Message {
    switch try read(UInt8.self) {
    case 1: .prepare(Prepare(ballot: try readBallot(), firstSlot: try readCounter()))
    case 2: .promise(Promise(ballot: try readBallot(), votes: try readVotes()))
    case 3: .behind(Behind(ballot: try readBallot(), chosenThrough: try readCounter()))
    case 4: .accept(try readAccept())
    case 5:
      .accepted(Accepted(ballot: try readBallot(), firstSlot: try readCounter(), count: try readCounter()))
    case 6: .refused(Refused(ballot: try readBallot(), promised: try readBallot()))
    case 7:
      .heartbeat(Heartbeat(ballot: try readBallot(), chosenThrough: try readCounter(), round: try readCounter()))
    case 8: .heartbeatReply(HeartbeatReply(ballot: try readBallot(), round: try readCounter()))
    case 9: .chosen(Chosen(ballot: try readBallot(), chosenThrough: try readCounter()))
    case 10:
      .catchUp(
        CatchUp(firstSlot: try readCounter(), snapshotThrough: try readCounter(), snapshotOffset: try readCounter()))
    case 11: .values(try readValues())
    case 12:
      .snapshot(
        SnapshotChunk(
          through: try readCounter(), offset: try readCounter(), totalBytes: try readCounter(),
          bytes: try readBytes()))
    case 13: .forward(try readCommands())
    case 14: .readRequest(ReadRequest(id: try read(UInt64.self)))
    case 15: .readGrant(ReadGrant(id: try read(UInt64.self), slot: try readCounter()))
    case let tag: throw malformed("a message's tag of 1…15, not \(tag)")
    }
  }

  private mutating func readAccept() throws -> Accept {
    let ballot = try readBallot()
    let firstSlot = try readCounter()
    let chosenThrough = try readCounter()
    var values: [Value] = []
    for _ in 0..<(try readCount(bytesMin: 1)) { values.append(try readValue()) }
    return Accept(ballot: ballot, firstSlot: firstSlot, values: values, chosenThrough: chosenThrough)
  }

  private mutating func readValues() throws -> ChosenValues {
    let firstSlot = try readCounter()
    let chosenThrough = try readCounter()
    var proposals: [Proposal] = []
    for _ in 0..<(try readCount(bytesMin: 13)) { proposals.append(try readProposal()) }
    return ChosenValues(firstSlot: firstSlot, proposals: proposals, chosenThrough: chosenThrough)
  }

  private mutating func readCommands() throws -> [Command] {
    var commands: [Command] = []
    for _ in 0..<(try readCount(bytesMin: 25)) { commands.append(try readCommand()) }
    return commands
  }
}
