/// What is wrong with a JSON text, and at which byte of it (0-based).
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  public let message: String
  public let offset: Int

  public init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }

  public var description: String { "\(message) at byte \(offset + 1)" }
}

/// A strict reader of RFC 8259 JSON from bytes.
///
/// Numbers without fraction and exponent that fit 64 bits become `.int`, others `.double`; of two equal keys the last wins.
public struct JSONReader {
  /// Deepest nesting accepted, in levels: a limit against input that would exhaust the stack.
  public static var depthMax: Int { 256 }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Parses exactly one value, white space around it allowed.
  ///
  /// - Throws: `JSONError` with the offset of the offending byte.
  public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Value {
    var reader = JSONReader(bytes)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == bytes.count else { throw JSONError("text after the value", at: reader.position) }
    return value
  }

  /// Parses exactly one value from bytes.
  public static func parse(_ bytes: [UInt8]) throws(JSONError) -> Value {
    try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in try parse(buffer) }
  }

  /// Parses exactly one value from text.
  public static func parse(_ text: String) throws(JSONError) -> Value { try parse(Array(text.utf8)) }

  private mutating func value(depth: Int) throws(JSONError) -> Value {
    guard depth < Self.depthMax else { throw JSONError("nested deeper than \(Self.depthMax) levels", at: position) }
    skipSpace()
    guard position < bytes.count else { throw JSONError("a value is missing", at: position) }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try map(depth: depth)
    case UInt8(ascii: "["): return try list(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func map(depth: Int) throws(JSONError) -> Value {
    position += 1
    var entries: [String: Value] = [:]
    skipSpace()
    if take(UInt8(ascii: "}")) { return .map(entries) }
    while true {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw JSONError("expected a quoted key", at: position)
      }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw JSONError("expected ':' after the key", at: position) }
      entries[key] = try value(depth: depth + 1)
      skipSpace()
      if take(UInt8(ascii: "}")) { return .map(entries) }
      guard take(UInt8(ascii: ",")) else { throw JSONError("expected ',' or '}'", at: position) }
    }
  }

  private mutating func list(depth: Int) throws(JSONError) -> Value {
    position += 1
    var values: [Value] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .list(values) }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .list(values) }
      guard take(UInt8(ascii: ",")) else { throw JSONError("expected ',' or ']'", at: position) }
    }
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    while position < bytes.count, bytes[position] >= 0x20 {
      if bytes[position] == UInt8(ascii: "\"") {
        let text = try text(from: start, to: position)
        position += 1
        return text
      }
      if bytes[position] == UInt8(ascii: "\\") { return try escapedString(from: start) }
      position += 1
    }
    throw JSONError("the string is not closed", at: start - 1)
  }

  /// The slow path: a string with at least one escape.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var buffer: [UInt8] = []
    for index in start..<position { buffer.append(bytes[index]) }
    while position < bytes.count, bytes[position] >= 0x20 {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return try Self.utf8(buffer, at: start) }
      if byte == UInt8(ascii: "\\") { try appendEscape(to: &buffer) } else { buffer.append(byte) }
    }
    throw JSONError("the string is not closed", at: start - 1)
  }

  private mutating func appendEscape(to buffer: inout [UInt8]) throws(JSONError) {
    guard position < bytes.count else { throw JSONError("the string is not closed", at: position) }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "n"): buffer.append(0x0A)
    case UInt8(ascii: "t"): buffer.append(0x09)
    case UInt8(ascii: "r"): buffer.append(0x0D)
    case UInt8(ascii: "b"): buffer.append(0x08)
    case UInt8(ascii: "f"): buffer.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
    case UInt8(ascii: "u"): try appendUnicode(to: &buffer)
    default: throw JSONError("unknown escape", at: position - 1)
    }
  }

  private mutating func appendUnicode(to buffer: inout [UInt8]) throws(JSONError) {
    let start = position
    var code = try hexQuad()
    if (0xD800..<0xDC00).contains(code), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let low = try hexQuad()
      guard (0xDC00..<0xE000).contains(low) else { throw JSONError("unpaired surrogate", at: start) }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw JSONError("unpaired surrogate", at: start) }
    buffer.append(contentsOf: String(scalar).utf8)
  }

  private mutating func hexQuad() throws(JSONError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw JSONError("expected 4 hex digits", at: position) }
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw JSONError("expected 4 hex digits", at: position)
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  private mutating func number() throws(JSONError) -> Value {
    let start = position
    let negative = take(UInt8(ascii: "-"))
    let digits = position
    var magnitude: Int64 = 0
    var fits = true
    while position < bytes.count, let digit = Self.digit(bytes[position]) {
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.subtractingReportingOverflow(digit)  // negative, so that Int64.min fits
      fits = fits && !overflow && !carry
      magnitude = sum
      position += 1
    }
    guard position > digits else { throw JSONError("expected a value", at: start) }
    guard bytes[digits] != UInt8(ascii: "0") || position == digits + 1 else {
      throw JSONError("a number cannot start with 0", at: digits)
    }
    let whole = position
    try skipFraction()
    if position == whole, fits, negative || magnitude != .min { return .int(negative ? magnitude : -magnitude) }
    guard let double = Double(try text(from: start, to: position)) else {
      throw JSONError("malformed number", at: start)
    }
    return .double(double)
  }

  private mutating func skipFraction() throws(JSONError) {
    if take(UInt8(ascii: ".")) { try skipDigits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws(JSONError) {
    let start = position
    while position < bytes.count, Self.digit(bytes[position]) != nil { position += 1 }
    guard position > start else { throw JSONError("expected a digit", at: position) }
  }

  private mutating func word(_ word: StaticString, _ value: Value) throws(JSONError) -> Value {
    let start = position
    for index in 0..<word.utf8CodeUnitCount {
      guard take(word.utf8Start[index]) else { throw JSONError("expected \(word)", at: start) }
    }
    return value
  }

  private func text(from start: Int, to end: Int) throws(JSONError) -> String {
    guard let text = String(validating: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self) else {
      throw JSONError("the string is not UTF-8", at: start)
    }
    return text
  }

  private static func utf8(_ buffer: [UInt8], at offset: Int) throws(JSONError) -> String {
    guard let text = String(validating: buffer, as: UTF8.self) else {
      throw JSONError("the string is not UTF-8", at: offset)
    }
    return text
  }

  private static func digit(_ byte: UInt8) -> Int64? {
    byte >= 0x30 && byte <= 0x39 ? Int64(byte - 0x30) : nil
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }
}
