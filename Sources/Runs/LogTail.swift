import Foundation
import RunStore

/// The end of a node's log.
enum LogTail {
  /// Bytes of one log that are searched for panics; what lies before them is not looked at.
  static let bytesMax = 64 << 20

  /// At most `bytesMax` bytes from the file's end, from the start of a line; a line that alone is longer is cut.
  ///
  /// - Throws: when the file cannot be read.
  static func bytes(of path: String, bytesMax: Int = Self.bytesMax) throws -> [UInt8] {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let size = Int(try file.seekToEnd())
    let start = max(0, size - bytesMax)
    guard start > 0 else { return try read(file, from: 0, count: size) }
    // One byte more: a line feed just before the tail makes its first line a whole one.
    let bytes = try read(file, from: start - 1, count: bytesMax + 1)
    guard let lineFeed = bytes.firstIndex(of: UInt8(ascii: "\n")), lineFeed + 1 < bytes.count else {
      return Array(bytes.dropFirst())
    }
    return Array(bytes[(lineFeed + 1)...])
  }

  /// Never more than `count` bytes, though the log may grow meanwhile.
  private static func read(_ file: FileHandle, from start: Int, count: Int) throws -> [UInt8] {
    try file.seek(toOffset: UInt64(start))
    return Array(try file.read(upToCount: count) ?? Data())
  }

  /// The last lines as text.
  static func lines(of path: String, count: Int, bytesMax: Int) throws -> [String] {
    String(decoding: try bytes(of: path, bytesMax: bytesMax), as: UTF8.self).split(separator: "\n").suffix(count)
      .map(String.init)
  }
}
