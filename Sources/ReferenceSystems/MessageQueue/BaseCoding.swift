import ProtocolKit

// What stands for records that are gone: producers, queues, groups; each ascending by name, so that equal states have equal
// bytes.

extension LogBase: Coded {
  static let bytesMin = 29

  func write(to writer: inout ByteWriter) {
    writer.write(offset)
    writer.write(epoch)
    writer.write(time)
    writer.write(producers)
    writer.write(machine)
  }

  init(from reader: inout ByteReader) throws {
    let offset = try reader.readCounter()
    let epoch = try reader.readCounter()
    let time = try reader.readCounter()
    let producers = try reader.read(ProducerTable.self)
    let machine = try reader.read(Machine.self)
    self.init(machine.kind)
    self.offset = offset
    self.epoch = epoch
    self.time = time
    self.producers = producers
    self.machine = machine
  }
}

extension ProducerTable: Coded {
  static let bytesMin = 4

  func write(to writer: inout ByteWriter) {
    writer.write(UInt32(truncatingIfNeeded: producers.count))
    for (id, producer) in producers.sorted(by: { $0.key < $1.key }) {
      writer.write(id)
      writer.write(producer.recent) {
        $0.write($1.sequence)
        $0.write($1.offset)
      }
    }
  }

  init(from reader: inout ByteReader) throws {
    self.init()
    for _ in 0..<(try reader.readCount(bytesMin: 12)) {
      let id = try reader.read(UInt64.self)
      restore(
        id,
        try reader.readArray(bytesMin: 16) {
          Producer.Entry(sequence: try $0.read(UInt64.self), offset: try $0.readCounter())
        })
    }
  }
}

extension Machine: Coded {
  static let bytesMin = 1

  func write(to writer: inout ByteWriter) {
    writer.write(kind.rawValue)
    switch self {
    case .topic: break
    case .queue(let queue): writer.write(queue)
    case .group(let group): writer.write(group)
    }
  }

  init(from reader: inout ByteReader) throws {
    switch PartitionID.Kind(rawValue: try reader.read(UInt8.self)) {
    case .topic: self = .topic
    case .queue: self = .queue(try reader.read())
    case .group: self = .group(try reader.read())
    case nil: throw reader.malformed("a kind of partition")
    }
  }
}

extension WorkQueue: Coded {
  static let bytesMin = 8

  func write(to writer: inout ByteWriter) {
    writer.write(UInt32(truncatingIfNeeded: messages.count))
    for (id, message) in messages.sorted(by: { $0.key < $1.key }) {
      writer.write(id)
      writer.write(message.value)
      writer.write(message.attempts)
      writer.write(flag: message.lease != nil)
      guard let lease = message.lease else { continue }
      writer.write(lease.deadline)
      writer.write(flag: lease.isLast)
    }
    writer.write(dead) {
      $0.write($1.id)
      $0.write($1.letter.value)
      $0.write($1.letter.attempts)
    }
  }

  init(from reader: inout ByteReader) throws {
    var messages: [Offset: Message] = [:]
    for _ in 0..<(try reader.readCount(bytesMin: 17)) {
      let id = try reader.readCounter()
      var message = Message(value: try reader.readBytes(), attempts: try reader.read(UInt32.self))
      if try reader.readFlag() {
        message.lease = Lease(deadline: try reader.read(UInt64.self), isLast: try reader.readFlag())
      }
      messages[id] = message
    }
    let dead = try reader.readArray(bytesMin: 16) {
      (
        id: try $0.readCounter(),
        letter: DeadLetter(value: try $0.readBytes(), attempts: try $0.read(UInt32.self))
      )
    }
    self.init(messages, dead)
  }
}

extension ConsumerGroup: Coded {
  static let bytesMin = 16

  func write(to writer: inout ByteWriter) {
    writer.write(generation)
    writer.write(members) { $0.write($1) }
    writer.write(UInt32(truncatingIfNeeded: committed.count))
    for (topic, offsets) in committed.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      writer.write(topic)
      writer.write(
        all: offsets.sorted { $0.key < $1.key }.map { GroupOffset(partition: $0.key, offset: $0.value) })
    }
  }

  init(from reader: inout ByteReader) throws {
    let generation = try reader.readCounter()
    let members = try reader.readArray(bytesMin: 4) { try $0.readBytes() }
    var committed: [Bytes: [UInt32: Offset]] = [:]
    for _ in 0..<(try reader.readCount(bytesMin: 8)) {
      let topic = try reader.readBytes()
      for offset in try reader.readAll(GroupOffset.self) {
        committed[topic, default: [:]][offset.partition] = offset.offset
      }
    }
    self.init(generation: generation, members: members, committed: committed)
  }
}
