import Foundation

/// Standard error: progress, logs and problems; standard output is for data.
enum StandardError {
  /// A line, or several; control characters (of a node's log, of a plan) are shown, not obeyed.
  static func print(_ text: String) {
    let visible = text.unicodeScalars.map { scalar in
      scalar == "\n" || scalar == "\t" || scalar.properties.generalCategory != .control
        ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
    }
    write(visible.joined() + "\n")
  }

  static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}

/// Words as a POSIX shell reads them back.
enum ShellQuoting {
  private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%")

  static func quote(_ word: String) -> String {
    if !word.isEmpty, word.allSatisfy({ plain.contains($0) }) { return word }
    return "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
