/// The compact binary form of values inside a history's chunks: one tag byte, then LEB128 integers and raw UTF-8.
///
/// Private to this module: it is never written to a file, so it may change.
enum ValueCodec {
  private enum Tag {
    static let null: UInt8 = 0
    static let no: UInt8 = 1
    static let yes: UInt8 = 2
    static let int: UInt8 = 3
    static let double: UInt8 = 4
    static let string: UInt8 = 5
    static let list: UInt8 = 6
    static let map: UInt8 = 7
    /// Tags from here on are the integers 0, 1, 2, …
    static let small: UInt8 = 8
    static let smallMax: Int64 = 247
  }

  static func append(_ value: Value, to bytes: inout [UInt8]) {
    switch value {
    case .null: bytes.append(Tag.null)
    case .bool(let truth): bytes.append(truth ? Tag.yes : Tag.no)
    case .int(let number) where number >= 0 && number <= Tag.smallMax: bytes.append(Tag.small + UInt8(number))
    case .int(let number):
      bytes.append(Tag.int)
      append(varint: UInt64(bitPattern: number << 1 ^ number >> 63), to: &bytes)
    case .double(let number):
      bytes.append(Tag.double)
      withUnsafeBytes(of: number.bitPattern) { bytes.append(contentsOf: $0) }
    case .string(let text):
      bytes.append(Tag.string)
      append(text: text, to: &bytes)
    case .list(let values):
      bytes.append(Tag.list)
      append(varint: UInt64(values.count), to: &bytes)
      for element in values { append(element, to: &bytes) }
    case .map(let entries):
      bytes.append(Tag.map)
      append(varint: UInt64(entries.count), to: &bytes)
      for (key, element) in entries.sorted(by: { $0.key < $1.key }) {
        append(text: key, to: &bytes)
        append(element, to: &bytes)
      }
    }
  }

  /// Reads the value at `position`, which moves behind it. The bytes are our own: no validation.
  static func value(in bytes: [UInt8], at position: inout Int) -> Value {
    let tag = bytes[position]
    position += 1
    switch tag {
    case Tag.null: return .null
    case Tag.no: return .bool(false)
    case Tag.yes: return .bool(true)
    case Tag.int:
      let zigzag = varint(in: bytes, at: &position)
      return .int(Int64(bitPattern: zigzag >> 1) ^ -Int64(zigzag & 1))
    case Tag.double:
      var pattern: UInt64 = 0
      for shift in 0..<8 { pattern |= UInt64(bytes[position + shift]) << (8 * UInt64(shift)) }
      position += 8
      return .double(Double(bitPattern: pattern))
    case Tag.string: return .string(text(in: bytes, at: &position))
    case Tag.list:
      let count = Int(varint(in: bytes, at: &position))
      return .list((0..<count).map { _ in value(in: bytes, at: &position) })
    case Tag.map:
      var entries: [String: Value] = [:]
      for _ in 0..<varint(in: bytes, at: &position) {
        let key = text(in: bytes, at: &position)
        entries[key] = value(in: bytes, at: &position)
      }
      return .map(entries)
    default: return .int(Int64(tag - Tag.small))
    }
  }

  private static func append(text: String, to bytes: inout [UInt8]) {
    append(varint: UInt64(text.utf8.count), to: &bytes)
    bytes.append(contentsOf: text.utf8)
  }

  private static func text(in bytes: [UInt8], at position: inout Int) -> String {
    let count = Int(varint(in: bytes, at: &position))
    defer { position += count }
    return String(decoding: bytes[position..<position + count], as: UTF8.self)
  }

  private static func append(varint number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func varint(in bytes: [UInt8], at position: inout Int) -> UInt64 {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = bytes[position]
      position += 1
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
      shift += 7
    }
  }
}
