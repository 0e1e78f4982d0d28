import FoundationEssentials
import Histories

/// A step of an expression: a pure function from value to value.
enum TemplateFilter: Hashable, Sendable {
  case string, int, json, base64, base64decode, urlencode
  /// The value in place of null.
  case fallback(Value)
  case join(String)
  /// The whole quotient, rounded down, and what is left of it: shards and the like. The divisor is at least 1.
  case div(Int64)
  case mod(Int64)

  /// The filters' names as written, `map` among them though the parser makes it part of the source.
  static let names = [
    "string", "int", "json", "base64", "base64decode", "urlencode", "default", "map", "join", "div", "mod",
  ]

  /// The filters without an argument.
  static let plain: [String: TemplateFilter] = [
    "string": .string, "int": .int, "json": .json, "base64": .base64, "base64decode": .base64decode,
    "urlencode": .urlencode,
  ]

  /// - Throws: where the value has the wrong type for the filter, at `column`.
  func apply(_ value: Value, column: Int) throws(TemplateError) -> Value {
    switch self {
    case .string: return .string(try Self.text(value, column))
    case .int: return .int(try Self.integer(value, column))
    case .json: return .string(value.json)
    case .base64: return .string(Data(try Self.text(value, column).utf8).base64EncodedString())
    case .base64decode: return .string(try Self.decoded(Self.text(value, column), column))
    case .urlencode: return .string(PercentEncoding.encode(try Self.text(value, column)))
    case .fallback(let other): return value.isNull ? other : value
    case .join(let separator): return .string(try Self.joined(value, separator, column))
    case .div(let divisor): return .int(try Self.divided(value, divisor, column).quotient)
    case .mod(let divisor): return .int(try Self.divided(value, divisor, column).remainder)
    }
  }

  /// A value as text: strings as they are, the rest as JSON.
  ///
  /// Null has no text: `/kv/null` would be a quiet mistake. `default` or `json` says what is meant.
  static func text(_ value: Value, _ column: Int) throws(TemplateError) -> String {
    switch value {
    case .string(let text): return text
    case .null: throw TemplateError("the value is null: use default(…) or json", column: column)
    default: return value.json
    }
  }

  private static func integer(_ value: Value, _ column: Int) throws(TemplateError) -> Int64 {
    guard let number = value.integer else { throw TemplateError("the value is not an integer", column: column) }
    return number
  }

  /// Rounded down, so that the remainder is never negative.
  private static func divided(
    _ value: Value, _ divisor: Int64, _ column: Int
  ) throws(TemplateError) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = try integer(value, column).quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  private static func decoded(_ text: String, _ column: Int) throws(TemplateError) -> String {
    guard let decoded = Base64.decode(text) else {
      throw TemplateError("the value is not base64 of UTF-8 text", column: column)
    }
    return decoded
  }

  private static func joined(_ value: Value, _ separator: String, _ column: Int) throws(TemplateError) -> String {
    guard case .list(let elements) = value else { throw TemplateError("join needs a list", column: column) }
    var texts: [String] = []
    for element in elements { texts.append(try text(element, column)) }
    return texts.joined(separator: separator)
  }
}

enum Base64 {
  /// The text that `text` encodes (RFC 4648, section 4); nil where it is not base64, or not of UTF-8.
  static func decode(_ text: String) -> String? {
    Data(base64Encoded: text).flatMap { String(validating: $0, as: UTF8.self) }
  }
}

extension Value {
  /// The integer that this is, or that a decimal text or a whole double spells; nil for anything else.
  var integer: Int64? {
    switch self {
    case .int(let number): number
    case .string(let text): Int64(text)
    case .double(let number): Int64(exactly: number)
    default: nil
    }
  }
}
