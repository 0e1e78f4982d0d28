import CZlib

/// Compression for the data inside a page, by the system's zlib: browsers undo it with `DecompressionStream`.
///
/// The header that zlib writes holds no time, so the same bytes always become the same bytes.
enum Gzip {
  /// zlib refused, which it does only without memory.
  struct Failure: Error, CustomStringConvertible {
    let code: Int32
    var description: String { "zlib failed with code \(code) while the report's data was compressed" }
  }

  /// Output grows by this many bytes at a time.
  private static let pieceBytes = 256 << 10
  /// Best ratio for its time on columns of small numbers (0–9).
  private static let level: Int32 = 6

  static func compress(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    var stream = z_stream()
    let started = faultline_gzip_init(&stream, level)
    guard started == Z_OK else { throw Failure(code: started) }
    defer { deflateEnd(&stream) }
    return try run(&stream, over: bytes) { deflate(&$0, Z_FINISH) }
  }

  /// The inverse, for tests and tools.
  static func decompress(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    var stream = z_stream()
    let started = faultline_gunzip_init(&stream)
    guard started == Z_OK else { throw Failure(code: started) }
    defer { inflateEnd(&stream) }
    return try run(&stream, over: bytes) { inflate(&$0, Z_NO_FLUSH) }
  }

  /// Feeds all of `bytes`, then calls `step` until the stream ends.
  private static func run(
    _ stream: inout z_stream, over bytes: [UInt8], step: (inout z_stream) -> Int32
  ) throws(Failure) -> [UInt8] {
    var input = bytes
    var output: [UInt8] = []
    let code = input.withUnsafeMutableBufferPointer { source -> Int32 in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      var code = Z_OK
      while code == Z_OK {
        var written = 0
        let piece = [UInt8](unsafeUninitializedCapacity: pieceBytes) { target, count in
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(pieceBytes)
          code = step(&stream)
          written = pieceBytes - Int(stream.avail_out)
          count = written
        }
        output.append(contentsOf: piece)
      }
      return code
    }
    guard code == Z_STREAM_END else { throw Failure(code: code) }
    return output
  }
}
