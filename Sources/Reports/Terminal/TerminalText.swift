/// Text measured in columns of a terminal.
enum TerminalText {
  /// Columns that `text` takes: two for East Asian wide characters and pictures, none for combining marks.
  static func width(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + width($1) } }

  static func width(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0x300...0x36F, 0x200B...0x200D: return 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// `text` in at most `columns` columns, with `…` where it is cut.
  static func fit(_ text: String, columns: Int) -> String {
    guard width(text) > columns else { return text }
    var result = ""
    var used = 1
    for character in text {
      used += width(character)
      if used > columns { break }
      result.append(character)
    }
    return columns > 0 ? result + "…" : ""
  }

  /// `text` with spaces behind it up to `columns`.
  static func pad(_ text: String, columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - width(text)))
  }

  /// Words in lines of at most `columns`, all but the first behind `indent` spaces; longer words stay whole.
  static func wrap(_ text: String, columns: Int, indent: Int = 0) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if line.isEmpty {
        line = String(word)
      } else if width(line) + 1 + width(word) <= columns {
        line += " \(word)"
      } else {
        lines.append(line)
        line = String(repeating: " ", count: indent) + word
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }
}
