/// A value of an operation: what JSON can say, and what EDN says after its keywords and symbols became strings.
///
/// Maps compare without order and are always written with their keys sorted, so that the same value has one text.
public enum Value: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  case list([Value])
  case map([String: Value])
}

extension Value {
  /// The integer, if this is one.
  public var int: Int64? {
    if case .int(let value) = self { return value }
    return nil
  }

  /// The text, if this is a string.
  public var string: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  /// The truth value, if this is one.
  public var bool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// The elements, if this is a list.
  public var list: [Value]? {
    if case .list(let values) = self { return values }
    return nil
  }

  /// The entries, if this is a map.
  public var map: [String: Value]? {
    if case .map(let entries) = self { return entries }
    return nil
  }

  public var isNull: Bool { self == .null }

  /// `[key, value]`, the wrapper of every workload that works on many independent objects.
  public static func keyed(_ key: Value, _ value: Value) -> Value { .list([key, value]) }

  /// The two halves of `[key, value]`, if this has that shape.
  public var keyedPair: (key: Value, value: Value)? {
    guard case .list(let pair) = self, pair.count == 2 else { return nil }
    return (pair[0], pair[1])
  }
}

extension Value: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, Value)...) {
    self = .map(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}

extension Value: CustomStringConvertible {
  /// Compact JSON.
  public var description: String { json }
}

extension Value: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      self = .double(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let values = try? container.decode([Value].self) {
      self = .list(values)
    } else {
      self = .map(try container.decode([String: Value].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .double(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .map(let entries): try container.encode(entries)
    }
  }
}
