import ProtocolKit

extension Operation: Coded {
  static let bytesMin = 5

  func write(to writer: inout ByteWriter) {
    switch self {
    case .produce(let partition, let value, let producer):
      writer.write(0 as UInt8)
      writer.write(partition)
      writer.write(value)
      writer.write(optional: producer)
    case .fetch(let partition, let from, let max):
      writer.write(1 as UInt8)
      writer.write(partition)
      writer.write(from)
      writer.write(UInt64(clamping: max))
    case .local(let partition):
      writer.write(2 as UInt8)
      writer.write(partition)
    case .queue(let name, let command):
      writer.write(3 as UInt8)
      writer.write(name)
      writer.write(command)
    case .poll(let group, let member, let topic, let max):
      writer.write(4 as UInt8)
      writer.write(group)
      writer.write(member)
      writer.write(topic)
      writer.write(UInt64(clamping: max))
    case .commit(let group, let member, let topic):
      writer.write(5 as UInt8)
      writer.write(group)
      writer.write(member)
      writer.write(topic)
    case .leave(let group, let member):
      writer.write(6 as UInt8)
      writer.write(group)
      writer.write(member)
    case .drain(let group, let topic):
      writer.write(7 as UInt8)
      writer.write(group)
      writer.write(topic)
    }
  }

  init(from reader: inout ByteReader) throws {
    switch try reader.read(UInt8.self) {
    case 0: self = .produce(try reader.read(), value: try reader.readBytes(), try reader.readOptional())
    case 1: self = .fetch(try reader.read(), from: try reader.read(UInt64.self), max: try reader.readMax())
    case 2: self = .local(try reader.read())
    case 3: self = .queue(name: try reader.readBytes(), try reader.read())
    case 4:
      self = .poll(
        group: try reader.readBytes(), member: try reader.readBytes(), topic: try reader.readBytes(),
        max: try reader.readMax())
    case 5:
      self = .commit(group: try reader.readBytes(), member: try reader.readBytes(), topic: try reader.readBytes())
    case 6: self = .leave(group: try reader.readBytes(), member: try reader.readBytes())
    case 7: self = .drain(group: try reader.readBytes(), topic: try reader.readBytes())
    case let tag: throw reader.malformed("an operation's tag of 0…7, not \(tag)")
    }
  }
}

extension ByteReader {
  fileprivate mutating func readMax() throws -> Int { Int(clamping: try read(UInt64.self)) }
}

extension ConsumedRecord: Coded {
  static let bytesMin = 16

  func write(to writer: inout ByteWriter) {
    writer.write(partition)
    writer.write(offset)
    writer.write(value)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      partition: try reader.read(UInt32.self), offset: try reader.readCounter(), value: try reader.readBytes())
  }
}

extension DeadLetter: Coded {
  static let bytesMin = 8

  func write(to writer: inout ByteWriter) {
    writer.write(value)
    writer.write(attempts)
  }

  init(from reader: inout ByteReader) throws {
    self.init(value: try reader.readBytes(), attempts: try reader.read(UInt32.self))
  }
}

extension Delivery: Coded {
  static let bytesMin = 16

  func write(to writer: inout ByteWriter) {
    writer.write(id)
    writer.write(value)
  }

  init(from reader: inout ByteReader) throws { self.init(id: try reader.read(), value: try reader.readBytes()) }
}

extension Outcome: Coded {
  static let bytesMin = 1

  func write(to writer: inout ByteWriter) {
    switch self {
    case .appended(let offset):
      writer.write(0 as UInt8)
      writer.write(offset)
    case .records(let records, let end):
      writer.write(1 as UInt8)
      writer.write(all: records)
      writer.write(end)
    case .delivery(let delivery):
      writer.write(2 as UInt8)
      writer.write(optional: delivery)
    case .dead(let letters):
      writer.write(3 as UInt8)
      writer.write(all: letters)
    case .values(let values):
      writer.write(4 as UInt8)
      writer.write(values) { $0.write($1) }
    case .polled(let generation, let records):
      writer.write(5 as UInt8)
      writer.write(generation)
      writer.write(all: records)
    default: writer.write(Self.plain.first { $0.value == self }?.key ?? 255)
    }
  }

  /// Those that say nothing more.
  private static let plain: [UInt8: Outcome] = [
    16: .done, 17: .notHeld, 18: .notMember, 19: .outOfOrderSequence, 20: .notReplica, 21: .tooManyRecords,
    22: .noLeader, 23: .notEnoughReplicas, 24: .overloaded, 25: .expired, 255: .unknown,
  ]

  init(from reader: inout ByteReader) throws {
    switch try reader.read(UInt8.self) {
    case 0: self = .appended(try reader.readCounter())
    case 1: self = .records(try reader.readAll(), end: try reader.readCounter())
    case 2: self = .delivery(try reader.readOptional())
    case 3: self = .dead(try reader.readAll())
    case 4: self = .values(try reader.readArray(bytesMin: 4) { try $0.readBytes() })
    case 5: self = .polled(generation: try reader.readCounter(), try reader.readAll())
    case let tag:
      guard let outcome = Self.plain[tag] else { throw reader.malformed("an outcome's tag, not \(tag)") }
      self = outcome
    }
  }
}

extension Reply: Coded {
  static let bytesMin = 1

  func write(to writer: inout ByteWriter) {
    switch self {
    case .outcome(let outcome):
      writer.write(0 as UInt8)
      writer.write(outcome)
    case .notLeader: writer.write(1 as UInt8)
    case .notEnoughReplicas: writer.write(2 as UInt8)
    }
  }

  init(from reader: inout ByteReader) throws {
    switch try reader.read(UInt8.self) {
    case 0: self = .outcome(try reader.read())
    case 1: self = .notLeader
    case 2: self = .notEnoughReplicas
    case let tag: throw reader.malformed("a reply's tag of 0…2, not \(tag)")
    }
  }
}
