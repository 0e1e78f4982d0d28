import ProtocolKit

extension PersistBatch {
  /// The batch as one record of the write-ahead log, with a checksum, so that a damaged record is never taken for another.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 256)
    writer.write(sequence)
    writer.write(life)
    writer.write((isWhole ? 1 : 0) as UInt8)
    writer.write(objects) {
      $0.write($1.key)
      $0.write($1.object)
    }
    writer.write(hints) {
      $0.write($1.target)
      $0.write($1.key)
      $0.write($1.object)
    }
    return writer.sealed()
  }

  /// Reads a record of the write-ahead log.
  /// - Throws: `MalformedBytes`; no input traps.
  public init(decoding bytes: [UInt8]) throws {
    var reader = try ByteReader(sealed: bytes)
    sequence = try reader.readCounter()
    life = try reader.read(UInt32.self)
    isWhole = try reader.readFlag()
    objects = try reader.readArray(bytesMin: 14) { StoredObject(key: try $0.readKey(), object: try $0.readObject()) }
    hints = try reader.readArray(bytesMin: 10) {
      StoredHint(target: try $0.read(NodeID.self), key: try $0.readKey(), object: try $0.readOptionalObject())
    }
    try reader.finish()
    guard objects.allSatisfy({ $0.key.kind == $0.object.kind }),
      hints.allSatisfy({ $0.object.map(\.kind) ?? $0.key.kind == $0.key.kind })
    else { throw reader.malformed("objects of their keys' types") }
  }
}
