import FoundationEssentials
import Histories

/// Where in a response the value of an operation is, and how it is read: `value:` of an outcome.
public struct ValueExtraction: Hashable, Sendable {
  public enum Source: Hashable, Sendable {
    case jsonpath(JSONPath)
    /// The first group of the first match in the body.
    case regex(Pattern)
    case header(String)
  }

  /// `as`: the type that the history is to have.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case int, double, string, bool
    /// A text that holds JSON.
    case json
  }

  /// `decode`.
  public enum Decoding: String, Hashable, Sendable, CaseIterable {
    case base64
  }

  public var source: Source
  public var kind: Kind?
  public var decoding: Decoding?
  /// The value where the response has none, or null; without it, such a response is a bad one.
  public var fallback: Value?
  /// Of a list: what to take of each of its elements, in its place.
  public var pick: JSONPath?

  public init(
    source: Source, kind: Kind? = nil, decoding: Decoding? = nil, fallback: Value? = nil, pick: JSONPath? = nil
  ) {
    self.source = source
    self.pick = pick
    self.kind = kind
    self.decoding = decoding
    self.fallback = fallback
  }

  /// Why a response gives no value. Names what was looked for, never what was found: the texts stay few.
  struct Failure: Error, Hashable {
    var reason: String
  }

  func value(in response: inout ResponseReader) throws(Failure) -> Value {
    let found = try find(in: &response)
    if let fallback, found == nil || found == .null { return fallback }
    guard let found else { throw Failure(reason: "\(place) is missing") }
    guard let pick else { return try converted(decoded(found)) }
    guard case .list(let elements) = found else { throw Failure(reason: "\(place) is not a list") }
    var picked: [Value] = []
    for element in elements {
      guard let part = pick.value(in: element) else { throw Failure(reason: "\(pick) of \(place) is missing") }
      picked.append(try converted(decoded(part)))
    }
    return .list(picked)
  }

  private func find(in response: inout ResponseReader) throws(Failure) -> Value? {
    switch source {
    case .jsonpath(let path):
      guard let document = response.document else { throw Failure(reason: "the body is not JSON") }
      return path.value(in: document)
    case .regex(let pattern): return pattern.firstCapture(in: response.text).map { .string($0) }
    case .header(let name): return response.header(name).map { .string($0) }
    }
  }

  private func decoded(_ value: Value) throws(Failure) -> Value {
    switch decoding {
    case nil: return value
    case .base64:
      guard case .string(let text) = value, let decoded = Base64.decode(text) else {
        throw Failure(reason: "\(place) is not base64")
      }
      return .string(decoded)
    }
  }

  private func converted(_ value: Value) throws(Failure) -> Value {
    guard let kind else { return value }
    guard let converted = kind.convert(value) else {
      throw Failure(reason: "\(place) is not \(kind == .int ? "an" : "a") \(kind.rawValue)")
    }
    return converted
  }

  /// The source, in words.
  private var place: String {
    switch source {
    case .jsonpath(let path): path.description
    case .regex(let pattern): "a match of \(pattern)"
    case .header(let name): "header \(name)"
    }
  }
}

extension ValueExtraction.Kind {
  /// - Returns: nil where the value is not of this kind and no text of it either.
  fileprivate func convert(_ value: Value) -> Value? {
    switch (self, value) {
    case (.int, _): value.integer.map { .int($0) }
    case (.double, .double): value
    case (.double, .int(let number)): .double(Double(number))
    case (.double, .string(let text)): Double(text).map { .double($0) }
    case (.string, .string), (.bool, .bool): value
    case (.string, .int), (.string, .double), (.string, .bool): .string(value.json)
    case (.bool, .string(let text)): Bool(text).map { .bool($0) }
    case (.json, .string(let text)): try? JSONReader.parse(text)
    case (.json, _): value
    default: nil
    }
  }
}
