import ProtocolKit

extension PersistBatch {
  /// The batch as one record of the write-ahead log, with a checksum.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 64 + changes.reduce(0) { $0 + $1.records.reduce(128) { $0 + $1.byteCount } })
    writer.write(sequence)
    writer.write(lives)
    writer.write(snapshot)
    writer.write(flag: isWhole)
    writer.write(all: changes)
    return writer.sealed()
  }

  /// Reads a record of the write-ahead log.
  /// - Throws: ``MalformedBytes``; no input traps.
  public init(decoding bytes: [UInt8]) throws {
    var reader = try ByteReader(sealed: bytes)
    self.init(
      sequence: try reader.readCounter(), lives: try reader.read(UInt32.self), snapshot: try reader.readCounter(),
      isWhole: try reader.readFlag(), changes: try reader.readAll())
    try reader.finish()
  }
}

extension PartitionChange: Coded {
  static let bytesMin = 60

  func write(to writer: inout ByteWriter) {
    writer.write(partition)
    writer.write(state)
    writer.write(highWatermark)
    writer.write(optional: base)
    writer.write(from)
    writer.write(all: records)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      partition: try reader.read(), state: try reader.read(), highWatermark: try reader.readCounter(),
      base: try reader.readOptional(), from: try reader.readCounter(), records: try reader.readAll())
    guard base.map({ $0.machine.kind == partition.kind }) ?? true else { throw reader.malformed("a base of its kind") }
  }
}

extension PartitionSnapshot: Coded {
  static let bytesMin = 80

  func write(to writer: inout ByteWriter) {
    writer.write(partition)
    writer.write(state)
    writer.write(highWatermark)
    writer.write(base)
    writer.write(all: records)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      partition: try reader.read(), state: try reader.read(), highWatermark: try reader.readCounter(),
      base: try reader.read(), records: try reader.readAll())
    guard base.machine.kind == partition.kind else { throw reader.malformed("a base of its kind") }
  }
}

extension Snapshot {
  private static let version: UInt8 = 1

  /// The snapshot as a file, with a checksum.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: byteCount)
    writer.write(Self.version)
    writer.write(number)
    writer.write(lives)
    writer.write(all: partitions)
    return writer.sealed()
  }

  /// Reads a file.
  /// - Throws: ``MalformedBytes`` when the bytes are damaged or of another version; no input traps.
  public init(decoding bytes: [UInt8]) throws {
    var reader = try ByteReader(sealed: bytes)
    guard try reader.read(UInt8.self) == Self.version else { throw reader.malformed("version \(Self.version)") }
    self.init(
      number: try reader.readCounter(), lives: try reader.read(UInt32.self), partitions: try reader.readAll())
    try reader.finish()
  }
}
