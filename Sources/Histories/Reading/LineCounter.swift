import Glibc

/// Finds the lines of rising offsets: each byte is looked at once, by `memchr`.
struct LineCounter {
  private let bytes: UnsafeBufferPointer<UInt8>
  /// The line that was reached, 1-based, and where it starts.
  private(set) var line: UInt32 = 1
  private var start = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The line and column of `offset`, both 1-based. Offsets before the line that was reached count as its start.
  mutating func locate(_ offset: Int) -> (line: UInt32, column: Int) {
    // No further than the offset: the rest of a file can be long, and need not be there.
    let passed = UnsafeBufferPointer(rebasing: bytes[..<min(max(offset, 0), bytes.count)])
    while let newline = passed.newline(from: start) {
      start = newline + 1
      line &+= line == .max ? 0 : 1
    }
    return (line, max(offset - start, 0) + 1)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Where the text begins: behind the byte order mark, if there is one.
  var startOfText: Int { starts(with: HistoryFormat.byteOrderMark) ? HistoryFormat.byteOrderMark.count : 0 }

  /// The offset of the first line feed at or after `start`.
  func newline(from start: Int) -> Int? {
    guard let base = baseAddress, start < count else { return nil }
    guard let found = memchr(base + start, 0x0A, count - start) else { return nil }
    return UnsafeRawPointer(base).distance(to: found)
  }

  /// Whether nothing but white space comes from `start` on.
  func isBlank(from start: Int) -> Bool {
    start >= count || self[start...].allSatisfy { $0 == 0x20 || $0 >= 0x09 && $0 <= 0x0D }
  }
}
