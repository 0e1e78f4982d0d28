import ProtocolKit

// How things look on the wire and on disk: a tag byte where there is a choice, then the fields in order, integers
// little-endian.
//
// A log outlives the program that wrote it: a tag keeps its meaning and its layout for ever, and what is new gets a new one.

/// Something with one encoding.
protocol Coded {
  /// The least number of bytes of one, so that a count that cannot fit reserves no memory.
  static var bytesMin: Int { get }
  func write(to writer: inout ByteWriter)
  /// - Throws: ``MalformedBytes``; no input traps.
  init(from reader: inout ByteReader) throws
}

extension ByteWriter {
  mutating func write(_ value: some Coded) { value.write(to: &self) }

  mutating func write(all values: [some Coded]) {
    write(UInt32(truncatingIfNeeded: values.count))
    for value in values { value.write(to: &self) }
  }

  mutating func write(optional value: (some Coded)?) {
    write((value == nil ? 0 : 1) as UInt8)
    value?.write(to: &self)
  }

  mutating func write(flag: Bool) { write((flag ? 1 : 0) as UInt8) }
}

extension ByteReader {
  mutating func read<Value: Coded>(_ type: Value.Type = Value.self) throws -> Value { try Value(from: &self) }

  mutating func readAll<Value: Coded>(_ type: Value.Type = Value.self) throws -> [Value] {
    try readArray(bytesMin: Value.bytesMin) { try Value(from: &$0) }
  }

  mutating func readOptional<Value: Coded>(_ type: Value.Type = Value.self) throws -> Value? {
    try readFlag() ? Value(from: &self) : nil
  }
}

extension Ballot: Coded {
  static let bytesMin = 12

  func write(to writer: inout ByteWriter) {
    writer.write(round)
    writer.write(node)
  }

  init(from reader: inout ByteReader) throws {
    self.init(round: try reader.readCounter(), node: try reader.read(UInt32.self))
  }
}

extension PartitionID: Coded {
  static let bytesMin = 9

  func write(to writer: inout ByteWriter) {
    writer.write(kind.rawValue)
    writer.write(name)
    writer.write(index)
  }

  init(from reader: inout ByteReader) throws {
    guard let kind = Kind(rawValue: try reader.read(UInt8.self)) else { throw reader.malformed("a kind of partition") }
    self.init(kind, try reader.readBytes(), try reader.read(UInt32.self))
  }
}

extension LeaderAndISR: Coded {
  static let bytesMin = 16

  func write(to writer: inout ByteWriter) {
    writer.write(epoch)
    writer.write(leader)
    writer.write(isr) { $0.write($1) }
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      epoch: try reader.readCounter(), leader: try reader.read(UInt32.self),
      isr: try reader.readArray(bytesMin: 4) { try $0.read(UInt32.self) })
  }
}

extension PersistentState: Coded {
  static let bytesMin = 33

  func write(to writer: inout ByteWriter) {
    writer.write(promised)
    writer.write(accepted)
    writer.write(optional: value)
    writer.write(epoch)
  }

  init(from reader: inout ByteReader) throws {
    promised = try reader.read()
    accepted = try reader.read()
    value = try reader.readOptional()
    epoch = try reader.readCounter()
  }
}

extension ProducerSequence: Coded {
  static let bytesMin = 16

  func write(to writer: inout ByteWriter) {
    writer.write(producer)
    writer.write(sequence)
  }

  init(from reader: inout ByteReader) throws {
    self.init(producer: try reader.read(UInt64.self), sequence: try reader.read(UInt64.self))
  }
}
