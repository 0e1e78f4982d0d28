import ProtocolKit

extension Message {
  /// The message as bytes for a peer: a tag byte, then the fields in order, integers little-endian.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 256)
    writer.write(tag)
    switch self {
    case .store(let id, let key, let object), .repair(let id, let key, let object):
      writer.write(id)
      writer.write(key)
      writer.write(object)
    case .hint(let id, let key, let object, let target):
      writer.write(id)
      writer.write(key)
      writer.write(object)
      writer.write(target)
    case .done(let id): writer.write(id)
    case .fetch(let id, let key):
      writer.write(id)
      writer.write(key)
    case .fetched(let id, let object):
      writer.write(id)
      writer.write(object)
    case .handoff(let key, let object), .exchange(let key, let object):
      writer.write(key)
      writer.write(object)
    case .handedOff(let key, let hash):
      writer.write(key)
      writer.write(hash)
    case .hashes(let hashes): writer.write(hashes) { $0.write($1) }
    case .leaves(let leaves): writer.write(leaves) { $0.write($1) }
    case .wanted(let keys): writer.write(keys) { $0.write($1) }
    case .gossip(let heartbeats): writer.write(heartbeats) { $0.write($1) }
    case .forward(let id, let operation, let life, let clock):
      writer.write(id)
      writer.write(operation)
      writer.write(life)
      writer.write(clock)
    case .forwarded(let id, let outcome, let clock):
      writer.write(id)
      writer.write(outcome)
      writer.write(clock)
    }
    return writer.bytes
  }

  private var tag: UInt8 {
    switch self {
    case .store: 1
    case .hint: 2
    case .repair: 3
    case .done: 4
    case .fetch: 5
    case .fetched: 6
    case .handoff: 7
    case .handedOff: 8
    case .hashes: 9
    case .leaves: 10
    case .exchange: 11
    case .wanted: 12
    case .gossip: 13
    case .forward: 14
    case .forwarded: 15
    }
  }

  /// Reads a message of a peer.
  /// - Throws: `MalformedBytes`; no input traps.
  public init(decoding bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    self = try reader.readMessage()
    try reader.finish()
  }
}

extension ByteReader {
  fileprivate mutating func readMessage() throws -> Message {
    switch try read(UInt8.self) {
    case 1: return .store(try readCounter(), try readKey(), try readObject())
    case 2: return .hint(try readCounter(), try readKey(), try readObject(), target: try read(NodeID.self))
    case 3: return .repair(try readCounter(), try readKey(), try readObject())
    case 4: return .done(try readCounter())
    case 5: return .fetch(try readCounter(), try readKey())
    case 6: return .fetched(try readCounter(), try readOptionalObject())
    case 7: return .handoff(try readKey(), try readObject())
    case 8: return .handedOff(try readKey(), hash: try read(UInt64.self))
    case 9: return .hashes(try readArray(bytesMin: 15) { try $0.readTreeHash() })
    case 10: return .leaves(try readArray(bytesMin: 10) { try $0.readLeafKeys() })
    case 11: return .exchange(try readKey(), try readObject())
    case 12: return .wanted(try readArray(bytesMin: 5) { try $0.readKey() })
    case 13: return .gossip(try readArray(bytesMin: 16) { try $0.readHeartbeat() })
    case 14:
      return .forward(
        try readCounter(), try readOperation(), life: try read(UInt32.self), clock: try readTimestamp())
    case 15: return .forwarded(try readCounter(), try readOutcome(), clock: try readTimestamp())
    default: throw malformed("a kind of message")
    }
  }

  private mutating func readTreeHash() throws -> TreeHash {
    TreeHash(
      range: try read(UInt32.self), level: try read(UInt8.self), index: try read(UInt16.self),
      hash: try read(UInt64.self))
  }

  private mutating func readLeafKeys() throws -> LeafKeys {
    LeafKeys(
      range: try read(UInt32.self), leaf: try read(UInt16.self),
      items: try readArray(bytesMin: 13) { LeafKeys.Item(key: try $0.readKey(), hash: try $0.read(UInt64.self)) })
  }

  private mutating func readHeartbeat() throws -> Heartbeat {
    Heartbeat(node: try read(NodeID.self), life: try read(UInt32.self), count: try readCounter())
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ hash: TreeHash) {
    write(hash.range)
    write(hash.level)
    write(hash.index)
    write(hash.hash)
  }

  fileprivate mutating func write(_ leaf: LeafKeys) {
    write(leaf.range)
    write(leaf.leaf)
    write(leaf.items) {
      $0.write($1.key)
      $0.write($1.hash)
    }
  }

  fileprivate mutating func write(_ heartbeat: Heartbeat) {
    write(heartbeat.node)
    write(heartbeat.life)
    write(heartbeat.count)
  }
}
