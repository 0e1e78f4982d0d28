import Synchronization

/// A regular expression of a plan, compiled once: Swift's own syntax (Perl's, with `\d`, groups and look-ahead).
///
/// Most patterns for logs are plain words, perhaps anchored at the line's start; those are searched as bytes, since a
/// run's logs may be large.
public final class Pattern: Sendable {
  /// The text that it was compiled from.
  public let source: String
  private let matcher: Matcher

  private enum Matcher: Sendable {
    case literal([UInt8], anchored: Bool)
    /// `Regex` is not Sendable: it may hold closures of a custom parser. One compiled from text holds none, but the type
    /// does not say so; the lock makes its use from several threads right without relying on that.
    case regex(Locked)
  }

  private final class Locked: Sendable {
    let regex: Mutex<Regex<AnyRegexOutput>>
    init(_ source: String) throws { regex = Mutex(try Regex(source)) }
  }

  /// - Throws: the compiler's own error, whose description says what it expected.
  public init(_ source: String) throws {
    let locked = try Locked(source)
    self.source = source
    matcher = Self.literal(source) ?? .regex(locked)
  }

  /// Whether the pattern occurs in the text.
  public func matches(_ text: String) -> Bool {
    switch matcher {
    case .literal(let bytes, let anchored): Array(text.utf8).withUnsafeBufferPointer { Self.find(bytes, anchored, $0) }
    case .regex(let locked): locked.regex.withLock { Self.firstMatch($0, in: text) != nil }
    }
  }

  /// Whether the pattern occurs in these bytes, taken as UTF-8: a line of a log.
  public func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    switch matcher {
    case .literal(let wanted, let anchored): Self.find(wanted, anchored, bytes)
    case .regex: matches(String(decoding: bytes, as: UTF8.self))
    }
  }

  /// The first group of the first match, or the whole match where the pattern has no group; nil without a match.
  public func firstCapture(in text: String) -> String? {
    guard case .regex(let locked) = matcher else { return matches(text) ? literalText : nil }
    return locked.regex.withLock { regex in
      guard let match = Self.firstMatch(regex, in: text) else { return nil }
      guard match.count > 1 else { return String(text[match.range]) }
      return match[1].substring.map(String.init)
    }
  }

  /// Matching throws what a custom parser inside the expression throws; one compiled from text has none.
  private static func firstMatch(_ regex: Regex<AnyRegexOutput>, in text: String) -> Regex<AnyRegexOutput>.Match? {
    try? regex.firstMatch(in: text)
  }

  private var literalText: String? {
    guard case .literal(let bytes, _) = matcher else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The pattern as plain bytes, if it has no metacharacter but a leading `^` and escaped punctuation.
  private static func literal(_ source: String) -> Matcher? {
    let anchored = source.hasPrefix("^")
    var bytes: [UInt8] = []
    var escaped = false
    for byte in source.utf8.dropFirst(anchored ? 1 : 0) {
      guard byte < 0x80 else { return nil }  // other characters match by canonical equivalence, not by bytes
      let isPlain = isWord(byte) || byte == UInt8(ascii: " ") || plainPunctuation.contains(byte)
      if escaped {
        guard !isWord(byte) else { return nil }  // \d, \b, …
        bytes.append(byte)
        escaped = false
      } else if byte == UInt8(ascii: "\\") {
        escaped = true
      } else if isPlain {
        bytes.append(byte)
      } else {
        return nil
      }
    }
    return escaped || bytes.isEmpty ? nil : .literal(bytes, anchored: anchored)
  }

  private static let plainPunctuation = Set(":;,\"'!@%&=<>/_~`-".utf8)

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  private static func find(_ wanted: [UInt8], _ anchored: Bool, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count >= wanted.count else { return false }
    for start in 0...(anchored ? 0 : bytes.count - wanted.count) where bytes[start] == wanted[0] {
      if (1..<wanted.count).allSatisfy({ bytes[start + $0] == wanted[$0] }) { return true }
    }
    return false
  }
}

extension Pattern: Hashable, CustomStringConvertible {
  public static func == (left: Pattern, right: Pattern) -> Bool { left.source == right.source }
  public func hash(into hasher: inout Hasher) { hasher.combine(source) }
  public var description: String { source }
}
