import ProtocolKit

// Each value has one encoding, so that equal objects have equal hashes.
extension Object {
  /// A byte for the type, then its fields.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 128)
    writer.write(self)
    return writer.bytes
  }

  /// Reads an object and nothing behind it.
  /// - Throws: `MalformedBytes`; no input traps.
  public init(decoding bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    self = try reader.readObject()
    try reader.finish()
  }
}

extension ByteWriter {
  mutating func write(_ key: Key) {
    write(key.kind.rawValue)
    write(key.name)
  }

  mutating func write(_ dot: Dot) {
    write(dot.node)
    write(dot.counter)
  }

  mutating func write(_ timestamp: Timestamp) {
    write(timestamp.milliseconds)
    write(timestamp.logical)
    write(timestamp.node)
  }

  mutating func write(_ context: CausalContext) {
    write(context.vector.last) { $0.write($1) }
    write(context.cloud) { $0.write($1) }
  }

  mutating func write(_ values: DottedValues) {
    write(values.versions) {
      $0.write($1.dot)
      $0.write($1.value)
    }
    write(values.seen)
  }

  mutating func write(_ object: Object) {
    write(object.kind.rawValue)
    switch object {
    case .siblings(let values), .set(let values): write(values)
    case .lastWriter(let register):
      write(register.value)
      write(register.timestamp)
    case .counter(let counter):
      write(counter.entries) {
        $0.write($1.node)
        $0.write($1.added)
        $0.write($1.subtracted)
      }
    }
  }

  mutating func write(_ value: Bytes?) {
    write((value == nil ? 0 : 1) as UInt8)
    if let value { write(value) }
  }

  mutating func write(_ object: Object?) {
    write((object == nil ? 0 : 1) as UInt8)
    if let object { write(object) }
  }
}

extension ByteReader {
  mutating func readKind() throws -> Kind {
    guard let kind = Kind(rawValue: try read(UInt8.self)) else { throw malformed("a type of value") }
    return kind
  }

  mutating func readKey() throws -> Key { Key(try readKind(), try readBytes()) }

  mutating func readDot() throws -> Dot { Dot(node: try read(NodeID.self), counter: try readCounter()) }

  mutating func readTimestamp() throws -> Timestamp {
    Timestamp(milliseconds: try readCounter(), logical: try readCounter(), node: try read(NodeID.self))
  }

  mutating func readContext() throws -> CausalContext {
    var context = CausalContext()
    for dot in try readArray(bytesMin: 12, { try $0.readDot() }) { context.cover(through: dot) }
    for dot in try readArray(bytesMin: 12, { try $0.readDot() }) { context.insert(dot) }
    return context
  }

  mutating func readDottedValues() throws -> DottedValues {
    var values = DottedValues()
    values.versions = try readArray(bytesMin: 16) { Version(dot: try $0.readDot(), value: try $0.readBytes()) }
    for (version, next) in zip(values.versions, values.versions.dropFirst()) where !(version.dot < next.dot) {
      throw malformed("ascending dots")
    }
    values.seen = try readContext()
    return values
  }

  mutating func readObject() throws -> Object {
    switch try readKind() {
    case .siblings: return .siblings(try readDottedValues())
    case .set: return .set(try readDottedValues())
    case .lastWriter:
      var register = LastWriter()
      register.value = try readFlag() ? try readBytes() : nil
      register.timestamp = try readTimestamp()
      return .lastWriter(register)
    case .counter: return .counter(try readPNCounter())
    }
  }

  mutating func readOptionalObject() throws -> Object? { try readFlag() ? try readObject() : nil }

  private mutating func readPNCounter() throws -> PNCounter {
    var counter = PNCounter()
    counter.entries = try readArray(bytesMin: 20) { reader in
      let entry = PNCounter.Entry(
        node: try reader.read(NodeID.self), added: try reader.readCounter(), subtracted: try reader.readCounter())
      guard entry.added <= PNCounter.sumMax, entry.subtracted <= PNCounter.sumMax else {
        throw reader.malformed("a sum up to 2⁵³")
      }
      return entry
    }
    for (entry, next) in zip(counter.entries, counter.entries.dropFirst()) where entry.node >= next.node {
      throw malformed("ascending nodes")
    }
    return counter
  }
}
