import ProtocolKit

extension Record: Coded {
  static let bytesMin = 18

  func write(to writer: inout ByteWriter) {
    writer.write(epoch)
    writer.write(time)
    writer.write(optional: producer)
    writer.write(entry)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      epoch: try reader.readCounter(), time: try reader.readCounter(), producer: try reader.readOptional(),
      entry: try reader.read())
  }
}

extension Entry: Coded {
  static let bytesMin = 2

  func write(to writer: inout ByteWriter) {
    switch self {
    case .value(let value):
      writer.write(0 as UInt8)
      writer.write(value)
    case .queue(let command):
      writer.write(1 as UInt8)
      writer.write(command)
    case .group(let command):
      writer.write(2 as UInt8)
      writer.write(command)
    }
  }

  init(from reader: inout ByteReader) throws {
    switch try reader.read(UInt8.self) {
    case 0: self = .value(try reader.readBytes())
    case 1: self = .queue(try reader.read())
    case 2: self = .group(try reader.read())
    case let tag: throw reader.malformed("an entry's tag of 0…2, not \(tag)")
    }
  }
}

extension DeliveryID: Coded {
  static let bytesMin = 12

  func write(to writer: inout ByteWriter) {
    writer.write(message)
    writer.write(attempt)
  }

  init(from reader: inout ByteReader) throws {
    self.init(message: try reader.readCounter(), attempt: try reader.read(UInt32.self))
  }
}

extension QueueCommand: Coded {
  static let bytesMin = 1

  func write(to writer: inout ByteWriter) {
    switch self {
    case .receive(let visibility, let deliveriesMax):
      writer.write(0 as UInt8)
      writer.write(visibility)
      writer.write(deliveriesMax)
    case .ack(let id):
      writer.write(1 as UInt8)
      writer.write(id)
    case .nack(let id):
      writer.write(2 as UInt8)
      writer.write(id)
    case .expire: writer.write(3 as UInt8)
    case .drain: writer.write(4 as UInt8)
    }
  }

  init(from reader: inout ByteReader) throws {
    switch try reader.read(UInt8.self) {
    case 0: self = .receive(visibility: try reader.readCounter(), deliveriesMax: try reader.read(UInt32.self))
    case 1: self = .ack(try reader.read())
    case 2: self = .nack(try reader.read())
    case 3: self = .expire
    case 4: self = .drain
    case let tag: throw reader.malformed("a queue command's tag of 0…4, not \(tag)")
    }
  }
}

extension GroupOffset: Coded {
  static let bytesMin = 12

  func write(to writer: inout ByteWriter) {
    writer.write(partition)
    writer.write(offset)
  }

  init(from reader: inout ByteReader) throws {
    self.init(partition: try reader.read(UInt32.self), offset: try reader.readCounter())
  }
}

extension GroupCommand: Coded {
  static let bytesMin = 5

  func write(to writer: inout ByteWriter) {
    switch self {
    case .poll(let member, let topic, let generation, let commits):
      writer.write(0 as UInt8)
      writer.write(member, topic, generation, commits)
    case .commit(let member, let topic, let generation, let commits):
      writer.write(1 as UInt8)
      writer.write(member, topic, generation, commits)
    case .leave(let member):
      writer.write(2 as UInt8)
      writer.write(member)
    case .offsets(let topic):
      writer.write(3 as UInt8)
      writer.write(topic)
    case .drained(let topic, let commits):
      writer.write(4 as UInt8)
      writer.write(topic)
      writer.write(all: commits)
    }
  }

  init(from reader: inout ByteReader) throws {
    switch try reader.read(UInt8.self) {
    case 0:
      self = .poll(
        member: try reader.readBytes(), topic: try reader.readBytes(), generation: try reader.readCounter(),
        commits: try reader.readAll())
    case 1:
      self = .commit(
        member: try reader.readBytes(), topic: try reader.readBytes(), generation: try reader.readCounter(),
        commits: try reader.readAll())
    case 2: self = .leave(member: try reader.readBytes())
    case 3: self = .offsets(topic: try reader.readBytes())
    case 4: self = .drained(topic: try reader.readBytes(), commits: try reader.readAll())
    case let tag: throw reader.malformed("a group command's tag of 0…4, not \(tag)")
    }
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ member: Bytes, _ topic: Bytes, _ generation: UInt64, _ commits: [GroupOffset]) {
    write(member)
    write(topic)
    write(generation)
    write(all: commits)
  }
}
