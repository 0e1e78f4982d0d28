/// Bytes that do not follow the format: what was expected, and where.
public struct MalformedBytes: Error, CustomStringConvertible {
  /// What the format wants there, in words.
  public let expected: String
  /// Position of the first offending byte.
  public let offset: Int
  /// One line for the log: what was expected, and where.
  public var description: String { "malformed message: expected \(expected) at byte \(offset)" }
}

/// Appends fixed-width little-endian integers and length-prefixed bytes.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  mutating func write(_ byte: UInt8) { bytes.append(byte) }

  mutating func write<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func write(_ value: Bytes) {
    write(UInt32(truncatingIfNeeded: value.count))
    bytes.append(contentsOf: value)
  }
}

/// Reads what ``ByteWriter`` wrote. The bytes come from outside: every access is checked and nothing traps.
struct ByteReader {
  private let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Bytes not read yet.
  var remaining: Int { bytes.count - offset }

  /// The error for the present position.
  func malformed(_ expected: String) -> MalformedBytes { MalformedBytes(expected: expected, offset: offset) }

  /// A little-endian integer of fixed width, at any alignment.
  mutating func read<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    let width = MemoryLayout<Number>.size
    guard remaining >= width else { throw malformed("\(width) bytes of an integer") }
    defer { offset += width }
    return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
  }

  /// A term, index or counter. The bound leaves the core room to add without overflow.
  mutating func readCounter() throws -> UInt64 {
    let value = try read(UInt64.self)
    guard value < 1 << 62 else { throw malformed("a number below 2⁶²") }
    return value
  }

  /// A Boolean of one byte; anything but 0 and 1 is malformed, so that each value has one encoding.
  mutating func readFlag() throws -> Bool {
    let value = try read(UInt8.self)
    guard value <= 1 else { throw malformed("a flag of 0 or 1") }
    return value == 1
  }

  /// Bytes behind their length, which is checked against what is left before anything is allocated.
  mutating func readBytes() throws -> Bytes {
    let count = Int(try read(UInt32.self))
    guard remaining >= count else { throw malformed("\(count) bytes, only \(remaining) are left") }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  /// Nothing may follow: a longer message comes from another version.
  func finish() throws {
    guard remaining == 0 else { throw malformed("the end, \(remaining) bytes are left") }
  }
}
