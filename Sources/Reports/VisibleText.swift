/// Text from a run made harmless to look at: what it holds is shown, never obeyed.
///
/// Control characters would move a terminal's cursor, bidirectional ones would show text in another order than it has.
enum VisibleText {
  /// Longest text of one value, name or message that a report repeats, in UTF-8 bytes.
  static let textBytesMax = 2_048

  /// `text` with control and direction characters as visible escapes, cut at `bytesMax` with the full length told.
  ///
  /// - Parameter keepingLines: leave line feeds and tabs as they are.
  static func clean(_ text: String, bytesMax: Int = textBytesMax, keepingLines: Bool = false) -> String {
    let total = text.utf8.count
    var result = ""
    var bytes = 0
    for scalar in text.unicodeScalars {
      bytes += UTF8.width(scalar)
      if bytes > bytesMax { return result + "… (\(Numbers.grouped(total)) bytes)" }
      if keepingLines, scalar == "\n" || scalar == "\t" {
        result.unicodeScalars.append(scalar)
      } else if isHarmful(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// `text` in one line of at most `characters` characters, `…` where it is cut.
  static func short(_ text: String, characters: Int) -> String {
    let line = clean(text)
    return line.count <= characters ? line : String(line.prefix(max(0, characters - 1))) + "…"
  }

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: true  // C0, delete, C1
    case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // directional marks, overrides and isolates
    case 0x2028, 0x2029, 0xFEFF: true  // line and paragraph separators, byte order mark
    default: false
    }
  }
}
