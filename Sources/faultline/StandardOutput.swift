import Glibc

/// Standard output, for commands whose exit code must not depend on who reads.
enum StandardOutput {
  /// False, with a message, if it cannot be written; a reader that has seen enough and gone away is no failure.
  static func write(_ text: String) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if written >= 0 {
        bytes.removeFirst(written)
      } else if errno == EPIPE {
        return true
      } else if errno != EINTR {
        StandardError.print("faultline: standard output cannot be written: \(String(cString: strerror(errno)))")
        return false
      }
    }
    return true
  }
}
