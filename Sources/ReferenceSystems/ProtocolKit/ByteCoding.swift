/// Bytes that do not follow the format: what was expected, and where.
public struct MalformedBytes: Error, CustomStringConvertible {
  /// What the format wants there, in words.
  public let expected: String
  /// Position of the first offending byte.
  public let offset: Int

  /// What was expected at the byte at `offset`.
  @inlinable
  public init(expected: String, offset: Int) {
    self.expected = expected
    self.offset = offset
  }

  /// One line for the log: what was expected, and where.
  public var description: String { "malformed bytes: expected \(expected) at byte \(offset)" }
}

/// Appends fixed-width little-endian integers and length-prefixed bytes: the format of everything that a bundled system
/// sends to its peers or keeps on disk.
@frozen
public struct ByteWriter: Sendable {
  /// What has been written.
  @inlinable
  public var bytes: [UInt8] { written }
  @usableFromInline var written: [UInt8] = []

  /// An empty writer with room for `capacity` bytes.
  public init(capacity: Int) { written.reserveCapacity(capacity) }

  /// One byte.
  @inlinable
  public mutating func write(_ byte: UInt8) { written.append(byte) }

  /// An integer in as many bytes as it is wide, the least significant first.
  @inlinable
  public mutating func write<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { written.append(contentsOf: $0) }
  }

  /// Bytes behind their number, which must be below 2³².
  @inlinable
  public mutating func write(_ value: [UInt8]) {
    write(UInt32(truncatingIfNeeded: value.count))
    written.append(contentsOf: value)
  }
}

extension ByteWriter {
  /// Elements behind their count.
  @inlinable
  public mutating func write<Element>(_ elements: [Element], _ write: (inout ByteWriter, Element) -> Void) {
    self.write(UInt32(truncatingIfNeeded: elements.count))
    for element in elements { write(&self, element) }
  }

  /// Ends the bytes with their checksum, so that damage on the wire or on disk is refused.
  public func sealed() -> [UInt8] {
    var sealed = self
    sealed.write(checksum(bytes[...]))
    return sealed.bytes
  }
}

/// FNV-1a over 64 bits, folded to 32.
private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
}

/// Reads what ``ByteWriter`` wrote. The bytes come from outside: every access is checked and nothing traps.
@frozen
public struct ByteReader: Sendable {
  @usableFromInline let bytes: [UInt8]
  /// Position of the next byte to read.
  public var offset: Int { position }
  @usableFromInline var position = 0

  /// A reader of bytes from their beginning.
  @inlinable
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A reader of bytes that end with their checksum.
  /// - Throws: ``MalformedBytes`` when the checksum is not that of the bytes.
  public init(sealed bytes: [UInt8]) throws {
    guard bytes.count >= 4 else { throw MalformedBytes(expected: "a checksum", offset: 0) }
    self.init(Array(bytes.dropLast(4)))
    var end = ByteReader(Array(bytes.suffix(4)))
    guard try end.read(UInt32.self) == checksum(bytes.dropLast(4)) else {
      throw MalformedBytes(expected: "bytes that match their checksum", offset: bytes.count - 4)
    }
  }

  /// Bytes not read yet.
  @inlinable
  public var remaining: Int { bytes.count - position }

  /// The error for the present position.
  public func malformed(_ expected: String) -> MalformedBytes {
    MalformedBytes(expected: expected, offset: position)
  }

  /// A little-endian integer of fixed width, at any alignment.
  /// - Throws: ``MalformedBytes`` when too few bytes are left, as all readers do.
  @inlinable
  public mutating func read<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    let width = MemoryLayout<Number>.size
    guard remaining >= width else { throw malformed("\(width) bytes of an integer") }
    defer { position += width }
    return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Number.self)) }
  }

  /// A counter. The bound leaves the core room to add without overflow.
  @inlinable
  public mutating func readCounter() throws -> UInt64 {
    let value = try read(UInt64.self)
    guard value < 1 << 62 else { throw malformed("a number below 2⁶²") }
    return value
  }

  /// A Boolean of one byte; anything but 0 and 1 is malformed, so that each value has one encoding.
  @inlinable
  public mutating func readFlag() throws -> Bool {
    let value = try read(UInt8.self)
    guard value <= 1 else { throw malformed("a flag of 0 or 1") }
    return value == 1
  }

  /// Bytes behind their length, which is checked against what is left before anything is allocated.
  @inlinable
  public mutating func readBytes() throws -> [UInt8] {
    let count = Int(try read(UInt32.self))
    guard remaining >= count else { throw malformed("\(count) bytes, only \(remaining) are left") }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  /// How many elements follow, each of at least `bytesMin` bytes: a count that cannot fit must not reserve memory.
  @inlinable
  public mutating func readCount(bytesMin: Int) throws -> Int {
    let count = Int(try read(UInt32.self))
    guard count <= remaining / bytesMin else { throw malformed("\(count) elements in \(remaining) bytes") }
    return count
  }

  /// Elements behind their count.
  @inlinable
  public mutating func readArray<Element>(
    bytesMin: Int, _ read: (inout ByteReader) throws -> Element
  ) throws -> [Element] {
    let count = try readCount(bytesMin: bytesMin)
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try read(&self)) }
    return elements
  }

  /// Nothing may follow: longer bytes come from another version.
  public func finish() throws {
    guard remaining == 0 else { throw malformed("the end, \(remaining) bytes are left") }
  }
}
