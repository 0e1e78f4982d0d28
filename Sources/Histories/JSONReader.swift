/// What is wrong with a JSON text, and at which byte of it (0-based).
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  public let message: String
  public let offset: Int

  public init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }

  public var description: String { "\(message) at byte \(offset + 1)" }
}

/// A strict reader of RFC 8259 JSON from bytes: one value as a `Value`.
///
/// Numbers without fraction and exponent that fit 64 bits become `.int`, others `.double`; of two equal keys the last
/// wins. A number that no double can hold is refused. Histories have their own reader, `HistoryReader`.
public struct JSONReader {
  /// Deepest nesting accepted, in levels: a limit against input that would exhaust the stack.
  public static var depthMax: Int { nestingMax }

  /// Parses exactly one value, white space around it allowed.
  ///
  /// - Throws: `JSONError` with the offset of the offending byte.
  public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Value {
    try parse(bytes, .nearest)
  }

  /// Parses exactly one value as histories are read: numbers that would not be held, and equal keys, are refused.
  ///
  /// - Throws: `JSONError` with the offset of the offending byte.
  public static func parse(exact text: String) throws(JSONError) -> Value {
    try Array(text.utf8).withUnsafeBufferPointer { bytes throws(JSONError) in try parse(bytes, .exact) }
  }

  private static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, _ numbers: NumberRule
  ) throws(JSONError) -> Value {
    do throws(ScanError) {
      return try Scratch.with { scratch throws(ScanError) in try value(bytes, scratch, numbers) }
    } catch {
      throw JSONError(error.message, at: error.offset)
    }
  }

  private static func value(
    _ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch, _ numbers: NumberRule
  ) throws(ScanError) -> Value {
    var scanner = JSONScanner(bytes, scratch, numbers)
    var store = ValueStore()
    let word = try scanner.value(into: &store, depth: 0)
    scanner.skipSpace()
    guard scanner.bytes.isAtEnd else { throw ScanError("text after the value", at: scanner.bytes.position) }
    return store.value(word)
  }

  /// Parses exactly one value from bytes.
  public static func parse(_ bytes: [UInt8]) throws(JSONError) -> Value {
    try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in try parse(buffer) }
  }

  /// Parses exactly one value from text.
  public static func parse(_ text: String) throws(JSONError) -> Value { try parse(Array(text.utf8)) }
}
