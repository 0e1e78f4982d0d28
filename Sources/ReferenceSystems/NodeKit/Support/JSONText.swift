/// JSON as text, without a tree in between: what a server needs to write; flat objects and tables of scalars to read.
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
    var scanner = ScalarScanner(bytes)
    return try scanner.object()
  }

  /// The rows of an array of arrays of scalars: each scalar as the text that stood there.
  /// - Parameter rowsMax: more rows are an error.
  /// - Throws: ``JSONTextError`` with the offset; no input traps.
  public static func scalarRows(_ bytes: [UInt8], rowsMax: Int) throws -> [[[UInt8]]] {
    var scanner = ScalarScanner(bytes)
    return try scanner.table(rowsMax: rowsMax)
  }
}

/// Text that is not JSON of the shape that was asked for.
public struct JSONTextError: Error, CustomStringConvertible {
  /// What may stand there, in words.
  public let expected: String
  /// Position in bytes.
  public let offset: Int
  /// One line, fit for the client that sent it.
  public var description: String { "expected \(expected) at byte \(offset)" }
}

/// Reads one object, or one table, of scalars (RFC 8259) and nothing after it.
private struct ScalarScanner {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func expected(_ what: String) -> JSONTextError { JSONTextError(expected: what, offset: offset) }

  /// The object and the end of the text.
  mutating func object() throws -> [(name: String, value: [UInt8])] {
    var fields: [(name: String, value: [UInt8])] = []
    try take(UInt8(ascii: "{"), "an object")
    try members(until: UInt8(ascii: "}"), "a closing brace") { fields.append(try $0.field()) }
    try end()
    return fields
  }

  /// The array of arrays and the end of the text.
  mutating func table(rowsMax: Int) throws -> [[[UInt8]]] {
    var rows: [[[UInt8]]] = []
    try take(UInt8(ascii: "["), "an array")
    try members(until: UInt8(ascii: "]"), "a closing bracket") { scanner in
      guard rows.count < rowsMax else { throw scanner.expected("at most \(rowsMax) arrays") }
      rows.append(try scanner.row())
    }
    try end()
    return rows
  }

  /// One array of scalars.
  private mutating func row() throws -> [[UInt8]] {
    var scalars: [[UInt8]] = []
    try take(UInt8(ascii: "["), "an array")
    try members(until: UInt8(ascii: "]"), "a closing bracket") { scanner in
      scanner.skipSpace()
      scalars.append(try scanner.scalar())
    }
    return scalars
  }

  /// What stands between the brackets, already behind the opening one, with commas between.
  private mutating func members(
    until close: UInt8, _ name: String, _ member: (inout ScalarScanner) throws -> Void
  ) throws {
    skipSpace()
    if current == close {
      offset += 1
    } else {
      repeat { try member(&self) } while try continues(until: close, name)
    }
  }

  /// Only space may follow.
  private mutating func end() throws {
    skipSpace()
    guard current == nil else { throw expected("the end") }
  }

  /// A name, a colon and a scalar.
  private mutating func field() throws -> (name: String, value: [UInt8]) {
    skipSpace()
    let name = try string().dropFirst().dropLast()
    try take(UInt8(ascii: ":"), "a colon")
    skipSpace()
    return (String(decoding: name, as: UTF8.self), try scalar())
  }

  /// After a member: true for a comma, false for the closing bracket.
  private mutating func continues(until close: UInt8, _ name: String) throws -> Bool {
    skipSpace()
    defer { offset += 1 }
    switch current {
    case UInt8(ascii: ","): return true
    case close: return false
    default: throw expected("a comma or \(name)")
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
