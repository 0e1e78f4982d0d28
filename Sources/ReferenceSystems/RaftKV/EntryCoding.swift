import ProtocolKit

// How commands, entries and outcomes look on the wire and on disk: a tag byte, then the fields in order.
//
// A log outlives the program that wrote it: a tag keeps its meaning and its layout for ever, and what is new gets a new one.

extension ByteWriter {
  mutating func write(_ command: Command) {
    switch command {
    case .put(let key, let value):
      write(1 as UInt8)
      write(key)
      write(value)
    case .cas(let key, let from, let to):
      write((from == nil ? 2 : 3) as UInt8)
      write(key)
      if let from { write(from) }
      write(to)
    case .transaction(let transaction):
      write(4 as UInt8)
      write(transaction)
    }
  }

  mutating func write(_ entry: Entry) {
    write(entry.term)
    switch entry.payload {
    case .noop: write(0 as UInt8)
    case .command(let command, let id): write(command, id)
    case .configuration(let membership):
      write(6 as UInt8)
      write(membership)
    }
  }

  /// A name, if there is one, stands before its command, behind a tag of its own.
  private mutating func write(_ command: Command, _ id: CommandID?) {
    if let id {
      write(5 as UInt8)
      write(id.client)
      write(id.sequence)
    }
    write(command)
  }

  mutating func write(_ entries: [Entry]) {
    write(UInt32(truncatingIfNeeded: entries.count))
    for entry in entries { write(entry) }
  }

  mutating func write(_ operation: Operation) {
    switch operation {
    case .get(let key):
      write(0 as UInt8)
      write(key)
    case .write(let command, let id): write(command, id)
    case .changeMembers(let change):
      write(6 as UInt8)
      write(change == .add(change.node) ? 1 : 0 as UInt8)
      write(change.node)
    }
  }

  mutating func write(_ outcome: Outcome) {
    switch outcome {
    case .value(let value):
      write(0 as UInt8)
      write(value)
    case .written: write(1 as UInt8)
    case .notFound: write(2 as UInt8)
    case .compareFailed: write(3 as UInt8)
    case .noLeader: write(4 as UInt8)
    case .overloaded: write(5 as UInt8)
    case .unknown: write(6 as UInt8)
    case .list(let elements):
      write(7 as UInt8)
      write(elements: elements)
    case .committed(let reads):
      write(8 as UInt8)
      write(reads)
    case .aborted(let reason):
      write(9 as UInt8)
      write(reason.rawValue)
    case .forgotten: write(10 as UInt8)
    case .changeRefused(let reason):
      write(11 as UInt8)
      write(reason.rawValue)
    }
  }
}

extension ByteReader {
  /// The command whose tag was read already.
  private mutating func readCommand(tag: UInt8) throws -> Command {
    switch tag {
    case 1: return .put(key: try readBytes(), value: try readBytes())
    case 2: return .cas(key: try readBytes(), from: nil, to: try readBytes())
    case 3: return .cas(key: try readBytes(), from: try readBytes(), to: try readBytes())
    case 4: return .transaction(try readTransaction())
    default: throw malformed("a command's tag of 1…4, not \(tag)")
    }
  }

  /// A command and its name, if it has one; the tag was read already.
  private mutating func readNamedCommand(tag: UInt8) throws -> (Command, CommandID?) {
    guard tag == 5 else { return (try readCommand(tag: tag), nil) }
    let id = CommandID(client: try read(UInt64.self), sequence: try read(UInt64.self))
    return (try readCommand(tag: try read(UInt8.self)), id)
  }

  mutating func readEntry() throws -> Entry {
    let term = try readCounter()
    let tag = try read(UInt8.self)
    if tag == 0 { return Entry(term: term, payload: .noop) }
    if tag == 6 { return Entry(term: term, payload: .configuration(try readMembership())) }
    let (command, id) = try readNamedCommand(tag: tag)
    return Entry(term: term, payload: .command(command, id: id))
  }

  mutating func readEntries() throws -> [Entry] {
    let count = Int(try read(UInt32.self))
    // An entry takes nine bytes at least: a count that cannot fit must not reserve memory.
    guard count <= remaining / 9 else { throw malformed("\(count) entries in \(remaining) bytes") }
    var entries: [Entry] = []
    entries.reserveCapacity(count)
    for _ in 0..<count { entries.append(try readEntry()) }
    return entries
  }

  mutating func readOperation() throws -> Operation {
    let tag = try read(UInt8.self)
    if tag == 0 { return .get(key: try readBytes()) }
    if tag == 6 { return .changeMembers(try readMembershipChange()) }
    let (command, id) = try readNamedCommand(tag: tag)
    return .write(command, id: id)
  }

  private mutating func readMembershipChange() throws -> MembershipChange {
    let isAddition = try readFlag()
    let node = try read(NodeID.self)
    return isAddition ? .add(node) : .remove(node)
  }

  mutating func readOutcome() throws -> Outcome {
    switch try read(UInt8.self) {
    case 0: return .value(try readBytes())
    case 1: return .written
    case 2: return .notFound
    case 3: return .compareFailed
    case 4: return .noLeader
    case 5: return .overloaded
    case 6: return .unknown
    case 7: return .list(try readElements())
    case 8: return .committed(try readReads())
    case 9: return .aborted(try readAbortReason())
    case 10: return .forgotten
    case 11:
      let number = try read(UInt8.self)
      guard let reason = ChangeRefusal(rawValue: number) else { throw malformed("a refusal of 0…4, not \(number)") }
      return .changeRefused(reason)
    case let tag: throw malformed("an outcome's tag of 0…11, not \(tag)")
    }
  }
}
