import ProtocolKit

// How a snapshot looks on disk and on the wire: a version, what it replaces, the configuration, then cells by key and
// sessions by client, both ascending, so that equal states have equal bytes; a checksum at the end.

private let snapshotVersion: UInt8 = 1

extension Snapshot {
  init(of contents: SnapshotContents) {
    var writer = ByteWriter(capacity: 4_096)
    writer.write(snapshotVersion)
    writer.write(contents.lastIncludedIndex)
    writer.write(contents.lastIncludedTerm)
    writer.write(contents.membership)
    writer.write(contents.machine.cells)
    writer.write(contents.machine.sessions)
    self.init(
      lastIncludedIndex: contents.lastIncludedIndex, lastIncludedTerm: contents.lastIncludedTerm, bytes: writer.sealed()
    )
  }
}

extension SnapshotContents {
  /// Reads a snapshot from a disk or a peer.
  /// - Parameter limits: those of this cluster's sessions.
  /// - Throws: `MalformedBytes` when the bytes are damaged or of another version; no input traps.
  public init(decoding bytes: [UInt8], _ limits: SessionLimits = SessionLimits()) throws {
    var reader = try ByteReader(sealed: bytes)
    let version = try reader.read(UInt8.self)
    guard version == snapshotVersion else {
      throw reader.malformed("a snapshot of version \(snapshotVersion), not \(version)")
    }
    let index = try reader.readCounter()
    let term = try reader.readCounter()
    let membership = try reader.readMembership()
    let machine = StateMachine(cells: try reader.readCells(), sessions: try reader.readSessions(limits))
    try reader.finish()
    self.init(
      lastIncludedIndex: index, lastIncludedTerm: term, membership: membership, machine: machine,
      of: Snapshot(lastIncludedIndex: index, lastIncludedTerm: term, bytes: bytes))
  }
}

extension ByteWriter {
  /// The voters, behind their number.
  mutating func write(_ membership: Membership) { write(membership.voters) { $0.write($1) } }

  fileprivate mutating func write(_ cells: [Bytes: Cell]) {
    write(UInt64(cells.count))
    for (key, cell) in cells.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      write(key)
      write(cell.modifiedAt)
      write(cell.value)
    }
  }

  fileprivate mutating func write(_ sessions: Sessions) {
    write(sessions.forgottenClientMax)
    write(UInt32(truncatingIfNeeded: sessions.byClient.count))
    for (client, session) in sessions.byClient.sorted(by: { $0.key < $1.key }) {
      write(client)
      write(session.sequence)
      write(session.lastIndex)
      write(session.outcome)
    }
  }
}

extension ByteReader {
  /// Voters ascend, so that each configuration has one encoding.
  mutating func readMembership() throws -> Membership {
    let voters = try readArray(bytesMin: 4) { try $0.read(NodeID.self) }
    guard !voters.isEmpty, zip(voters, voters.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw malformed("ascending numbers of one server or more")
    }
    return Membership(voters)
  }

  fileprivate mutating func readCells() throws -> [Bytes: Cell] {
    let count = try readCounter()
    // A cell takes at least the key's length, an index, a tag and the value's length.
    guard count <= remaining / 17 else { throw malformed("\(count) cells in \(remaining) bytes") }
    var cells: [Bytes: Cell] = [:]
    cells.reserveCapacity(Int(count))
    for _ in 0..<count {
      let key = try readBytes()
      let index = try readCounter()
      guard let value = try readStoredValue(), let cell = Cell(key: key, value, at: index) else {
        throw malformed("a register, or a list of one element or more")
      }
      cells[key] = cell
    }
    return cells
  }

  fileprivate mutating func readSessions(_ limits: SessionLimits) throws -> Sessions {
    var sessions = Sessions(limits, forgottenClientMax: try read(UInt64.self))
    for _ in 0..<(try readCount(bytesMin: 25)) {
      let id = CommandID(client: try read(UInt64.self), sequence: try read(UInt64.self))
      let index = try readCounter()
      sessions.record(id, try readOutcome(), at: index)
    }
    return sessions
  }
}
