/// JSON as text, without a tree in between: what a server needs to write, and flat objects of scalars to read.
public enum JSONText {
  /// A string literal with everything escaped that must be.
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// The fields of an object whose values are scalars: each value as the text that stood there. Names are compared
  /// without resolving escapes.
  /// - Throws: ``JSONTextError`` with the offset; no input traps.
  public static func scalarFields(_ bytes: [UInt8]) throws -> [(name: String, value: [UInt8])] {
    var scanner = ScalarObjectScanner(bytes)
    return try scanner.object()
  }
}

/// Text that is not a flat JSON object.
public struct JSONTextError: Error, CustomStringConvertible {
  /// What may stand there, in words.
  public let expected: String
  /// Position in bytes.
  public let offset: Int
  /// One line, fit for the client that sent it.
  public var description: String { "expected \(expected) at byte \(offset)" }
}

/// Reads one object of scalars (RFC 8259) and nothing after it.
private struct ScalarObjectScanner {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func expected(_ what: String) -> JSONTextError { JSONTextError(expected: what, offset: offset) }

  /// The object and the end of the text.
  mutating func object() throws -> [(name: String, value: [UInt8])] {
    var fields: [(name: String, value: [UInt8])] = []
    try take(UInt8(ascii: "{"), "an object")
    skipSpace()
    if current == UInt8(ascii: "}") {
      offset += 1
    } else {
      repeat { fields.append(try field()) } while try continues()
    }
    skipSpace()
    guard current == nil else { throw expected("the end") }
    return fields
  }

  /// A name, a colon and a scalar.
  private mutating func field() throws -> (name: String, value: [UInt8]) {
    skipSpace()
    let name = try string().dropFirst().dropLast()
    try take(UInt8(ascii: ":"), "a colon")
    skipSpace()
    return (String(decoding: name, as: UTF8.self), try scalar())
  }

  /// After a field: true for a comma, false for the closing brace.
  private mutating func continues() throws -> Bool {
    skipSpace()
    defer { offset += 1 }
    switch current {
    case UInt8(ascii: ","): return true
    case UInt8(ascii: "}"): return false
    default: throw expected("a comma or a closing brace")
    }
  }

  /// Any value but an object or an array.
  private mutating func scalar() throws -> [UInt8] {
    switch current {
    case UInt8(ascii: "\""): return try string()
    case UInt8(ascii: "t"): return try literal("true")
    case UInt8(ascii: "f"): return try literal("false")
    case UInt8(ascii: "n"): return try literal("null")
    default: return try number()
    }
  }

  /// A string with its quotes, as it stands there.
  private mutating func string() throws -> [UInt8] {
    let start = offset
    guard current == UInt8(ascii: "\"") else { throw expected("a string") }
    offset += 1
    while let byte = current {
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        let literal = bytes[start..<offset]
        guard String(validating: literal, as: UTF8.self) != nil else { throw expected("valid UTF-8") }
        return Array(literal)
      case UInt8(ascii: "\\"): try escape()
      case 0..<0x20: throw expected("an escaped control character")
      default: break
      }
    }
    throw expected("a closing quote")
  }

  /// What follows a backslash (RFC 8259 §7).
  private mutating func escape() throws {
    guard let byte = current else { throw expected("an escape") }
    offset += 1
    if byte == UInt8(ascii: "u") {
      for _ in 0..<4 {
        guard let digit = current, Character(UnicodeScalar(digit)).isHexDigit else { throw expected("a hex digit") }
        offset += 1
      }
    } else if !"\"\\/bfnrt".utf8.contains(byte) {
      throw expected("an escape")
    }
  }

  /// One of the words `true`, `false` and `null`.
  private mutating func literal(_ word: StaticString) throws -> [UInt8] {
    let text = Array(word.description.utf8)
    guard bytes[offset...].starts(with: text) else { throw expected("a scalar value") }
    offset += text.count
    return text
  }

  /// A number (RFC 8259 §6), as it stands there.
  private mutating func number() throws -> [UInt8] {
    let start = offset
    if current == UInt8(ascii: "-") { offset += 1 }
    let hasLeadingZero = current == UInt8(ascii: "0")
    let integerDigits = digits()
    guard integerDigits > 0, !hasLeadingZero || integerDigits == 1 else { throw expected("a scalar value") }
    if current == UInt8(ascii: ".") {
      offset += 1
      guard digits() > 0 else { throw expected("a digit") }
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      offset += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
      guard digits() > 0 else { throw expected("a digit") }
    }
    return Array(bytes[start..<offset])
  }

  /// Skips digits and counts them.
  private mutating func digits() -> Int {
    let start = offset
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
    return offset - start
  }

  /// One byte that must come next, after space.
  private mutating func take(_ byte: UInt8, _ what: String) throws {
    skipSpace()
    guard current == byte else { throw expected(what) }
    offset += 1
  }

  /// The four kinds of white space of RFC 8259 §2.
  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
  }
}
