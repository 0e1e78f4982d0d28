import Foundation

/// Standard error: progress, logs and problems; standard output is for data.
enum StandardError {
  static func print(_ text: String) { write(text + "\n") }

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
