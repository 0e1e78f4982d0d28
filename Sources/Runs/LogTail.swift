import Foundation
import RunStore

/// The end of a node's log.
enum LogTail {
  /// Bytes of one log that are searched for panics; what lies before them is not looked at.
  static let bytesMax = 64 << 20

  /// At most `bytesMax` bytes from the file's end, from the start of a line.
  static func bytes(of path: String, bytesMax: Int = Self.bytesMax) throws -> [UInt8] {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let size = Int(try file.seekToEnd())
    let start = max(0, size - bytesMax)
    try file.seek(toOffset: UInt64(start))
    let bytes = Array(try file.readToEnd() ?? Data())
    guard start > 0, let lineFeed = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return bytes }
    return Array(bytes[(lineFeed + 1)...])
  }

  /// The last lines as text.
  static func lines(of path: String, count: Int, bytesMax: Int) throws -> [String] {
    String(decoding: try bytes(of: path, bytesMax: bytesMax), as: UTF8.self).split(separator: "\n").suffix(count)
      .map(String.init)
  }
}
