/// Appends compact JSON to a byte buffer: no allocation beyond the buffer's own growth.
public enum JSONWriter {
  /// Appends `value`; maps with their keys sorted, non-finite doubles as `null` (JSON has none).
  public static func append(_ value: Value, to buffer: inout [UInt8]) {
    switch value {
    case .null: append(literal: "null", to: &buffer)
    case .bool(true): append(literal: "true", to: &buffer)
    case .bool(false): append(literal: "false", to: &buffer)
    case .int(let number): append(number, to: &buffer)
    case .double(let number): append(literal: number.isFinite ? "\(number)" : "null", to: &buffer)
    case .string(let text): append(string: text, to: &buffer)
    case .list(let values): append(list: values, to: &buffer)
    case .map(let entries): append(map: entries, to: &buffer)
    }
  }

  /// Appends a decimal integer.
  public static func append(_ number: Int64, to buffer: inout [UInt8]) {
    if number < 0 { buffer.append(UInt8(ascii: "-")) }
    append(unsigned: number.magnitude, to: &buffer)
  }

  /// Appends a quoted, escaped string.
  public static func append(string text: String, to buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        buffer.append(UInt8(ascii: "\\"))
        buffer.append(byte)
      case 0x0A: append(literal: "\\n", to: &buffer)
      case 0x0D: append(literal: "\\r", to: &buffer)
      case 0x09: append(literal: "\\t", to: &buffer)
      case 0..<0x20:
        append(literal: "\\u00", to: &buffer)
        buffer.append(hexDigit(byte >> 4))
        buffer.append(hexDigit(byte & 15))
      default: buffer.append(byte)
      }
    }
    buffer.append(UInt8(ascii: "\""))
  }

  /// Appends text as it is.
  public static func append(literal text: StaticString, to buffer: inout [UInt8]) {
    text.withUTF8Buffer { buffer.append(contentsOf: $0) }
  }

  /// Appends text as it is.
  public static func append(literal text: String, to buffer: inout [UInt8]) {
    buffer.append(contentsOf: text.utf8)
  }

  private static func append(unsigned number: UInt64, to buffer: inout [UInt8]) {
    if number >= 10 { append(unsigned: number / 10, to: &buffer) }
    buffer.append(UInt8(ascii: "0") + UInt8(number % 10))
  }

  private static func append(list values: [Value], to buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "["))
    for (index, value) in values.enumerated() {
      if index > 0 { buffer.append(UInt8(ascii: ",")) }
      append(value, to: &buffer)
    }
    buffer.append(UInt8(ascii: "]"))
  }

  private static func append(map entries: [String: Value], to buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "{"))
    var first = true
    for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
      if !first { buffer.append(UInt8(ascii: ",")) }
      first = false
      append(string: key, to: &buffer)
      buffer.append(UInt8(ascii: ":"))
      append(value, to: &buffer)
    }
    buffer.append(UInt8(ascii: "}"))
  }

  private static func hexDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
  }
}

extension Value {
  /// Compact JSON with sorted keys.
  public var json: String {
    var buffer: [UInt8] = []
    JSONWriter.append(self, to: &buffer)
    return String(decoding: buffer, as: UTF8.self)
  }
}
