/// What is wrong with a text, and at which byte of it (0-based).
struct ScanError: Error {
  /// What lenient reading needs to know of a fault (`SkippedEvents`).
  enum Cause {
    /// The text is not what was expected.
    case form
    /// The text is right, but nothing here holds the number that it says.
    case number
    /// A completion of an operation that is complete.
    case repetition
    /// A limit was reached, or the events contradict each other: nothing can be left out.
    case final
  }

  let message: String
  let offset: Int
  let cause: Cause

  init(_ message: String, at offset: Int, _ cause: Cause = .form) {
    self.message = message
    self.offset = offset
    self.cause = cause
  }
}

/// A text between its quotes or a bare name: bytes of the source, or decoded ones where it had escapes.
struct TextSpan {
  let start: Int
  let end: Int
  /// Its bytes are those of the scanner's `decoded`, not of the source.
  var isDecoded = false
}

/// What becomes of numbers that neither 64 bits nor a double hold.
enum NumberRule {
  /// Refused, as are doubles that become 0: two values of a history must not become one. And a map with two equal keys.
  case exact
  /// As JavaScript reads them: the nearest double; beyond the largest, refused. Of two equal keys the last wins.
  case nearest
  /// Read for their syntax: nobody looks at the value.
  case ignored
}

/// A number as JSON and EDN write it.
enum ScannedNumber {
  case int(Int64)
  case double(Double)
}

/// What scanners write to while they read, for as long as one source is read.
///
/// It is reached by pointers, so that a scanner is plain bits: copies of it cost no reference counting.
struct Scratch: BitwiseCopyable {
  /// The last text that had escapes.
  let decoded: UnsafeMutablePointer<[UInt8]>
  /// Words of the lists and maps that are open.
  let stack: UnsafeMutablePointer<WordStack>
  /// Values of discarded forms.
  let discarded: UnsafeMutablePointer<ValueStore>

  /// Makes one for the time of `body`, which must not let it escape.
  static func with<Result, Failure>(_ body: (Scratch) throws(Failure) -> Result) throws(Failure) -> Result {
    let scratch = Scratch(
      decoded: .allocate(capacity: 1), stack: .allocate(capacity: 1), discarded: .allocate(capacity: 1))
    scratch.decoded.initialize(to: [])
    scratch.stack.initialize(to: WordStack())
    scratch.discarded.initialize(to: ValueStore())
    defer {
      scratch.decoded.deinitialize(count: 1).deallocate()
      scratch.stack.pointee.deallocate()
      scratch.stack.deinitialize(count: 1).deallocate()
      scratch.discarded.deinitialize(count: 1).deallocate()
    }
    return try body(scratch)
  }
}

/// A position in bytes, with what the scanners of both formats share; nothing is allocated as it moves.
///
/// It must not outlive the bytes or the scratch: whoever makes one keeps them alive around it.
struct ByteScanner: BitwiseCopyable {
  let base: UnsafePointer<UInt8>
  /// Where scanning ends: that of the source, or of the line.
  var end: Int
  var position: Int
  let scratch: Scratch

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) {
    self.scratch = scratch
    base = bytes.baseAddress ?? Self.nothing
    end = bytes.count
    position = 0
  }

  /// An address for empty sources; it is never read.
  private static var nothing: UnsafePointer<UInt8> { ("" as StaticString).utf8Start }

  var isAtEnd: Bool { position >= end }

  /// The byte here; 0 at the end.
  var byte: UInt8 { position < end ? base[position] : 0 }

  mutating func take(_ byte: UInt8) -> Bool {
    guard position < end, base[position] == byte else { return false }
    position += 1
    return true
  }

  /// Whether the text goes on with `word`.
  func starts(with word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard position + count <= end else { return false }
    return equal(position, word, count)
  }

  /// Whether the span's text is `word`.
  @inline(__always)
  func matches(_ span: TextSpan, _ word: StaticString) -> Bool { withBytes(span) { $0.isEqual(to: word) } }

  private func equal(_ start: Int, _ word: StaticString, _ count: Int) -> Bool {
    for offset in 0..<count where base[start + offset] != word.utf8Start[offset] { return false }
    return true
  }

  /// The bytes of the text, valid within `body` alone.
  @inline(__always)
  func withBytes<Result>(_ span: TextSpan, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if span.isDecoded { return scratch.decoded.pointee.withUnsafeBufferPointer(body) }
    return body(UnsafeBufferPointer(start: base + span.start, count: span.end - span.start))
  }

  func text(from start: Int, to end: Int) -> String {
    String(decoding: UnsafeBufferPointer(start: base + start, count: end - start), as: UTF8.self)
  }

  // MARK: Numbers

  /// Digits from here: their value, how many, and whether 64 bits hold it.
  mutating func digits() -> (magnitude: UInt64, count: Int, fits: Bool) {
    let start = position
    var magnitude: UInt64 = 0
    var fits = true
    while position < end {
      let digit = base[position] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      if position - start < 18 {
        magnitude = magnitude &* 10 &+ UInt64(digit)
      } else {
        let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
        magnitude = sum
        fits = fits && !overflow && !carry
      }
      position += 1
    }
    return (magnitude, position - start, fits)
  }

  /// Skips a fraction and an exponent; whether there was one.
  mutating func skipFraction() throws(ScanError) -> Bool {
    let start = position
    if take(UInt8(ascii: ".")) { try skipDigits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try skipDigits()
    }
    return position > start
  }

  private mutating func skipDigits() throws(ScanError) {
    guard digits().count > 0 else { throw ScanError("expected a digit", at: position) }
  }

  /// The double nearest to what the text from `start` to here says.
  func double(from start: Int, _ rule: NumberRule) throws(ScanError) -> Double {
    if rule == .ignored { return 0 }
    guard let number = Double(text(from: start, to: position)) else { throw ScanError("malformed number", at: start) }
    guard number.isFinite else { throw ScanError("the number is too large for a double", at: start, .number) }
    if number == 0, rule == .exact, !isZero(from: start) {
      throw ScanError("the number is too small for a double", at: start, .number)
    }
    return number
  }

  /// Whether all digits before the exponent are 0.
  private func isZero(from start: Int) -> Bool {
    let mantissa = (start..<position).prefix { base[$0] | 0x20 != UInt8(ascii: "e") }
    return !mantissa.contains { base[$0] &- UInt8(ascii: "1") < 9 }
  }

  /// The signed integer; nil where it needs more than 64 bits.
  static func signed(_ magnitude: UInt64, negative: Bool, fits: Bool) -> Int64? {
    guard fits else { return nil }
    if negative { return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
    return Int64(exactly: magnitude)
  }

  // MARK: Escapes

  /// `uXXXX`, the `u` already taken, with a following low surrogate joined; appended to `decoded` as UTF-8.
  mutating func decodeUnicodeEscape() throws(ScanError) {
    let start = position
    var code = try hexQuad()
    if (0xD800..<0xDC00).contains(code), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let low = try hexQuad()
      guard (0xDC00..<0xE000).contains(low) else { throw ScanError("unpaired surrogate", at: start) }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw ScanError("unpaired surrogate", at: start) }
    scratch.decoded.pointee.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
  }

  private mutating func hexQuad() throws(ScanError) -> UInt32 {
    guard position + 4 <= end else {
      defer { position = end }
      throw ScanError("expected 4 hex digits", at: position)
    }
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(base[position])).hexDigitValue else {
        throw ScanError("expected 4 hex digits", at: position)
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  /// Copies the source from `start` to here to the end of `decoded`.
  mutating func decode(from start: Int) {
    scratch.decoded.pointee.append(contentsOf: UnsafeBufferPointer(start: base + start, count: position - start))
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether these are the bytes of the word.
  @inline(__always)
  func isEqual(to word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    for offset in 0..<count where self[offset] != word.utf8Start[offset] { return false }
    return true
  }
}
