import ProtocolKit

// How the state machine looks in a snapshot: a version, the slot, then logs, registers and sessions, each ascending by
// name, so that equal states have equal bytes; a checksum at the end.

extension Snapshot {
  private static let version: UInt8 = 2

  /// The state of a machine that has applied all slots up to `slot`.
  init(of machine: StateMachine, through slot: Slot) {
    var writer = ByteWriter(capacity: 4_096)
    writer.write(Self.version)
    writer.write(slot)
    writer.write(machine.logs)
    writer.write(machine.registers)
    writer.write(machine.sessions)
    writer.writeChecksum()
    self.init(through: slot, bytes: writer.bytes)
  }

  /// Reads what a file holds; ``contents()`` checks the rest.
  /// - Throws: ``MalformedBytes`` when the bytes are damaged or of another version; no input traps.
  public init(decoding bytes: [UInt8]) throws {
    var reader = try ByteReader(checked: bytes)
    guard try reader.read(UInt8.self) == Self.version else { throw reader.malformed("version \(Self.version)") }
    self.init(through: try reader.readCounter(), bytes: bytes)
  }

  /// Reads a snapshot from a file or a peer.
  /// - Throws: ``MalformedBytes`` when the bytes are damaged, of another version, or of another slot; no input traps.
  public func contents() throws -> StateMachine {
    var reader = try ByteReader(checked: bytes)
    guard try reader.read(UInt8.self) == Self.version else { throw reader.malformed("version \(Self.version)") }
    guard try reader.readCounter() == through else { throw reader.malformed("slot \(through)") }
    let logs = try reader.readLogs()
    let registers = try reader.readRegisters()
    let sessions = try reader.readSessions()
    try reader.finish()
    return StateMachine(logs: logs, registers: registers, sessions: sessions)
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ logs: [Bytes: [Bytes]]) {
    write(UInt32(truncatingIfNeeded: logs.count))
    for (name, values) in logs.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      write(name)
      write(UInt64(values.count))
      for value in values { write(value) }
    }
  }

  fileprivate mutating func write(_ registers: [Bytes: Bytes]) {
    write(UInt32(truncatingIfNeeded: registers.count))
    for (key, value) in registers.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      write(key)
      write(value)
    }
  }

  fileprivate mutating func write(_ sessions: Sessions) {
    write(UInt32(truncatingIfNeeded: sessions.limits.sessionsMax))
    write(sessions.limits.clientWindow)
    write(sessions.limits.nodeWindow)
    write(sessions.forgottenClientMax)
    write(UInt32(truncatingIfNeeded: sessions.clients.count))
    for (client, session) in sessions.clients.sorted(by: { $0.key < $1.key }) {
      write(client)
      write(session.highest)
      write(session.lastSlot)
      write(UInt32(truncatingIfNeeded: session.outcomes.count))
      for (sequence, outcome) in session.outcomes.sorted(by: { $0.key < $1.key }) {
        write(sequence)
        write(sessionOutcome: outcome)
      }
    }
  }

  /// Only updates are remembered, and only by what the first execution said.
  private mutating func write(sessionOutcome outcome: Outcome) {
    switch outcome {
    case .appended(let index):
      write(0 as UInt8)
      write(index)
    case .written: write(1 as UInt8)
    case .notFound: write(2 as UInt8)
    default: write(3 as UInt8)
    }
  }
}

extension ByteReader {
  fileprivate mutating func readLogs() throws -> [Bytes: [Bytes]] {
    var logs: [Bytes: [Bytes]] = [:]
    for _ in 0..<(try readCount(bytesMin: 12)) {
      let name = try readBytes()
      let count = try readCounter()
      guard count <= remaining / 4 else { throw malformed("\(count) entries in \(remaining) bytes") }
      var values: [Bytes] = []
      values.reserveCapacity(Int(count))
      for _ in 0..<count { values.append(try readBytes()) }
      logs[name] = values
    }
    return logs
  }

  fileprivate mutating func readRegisters() throws -> [Bytes: Bytes] {
    var registers: [Bytes: Bytes] = [:]
    for _ in 0..<(try readCount(bytesMin: 8)) { registers[try readBytes()] = try readBytes() }
    return registers
  }

  fileprivate mutating func readSessions() throws -> Sessions {
    var limits = SessionLimits()
    limits.sessionsMax = Int(try read(UInt32.self))
    limits.clientWindow = try readCounter()
    limits.nodeWindow = try readCounter()
    var sessions = Sessions(limits, forgottenClientMax: try read(UInt64.self))
    for _ in 0..<(try readCount(bytesMin: 28)) {
      let client = try read(UInt64.self)
      let highest = try readCounter()
      let lastSlot = try readCounter()
      var outcomes: [UInt64: Outcome] = [:]
      for _ in 0..<(try readCount(bytesMin: 9)) { outcomes[try readCounter()] = try readSessionOutcome() }
      sessions.restore(client, highest: highest, lastSlot: lastSlot, outcomes)
    }
    return sessions
  }

  private mutating func readSessionOutcome() throws -> Outcome {
    switch try read(UInt8.self) {
    case 0: .appended(index: try readCounter())
    case 1: .written
    case 2: .notFound
    case 3: .compareFailed
    case let tag: throw malformed("the tag of an outcome of 0…3, not \(tag)")
    }
  }
}
