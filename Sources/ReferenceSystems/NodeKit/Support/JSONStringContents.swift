extension JSONText {
  /// What a string literal says, with its escapes resolved (RFC 8259 §7); nil for any other text, and for half of a
  /// surrogate pair.
  public static func contents(of literal: [UInt8]) -> [UInt8]? {
    let quote = UInt8(ascii: "\"")
    guard literal.count >= 2, literal.first == quote, literal.last == quote else { return nil }
    var rest = literal.dropFirst().dropLast()
    var contents: [UInt8] = []
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        contents.append(byte)
        continue
      }
      guard let escaped = escape(&rest) else { return nil }
      contents += escaped
    }
    return contents
  }

  /// What follows a backslash.
  private static func escape(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    switch rest.popFirst() {
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "u"): return scalar(&rest).map { Array(String(Character($0)).utf8) }
    case let byte?: return [byte]
    case nil: return nil
    }
  }

  /// The four digits behind `\u`, and those of another `\u` where they are the second half of a pair.
  private static func scalar(_ rest: inout ArraySlice<UInt8>) -> UnicodeScalar? {
    guard let high = unit(&rest) else { return nil }
    guard (0xD800..<0xDC00).contains(high) else { return UnicodeScalar(high) }
    guard rest.popFirst() == UInt8(ascii: "\\"), rest.popFirst() == UInt8(ascii: "u"), let low = unit(&rest),
      (0xDC00..<0xE000).contains(low)
    else { return nil }
    return UnicodeScalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
  }

  private static func unit(_ rest: inout ArraySlice<UInt8>) -> UInt32? {
    guard rest.count >= 4 else { return nil }
    let digits = rest.prefix(4)
    rest = rest.dropFirst(4)
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
