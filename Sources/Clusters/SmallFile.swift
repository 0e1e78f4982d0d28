import CLinux
import Glibc

/// Reading and writing small files without Foundation, whose loading would cost the command's start.
enum SmallFile {
  /// The kernel's small files and our own; longer content is cut.
  static let bytesMax = 64 << 10

  /// The content, or nil when the file cannot be read.
  static func text(_ path: String) -> String? {
    let descriptor = fl_open(path, O_RDONLY, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return content(of: descriptor, bytesMax: bytesMax)
  }

  /// Everything from an open descriptor's offset on, up to the limit.
  static func content(of descriptor: Int32, bytesMax: Int) -> String? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count < bytesMax {
      let count = read(descriptor, &chunk, min(chunk.count, bytesMax - bytes.count))
      if count < 0 && errno == EINTR { continue }
      if count < 0 { return nil }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes all of the text, or throws the errno of the call that failed.
  static func write(_ text: String, to descriptor: Int32, what: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw ClusterError.system("writing \(what)", errno: errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// Creates the file or replaces its content.
  static func create(_ path: String, text: String) throws {
    let descriptor = fl_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw ClusterError.system("opening \(path)", errno: errno) }
    defer { close(descriptor) }
    try write(text, to: descriptor, what: path)
  }

  /// Creates the directory and those above it.
  ///
  /// - Returns: those that were not there, from above.
  @discardableResult
  static func createDirectories(_ path: String) throws -> [String] {
    if mkdir(path, 0o755) == 0 { return [path] }
    if errno == EEXIST { return [] }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw ClusterError.system("creating \(path)", errno: errno)
    }
    let above = try createDirectories(String(path[..<slash]))
    if mkdir(path, 0o755) == 0 { return above + [path] }
    guard errno == EEXIST else { throw ClusterError.system("creating \(path)", errno: errno) }
    return above
  }

  /// Names in a directory, sorted; nil when it cannot be read.
  static func names(in directory: String) -> [String]? {
    guard let stream = opendir(directory) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
