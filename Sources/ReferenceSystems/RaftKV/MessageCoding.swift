import ProtocolKit

extension Message {
  /// The message as bytes for a peer: a tag byte, then the fields in order, integers little-endian.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 64 + payloadByteCount)
    switch self {
    case .preVote(let request): writer.write(request, tag: 1)
    case .preVoteReply(let reply): writer.write(reply, tag: 2)
    case .requestVote(let request): writer.write(request, tag: 3)
    case .voteReply(let reply): writer.write(reply, tag: 4)
    case .appendEntries(let append): writer.write(append)
    case .appendReply(let reply): writer.write(reply)
    case .heartbeat(let heartbeat):
      writer.write(7 as UInt8)
      writer.write(heartbeat.term)
      writer.write(heartbeat.commit)
      writer.write(heartbeat.round)
    case .heartbeatReply(let reply):
      writer.write(8 as UInt8)
      writer.write(reply.term)
      writer.write(reply.round)
    case .forward(let forward):
      writer.write(9 as UInt8)
      writer.write(forward.term)
      writer.write(forward.id)
      writer.write(forward.operation)
    case .forwardReply(let reply):
      writer.write(10 as UInt8)
      writer.write(reply.id)
      writer.write(reply.outcome)
    case .installSnapshot(let install): writer.write(install)
    case .installSnapshotReply(let reply):
      writer.write(12 as UInt8)
      writer.write(reply.term)
      writer.write(reply.lastIncludedIndex)
      writer.write(reply.offset)
    }
    return writer.bytes
  }

  private var payloadByteCount: Int {
    switch self {
    case .appendEntries(let append): append.entries.reduce(0) { $0 + $1.byteCount }
    case .installSnapshot(let install): install.data.count
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
  fileprivate mutating func write(_ request: VoteRequest, tag: UInt8) {
    write(tag)
    write(request.term)
    write(request.lastLogIndex)
    write(request.lastLogTerm)
  }

  fileprivate mutating func write(_ reply: VoteReply, tag: UInt8) {
    write(tag)
    write(reply.term)
    write((reply.granted ? 1 : 0) as UInt8)
  }

  fileprivate mutating func write(_ append: AppendEntries) {
    write(5 as UInt8)
    write(append.term)
    write(append.prevLogIndex)
    write(append.prevLogTerm)
    write(append.leaderCommit)
    write(append.entries)
  }

  fileprivate mutating func write(_ install: InstallSnapshot) {
    write(11 as UInt8)
    write(install.term)
    write(install.lastIncludedIndex)
    write(install.lastIncludedTerm)
    write(install.offset)
    write(install.data)
    write((install.done ? 1 : 0) as UInt8)
  }

  fileprivate mutating func write(_ reply: AppendReply) {
    write(6 as UInt8)
    write(reply.term)
    switch reply.result {
    case .matched(let matchIndex):
      write(0 as UInt8)
      write(matchIndex)
    case .conflict(let prevLogIndex, let conflictTerm, let conflictIndex):
      write(1 as UInt8)
      write(prevLogIndex)
      write(conflictTerm)
      write(conflictIndex)
    case .staleTerm:
      write(2 as UInt8)
    }
  }
}

extension ByteReader {
  fileprivate mutating func readMessage() throws -> Message {
    switch try read(UInt8.self) {
    case 1: return .preVote(try readVoteRequest())
    case 2: return .preVoteReply(try readVoteReply())
    case 3: return .requestVote(try readVoteRequest())
    case 4: return .voteReply(try readVoteReply())
    case 5: return .appendEntries(try readAppend())
    case 6: return .appendReply(try readAppendReply())
    case 7:
      return .heartbeat(
        Heartbeat(term: try readCounter(), commit: try readCounter(), round: try readCounter()))
    case 8: return .heartbeatReply(HeartbeatReply(term: try readCounter(), round: try readCounter()))
    case 9:
      return .forward(Forward(term: try readCounter(), id: try read(UInt64.self), operation: try readOperation()))
    case 10: return .forwardReply(ForwardReply(id: try read(UInt64.self), outcome: try readOutcome()))
    case 11: return .installSnapshot(try readInstallSnapshot())
    case 12:
      return .installSnapshotReply(
        InstallSnapshotReply(
          term: try readCounter(), lastIncludedIndex: try readCounter(), offset: try readCounter()))
    case let tag: throw malformed("a message's tag of 1…12, not \(tag)")
    }
  }

  private mutating func readVoteRequest() throws -> VoteRequest {
    VoteRequest(term: try readCounter(), lastLogIndex: try readCounter(), lastLogTerm: try readCounter())
  }

  private mutating func readVoteReply() throws -> VoteReply {
    VoteReply(term: try readCounter(), granted: try readFlag())
  }

  private mutating func readAppend() throws -> AppendEntries {
    let term = try readCounter()
    let prevLogIndex = try readCounter()
    let prevLogTerm = try readCounter()
    let leaderCommit = try readCounter()
    let entries = try readEntries()
    return AppendEntries(
      term: term, prevLogIndex: prevLogIndex, prevLogTerm: prevLogTerm, entries: entries, leaderCommit: leaderCommit)
  }

  private mutating func readInstallSnapshot() throws -> InstallSnapshot {
    let term = try readCounter()
    let lastIncludedIndex = try readCounter()
    let lastIncludedTerm = try readCounter()
    let offset = try readCounter()
    let data = try readBytes()
    return InstallSnapshot(
      term: term, lastIncludedIndex: lastIncludedIndex, lastIncludedTerm: lastIncludedTerm, offset: offset, data: data,
      done: try readFlag())
  }

  private mutating func readAppendReply() throws -> AppendReply {
    let term = try readCounter()
    switch try read(UInt8.self) {
    case 0: return AppendReply(term: term, result: .matched(matchIndex: try readCounter()))
    case 1:
      let prevLogIndex = try readCounter()
      let conflictTerm = try readCounter()
      let conflictIndex = try readCounter()
      return AppendReply(
        term: term,
        result: .conflict(prevLogIndex: prevLogIndex, conflictTerm: conflictTerm, conflictIndex: conflictIndex))
    case 2: return AppendReply(term: term, result: .staleTerm)
    case let tag: throw malformed("a result's tag of 0…2, not \(tag)")
    }
  }
}

extension PersistBatch {
  /// The batch as one record of the write-ahead log: sequence, flags, hard state, suffix; 2 in the place of the suffix's
  /// flag says that the log's base stands before it.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 64 + (suffix?.entries.reduce(0) { $0 + $1.byteCount } ?? 0))
    writer.write(sequence)
    writer.write((hardState == nil ? 0 : 1) as UInt8)
    if let hardState {
      writer.write(hardState.currentTerm)
      writer.write((hardState.votedFor == nil ? 0 : 1) as UInt8)
      writer.write(hardState.votedFor ?? 0)
      writer.write(hardState.lives)
    }
    writer.write((base != nil ? 2 : suffix == nil ? 0 : 1) as UInt8)
    if let base {
      writer.write(base.index)
      writer.write(base.term)
    }
    if let suffix = suffix ?? base.map({ Suffix(firstIndex: $0.index + 1, entries: []) }) {
      writer.write(suffix.firstIndex)
      writer.write(suffix.entries)
    }
    return writer.bytes
  }

  /// Reads a record of the write-ahead log.
  /// - Throws: ``MalformedBytes``; no input traps.
  public init(decoding bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    let sequence = try reader.readCounter()
    let hardState = try reader.readFlag() ? try reader.readHardState() : nil
    let kind = try reader.read(UInt8.self)
    guard kind <= 2 else { throw reader.malformed("a suffix's tag of 0…2, not \(kind)") }
    let base = kind == 2 ? Base(index: try reader.readCounter(), term: try reader.readCounter()) : nil
    let suffix = kind == 0 ? nil : try reader.readSuffix()
    try reader.finish()
    self.init(sequence: sequence, hardState: hardState, base: base, suffix: suffix)
  }
}

extension ByteReader {
  fileprivate mutating func readHardState() throws -> HardState {
    let currentTerm = try readCounter()
    let hasVoted = try readFlag()
    let vote = try read(UInt32.self)
    return HardState(currentTerm: currentTerm, votedFor: hasVoted ? vote : nil, lives: try read(UInt32.self))
  }

  fileprivate mutating func readSuffix() throws -> PersistBatch.Suffix {
    PersistBatch.Suffix(firstIndex: try readCounter(), entries: try readEntries())
  }
}
