/// The scalars of EDN.
extension EDNScanner {
  /// Whether the byte can be part of a symbol or keyword; those of other scripts can.
  @inline(__always)
  static func isSymbol(_ byte: UInt8) -> Bool {
    // A bit a byte: a switch of so many ranges costs a branch each, and names are most of a short event.
    let bits: UInt64 = byte < 64 ? symbolsBelow64 : symbolsFrom64
    return byte >= 0x80 || bits >> UInt64(byte & 63) & 1 != 0
  }

  /// `!`, `#`, `$`, `%`, `&`, `'`, `*`, `+`, from `-` to `:` (which are `.`, `/` and the digits), and from `<` to `?`.
  private static var symbolsBelow64: UInt64 { 0xF7FF_ECFA_0000_0000 }
  /// Letters, `_` and `|`.
  private static var symbolsFrom64: UInt64 { 0x17FF_FFFE_87FF_FFFE }

  /// Whether a number begins here: a digit, or a sign before one.
  var isAtNumber: Bool {
    let byte = bytes.byte
    if byte &- UInt8(ascii: "0") < 10 { return true }
    guard byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"), bytes.position + 1 < bytes.end else { return false }
    return bytes.base[bytes.position + 1] &- UInt8(ascii: "0") < 10
  }

  @inline(__always)
  private mutating func skipSymbol() {
    while bytes.position < bytes.end, Self.isSymbol(bytes.base[bytes.position]) { bytes.position += 1 }
  }

  mutating func symbol() throws(ScanError) -> TextSpan {
    let start = bytes.position
    skipSymbol()
    guard bytes.position > start else { throw ScanError(unexpected(), at: start) }
    return TextSpan(start: start, end: bytes.position)
  }

  /// A keyword, without its colon.
  @inline(__always)
  mutating func keyword() throws(ScanError) -> TextSpan {
    bytes.position += 1
    let start = bytes.position
    skipSymbol()
    guard bytes.position > start, bytes.base[start] != UInt8(ascii: ":") else {
      throw ScanError("expected a name after ':'", at: start)
    }
    return TextSpan(start: start, end: bytes.position)
  }

  private func unexpected() -> String {
    let byte = bytes.byte
    guard byte > 0x20, byte < 0x7F else { return "expected a value, not the byte \(byte)" }
    return "expected a value, not '\(Character(Unicode.Scalar(byte)))'"
  }

  // MARK: Strings and characters

  /// Line breaks may be part of a string.
  static func refuses(_ byte: UInt8) -> Bool { byte == 0 }
  static var escapesSlash: Bool { false }

  func refusal(of byte: UInt8, stringStart start: Int) -> ScanError {
    ScanError("a NUL byte in a string", at: bytes.position)
  }

  /// `\a`, `\newline`, `\u0041`: a text of one character.
  mutating func character() throws(ScanError) -> TextSpan {
    bytes.position += 1
    let start = bytes.position
    guard start < bytes.end, bytes.base[start] > 0x20 else {
      throw ScanError("expected a character after '\\'", at: start)
    }
    bytes.position += 1
    if Self.isSymbol(bytes.base[start]) { skipSymbol() }
    let name = bytes.text(from: start, to: bytes.position)
    guard name.unicodeScalars.count > 1 else { return TextSpan(start: start, end: bytes.position) }
    bytes.scratch.decoded.pointee.removeAll(keepingCapacity: true)
    switch name {
    case "newline": bytes.scratch.decoded.pointee.append(0x0A)
    case "return": bytes.scratch.decoded.pointee.append(0x0D)
    case "space": bytes.scratch.decoded.pointee.append(0x20)
    case "tab": bytes.scratch.decoded.pointee.append(0x09)
    case "formfeed": bytes.scratch.decoded.pointee.append(0x0C)
    case "backspace": bytes.scratch.decoded.pointee.append(0x08)
    default: try decodeCodedCharacter(name, start)
    }
    return TextSpan(start: start, end: bytes.position, isDecoded: true)
  }

  /// `uXXXX`, or `oNNN` in octal.
  private mutating func decodeCodedCharacter(_ name: String, _ start: Int) throws(ScanError) {
    let digits = name.dropFirst()
    let radix = name.hasPrefix("u") && digits.utf8.count == 4 ? 16 : name.hasPrefix("o") ? 8 : 0
    guard radix > 0, digits.utf8.count <= 4, let code = UInt32(digits, radix: radix), digits.first != "+",
      let scalar = Unicode.Scalar(code)
    else { throw ScanError("'\\\(name)' is no character", at: start - 1) }
    bytes.scratch.decoded.pointee.append(contentsOf: String(scalar).utf8)
  }

  // MARK: Numbers

  mutating func number() throws(ScanError) -> ScannedNumber {
    let start = bytes.position
    let negative = bytes.take(UInt8(ascii: "-"))
    if !negative { _ = bytes.take(UInt8(ascii: "+")) }
    let first = bytes.position
    let (magnitude, count, fits) = bytes.digits()
    guard count == 1 || bytes.base[first] != UInt8(ascii: "0") else {
      throw ScanError("a number cannot start with 0", at: first)
    }
    switch bytes.byte {
    case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      _ = try bytes.skipFraction()
      let number = try bytes.double(from: start, numbers)
      try endNumber(start)
      return .double(number)
    case UInt8(ascii: "N"): bytes.position += 1
    default: break
    }
    try endNumber(start)
    if let number = ByteScanner.signed(magnitude, negative: negative, fits: fits) { return .int(number) }
    guard numbers != .exact else { throw ScanError("the integer does not fit 64 bits", at: start, .number) }
    return .double(Double(magnitude))  // nobody looks at it
  }

  /// After a number comes a delimiter; what else could come says what kind of number it is.
  private mutating func endNumber(_ start: Int) throws(ScanError) {
    switch bytes.byte {
    case UInt8(ascii: "M"):
      throw ScanError("exact decimals (M) are not supported: a double may not hold them", at: start, .number)
    case UInt8(ascii: "/"):
      throw ScanError("ratios are not supported: a double may not hold them", at: start, .number)
    default: break
    }
    if Self.isSymbol(bytes.byte) { throw ScanError("malformed number", at: start) }
  }
}
