/// Strings between double quotes, as JSON and EDN both write them; they differ in what may not stand in one as it is.
protocol StringScanner {
  var bytes: ByteScanner { get set }

  /// Whether the byte may not be part of a string without an escape.
  static func refuses(_ byte: UInt8) -> Bool

  /// Whether `\/` is an escape.
  static var escapesSlash: Bool { get }

  /// What is wrong with a string that has such a byte, which comes next.
  ///
  /// - Parameter start: where the text begins, after the quote.
  func refusal(of byte: UInt8, stringStart start: Int) -> ScanError
}

extension StringScanner {
  /// A string, from its opening quote. One that ends too early is reported where it began.
  @inline(__always)
  mutating func string() throws(ScanError) -> TextSpan {
    bytes.position += 1
    let start = bytes.position
    while bytes.position < bytes.end {
      let byte = bytes.base[bytes.position]
      if byte == UInt8(ascii: "\"") {
        bytes.position += 1
        return TextSpan(start: start, end: bytes.position - 1)
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      if Self.refuses(byte) { throw refusal(of: byte, stringStart: start) }
      bytes.position += 1
    }
    throw unclosed(from: start)
  }

  private func unclosed(from start: Int) -> ScanError { ScanError("the string is not closed", at: start - 1) }

  /// The slow path: a string with at least one escape.
  @inline(never)
  private mutating func escapedString(from start: Int) throws(ScanError) -> TextSpan {
    bytes.scratch.decoded.pointee.removeAll(keepingCapacity: true)
    bytes.decode(from: start)
    while !bytes.isAtEnd {
      let byte = bytes.byte
      if Self.refuses(byte) { throw refusal(of: byte, stringStart: start) }
      bytes.position += 1
      switch byte {
      case UInt8(ascii: "\""): return TextSpan(start: start, end: bytes.position - 1, isDecoded: true)
      case UInt8(ascii: "\\"): try decodeEscape(stringStart: start)
      default: bytes.scratch.decoded.pointee.append(byte)
      }
    }
    throw unclosed(from: start)
  }

  /// The character that an escape stands for, its backslash already taken; appended to `decoded`.
  private mutating func decodeEscape(stringStart: Int) throws(ScanError) {
    guard !bytes.isAtEnd else { throw unclosed(from: stringStart) }
    let byte = bytes.byte
    bytes.position += 1
    switch byte {
    case UInt8(ascii: "n"): bytes.scratch.decoded.pointee.append(0x0A)
    case UInt8(ascii: "t"): bytes.scratch.decoded.pointee.append(0x09)
    case UInt8(ascii: "r"): bytes.scratch.decoded.pointee.append(0x0D)
    case UInt8(ascii: "b"): bytes.scratch.decoded.pointee.append(0x08)
    case UInt8(ascii: "f"): bytes.scratch.decoded.pointee.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.scratch.decoded.pointee.append(byte)
    case UInt8(ascii: "/") where Self.escapesSlash: bytes.scratch.decoded.pointee.append(byte)
    case UInt8(ascii: "u"): try bytes.decodeUnicodeEscape()
    default: throw ScanError("unknown escape", at: bytes.position - 1)
    }
  }
}
