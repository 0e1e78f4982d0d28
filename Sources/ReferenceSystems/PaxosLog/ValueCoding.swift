import ProtocolKit

// How ballots, commands and votes look on the wire and on disk: a tag byte where there is a choice, then the fields in
// order.
//
// A log outlives the program that wrote it: a tag keeps its meaning and its layout for ever, and what is new gets a new
// one.

extension ByteWriter {
  mutating func write(_ ballot: Ballot) {
    write(ballot.round)
    write(ballot.node)
  }

  mutating func write(_ command: Command) {
    switch command.action {
    case .append(let log, let value):
      write(1 as UInt8)
      write(command.id)
      write(log)
      write(value)
    case .write(let key, let value):
      write(2 as UInt8)
      write(command.id)
      write(key)
      write(value)
    case .cas(let key, let from, let to):
      write((from == nil ? 3 : 4) as UInt8)
      write(command.id)
      write(key)
      if let from { write(from) }
      write(to)
    }
  }

  mutating func write(_ id: CommandID) {
    write(id.client)
    write(id.sequence)
  }

  mutating func write(_ value: Value) {
    switch value {
    case .noop: write(0 as UInt8)
    case .command(let command): write(command)
    }
  }

  mutating func write(_ proposal: Proposal) {
    write(proposal.ballot)
    write(proposal.value)
  }

  mutating func write(_ votes: [Vote]) {
    write(UInt32(truncatingIfNeeded: votes.count))
    for vote in votes {
      write(vote.slot)
      write(vote.proposal)
    }
  }
}

extension ByteReader {
  mutating func readBallot() throws -> Ballot { Ballot(round: try readCounter(), node: try read(UInt32.self)) }

  /// The number of elements of `bytesMin` bytes at least: one that cannot fit must not reserve memory.
  mutating func readCount(bytesMin: Int) throws -> Int {
    let count = Int(try read(UInt32.self))
    guard count <= remaining / bytesMin else { throw malformed("\(count) elements in \(remaining) bytes") }
    return count
  }

  private mutating func readCommandID() throws -> CommandID {
    CommandID(client: try read(UInt64.self), sequence: try readCounter())
  }

  mutating func readValue() throws -> Value {
    let tag = try read(UInt8.self)
    if tag == 0 { return .noop }
    guard tag <= 4 else { throw malformed("a value's tag of 0…4, not \(tag)") }
    let id = try readCommandID()
    let action: Action =
      switch tag {
      case 1: .append(log: try readBytes(), value: try readBytes())
      case 2: .write(key: try readBytes(), value: try readBytes())
      case 3: .cas(key: try readBytes(), from: nil, to: try readBytes())
      default: .cas(key: try readBytes(), from: try readBytes(), to: try readBytes())
      }
    return .command(Command(id: id, action: action))
  }

  mutating func readCommand() throws -> Command {
    guard case .command(let command) = try readValue() else { throw malformed("a command, not a no-op") }
    return command
  }

  mutating func readProposal() throws -> Proposal { Proposal(ballot: try readBallot(), value: try readValue()) }

  /// Ascending by slot, so that each set of votes has one encoding.
  mutating func readVotes() throws -> [Vote] {
    let count = try readCount(bytesMin: 21)
    var votes: [Vote] = []
    votes.reserveCapacity(count)
    for _ in 0..<count {
      let slot = try readCounter()
      guard slot > votes.last?.slot ?? 0 else { throw malformed("a slot above \(votes.last?.slot ?? 0), not \(slot)") }
      votes.append(Vote(slot: slot, proposal: try readProposal()))
    }
    return votes
  }
}
