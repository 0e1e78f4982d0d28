import Glibc

/// Reads a plan's file, and says in a sentence why it cannot be read.
enum PlanFile {
  /// - Throws: one diagnostic about the whole file.
  static func read(_ path: String) throws(PlanProblems) -> String {
    func problem(_ message: String) -> PlanProblems { PlanProblems([Diagnostic(.wholeFile(path), message)]) }
    // Without O_NONBLOCK a named pipe would wait for a writer before it could be refused.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw problem(errno == ENOENT ? "no such file" : "cannot be read: \(reason(errno))") }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw problem("cannot be read: \(reason(errno))") }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw problem("is a directory; a plan is a YAML file")
    default: throw problem("is not a regular file; a plan is a YAML file")
    }
    guard let bytes = bytes(file) else { throw problem("cannot be read: \(reason(errno))") }
    guard bytes.count <= PlanLimits.fileBytesMax else {
      throw problem("has more than \(PlanLimits.fileBytesMax) bytes, the most that a plan may have")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw problem("is not UTF-8 text") }
    return text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
  }

  /// Up to one byte more than a plan may have; nil where reading fails.
  private static func bytes(_ file: Int32) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= PlanLimits.fileBytesMax {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count < 0 { return nil }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
