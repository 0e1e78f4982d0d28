import ProtocolKit

extension Message {
  /// Messages that travel together, as one frame for a peer.
  public static func encoded(_ messages: [Message]) -> [UInt8] {
    var writer = ByteWriter(capacity: messages.reduce(8) { $0 + $1.byteCount })
    writer.write(all: messages)
    return writer.bytes
  }

  /// Reads a frame of a peer.
  /// - Throws: ``MalformedBytes``; no input traps.
  public static func decoded(_ bytes: [UInt8]) throws -> [Message] {
    var reader = ByteReader(bytes)
    let messages = try reader.readAll(Message.self)
    try reader.finish()
    return messages
  }
}

extension Message: Coded {
  static let bytesMin = 10

  func write(to writer: inout ByteWriter) {
    writer.write(partition)
    switch body {
    case .prepare(let ballot):
      writer.write(1 as UInt8)
      writer.write(ballot)
    case .promise(let ballot, let accepted, let value):
      writer.write(2 as UInt8)
      writer.write(ballot)
      writer.write(accepted)
      writer.write(optional: value)
    case .accept(let ballot, let value):
      writer.write(3 as UInt8)
      writer.write(ballot)
      writer.write(value)
    case .accepted(let ballot):
      writer.write(4 as UInt8)
      writer.write(ballot)
    case .conflict(let ballot, let promised):
      writer.write(5 as UInt8)
      writer.write(ballot)
      writer.write(promised)
    case .lead(let value):
      writer.write(6 as UInt8)
      writer.write(value)
    case .leaderIs(let epoch, let leader):
      writer.write(7 as UInt8)
      writer.write(epoch)
      writer.write(leader)
    case .fetch(let fetch):
      writer.write(8 as UInt8)
      writer.write(fetch)
    case .fetched(let fetched):
      writer.write(9 as UInt8)
      writer.write(fetched)
    case .diverging(let epoch, let number, let divergingEpoch, let end):
      writer.write(10 as UInt8)
      for field in [epoch, number, divergingEpoch, end] { writer.write(field) }
    case .install(let epoch, let number, let base, let highWatermark):
      writer.write(11 as UInt8)
      writer.write(epoch)
      writer.write(number)
      writer.write(base)
      writer.write(highWatermark)
    case .confirm(let epoch, let round):
      writer.write(12 as UInt8)
      writer.write(epoch)
      writer.write(round)
    case .confirmed(let epoch, let round):
      writer.write(13 as UInt8)
      writer.write(epoch)
      writer.write(round)
    case .findLeader: writer.write(14 as UInt8)
    case .request(let number, let epoch, let operation):
      writer.write(15 as UInt8)
      writer.write(number)
      writer.write(epoch)
      writer.write(operation)
    case .answer(let number, let reply):
      writer.write(16 as UInt8)
      writer.write(number)
      writer.write(reply)
    case .probe(let number):
      writer.write(17 as UInt8)
      writer.write(number)
    case .absent(let number):
      writer.write(18 as UInt8)
      writer.write(number)
    }
  }

  init(from reader: inout ByteReader) throws {
    let partition = try reader.read(PartitionID.self)
    let body = try Body(from: &reader)
    if case .install(_, _, let base, _) = body, base.machine.kind != partition.kind {
      throw reader.malformed("a base of its kind")
    }
    self.init(partition: partition, body: body)
  }
}

extension Message.Body {
  fileprivate init(from reader: inout ByteReader) throws {
    switch try reader.read(UInt8.self) {
    case 1: self = .prepare(try reader.read())
    case 2: self = .promise(try reader.read(), accepted: try reader.read(), try reader.readOptional())
    case 3: self = .accept(try reader.read(), try reader.read())
    case 4: self = .accepted(try reader.read())
    case 5: self = .conflict(try reader.read(), promised: try reader.read())
    case 6: self = .lead(try reader.read())
    case 7: self = .leaderIs(epoch: try reader.readCounter(), leader: try reader.read(UInt32.self))
    case 8: self = .fetch(try reader.read())
    case 9: self = .fetched(try reader.read())
    case 10:
      self = .diverging(
        epoch: try reader.readCounter(), number: try reader.readCounter(), of: try reader.readCounter(),
        end: try reader.readCounter())
    case 11:
      self = .install(
        epoch: try reader.readCounter(), number: try reader.readCounter(), try reader.read(),
        highWatermark: try reader.readCounter())
    case 12: self = .confirm(epoch: try reader.readCounter(), round: try reader.readCounter())
    case 13: self = .confirmed(epoch: try reader.readCounter(), round: try reader.readCounter())
    case 14: self = .findLeader
    case 15:
      self = .request(number: try reader.readCounter(), epoch: try reader.readCounter(), try reader.read())
    case 16: self = .answer(number: try reader.readCounter(), try reader.read())
    case 17: self = .probe(number: try reader.readCounter())
    case 18: self = .absent(number: try reader.readCounter())
    case let tag: throw reader.malformed("a message's tag of 1…18, not \(tag)")
    }
  }
}

extension Fetch: Coded {
  static let bytesMin = 40

  func write(to writer: inout ByteWriter) {
    for field in [epoch, number, offset, lastEpoch, highWatermark] { writer.write(field) }
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      epoch: try reader.readCounter(), number: try reader.readCounter(), offset: try reader.readCounter(),
      lastEpoch: try reader.readCounter(), highWatermark: try reader.readCounter())
  }
}

extension Fetched: Coded {
  static let bytesMin = 36

  func write(to writer: inout ByteWriter) {
    for field in [epoch, number, offset] { writer.write(field) }
    writer.write(all: records)
    writer.write(highWatermark)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      epoch: try reader.readCounter(), number: try reader.readCounter(), offset: try reader.readCounter(),
      records: try reader.readAll(), highWatermark: try reader.readCounter())
  }
}
