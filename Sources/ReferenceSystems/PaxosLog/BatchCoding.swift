import ProtocolKit

extension PersistBatch {
  /// The batch as one record of the write-ahead log: sequence, state, votes, what is chosen, truncation, whether it is
  /// whole, and a checksum of all that, so that a damaged record is never taken for another.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 96 + votes.reduce(0) { $0 + $1.byteCount })
    writer.write(sequence)
    writer.write((state == nil ? 0 : 1) as UInt8)
    if let state {
      writer.write(state.promised)
      writer.write(state.lives)
    }
    writer.write(votes)
    writer.write(chosenThrough)
    writer.write((truncatedThrough == nil ? 0 : 1) as UInt8)
    if let truncatedThrough { writer.write(truncatedThrough) }
    writer.write((isWhole ? 1 : 0) as UInt8)
    writer.writeChecksum()
    return writer.bytes
  }

  /// Reads a record of the write-ahead log.
  /// - Throws: ``MalformedBytes``; no input traps.
  public init(decoding bytes: [UInt8]) throws {
    var reader = try ByteReader(checked: bytes)
    let sequence = try reader.readCounter()
    let state =
      try reader.readFlag()
      ? AcceptorState(promised: try reader.readBallot(), lives: try reader.read(UInt32.self)) : nil
    let votes = try reader.readVotes()
    let chosenThrough = try reader.readCounter()
    let truncatedThrough = try reader.readFlag() ? try reader.readCounter() : nil
    let isWhole = try reader.readFlag()
    try reader.finish()
    self.init(
      sequence: sequence, state: state, votes: votes, chosenThrough: chosenThrough, truncatedThrough: truncatedThrough,
      isWhole: isWhole)
  }
}

extension ByteWriter {
  /// Ends the bytes with a digest of all before.
  mutating func writeChecksum() {
    var digest = Digest()
    digest.fold(bytes)
    write(digest.value)
  }
}

extension ByteReader {
  /// Reads bytes that end with their checksum.
  /// - Throws: ``MalformedBytes`` when it does not fit.
  init(checked bytes: [UInt8]) throws {
    var tail = ByteReader(Array(bytes.suffix(8)))
    let checksum = try tail.read(UInt64.self)
    let content = Array(bytes.dropLast(8))
    var digest = Digest()
    digest.fold(content)
    guard digest.value == checksum else { throw tail.malformed("the checksum of \(content.count) bytes before") }
    self.init(content)
  }
}
