import Histories

/// A path to one value of a JSON document: `$.kvs[0].value`, `$['odd key'][-1]`.
///
/// The singular queries of RFC 9535 (section 2.3.5.1): names and indices, negative ones from the end. No wildcards,
/// slices, filters or descendants: an outcome needs one value.
public struct JSONPath: Hashable, Sendable, CustomStringConvertible {
  enum Step: Hashable, Sendable {
    case name(String)
    case index(Int)
  }

  /// The text that it was parsed from.
  public let description: String
  let steps: [Step]

  /// - Throws: `TemplateError` with the column of what is wrong.
  public init(_ text: String) throws(TemplateError) {
    description = text
    steps = try Self.parse(text)
  }

  /// The value at this path; nil where there is none. A null that is there is `.null`.
  public func value(in document: Value) -> Value? { Self.value(at: steps, in: document) }

  /// The value that these steps lead to; nil where there is none.
  static func value(at steps: [Step], in document: Value) -> Value? {
    var value = document
    for step in steps {
      switch (step, value) {
      case (.name(let name), .map(let entries)):
        guard let entry = entries[name] else { return nil }
        value = entry
      case (.index(let index), .list(let elements)):
        let position = index < 0 ? elements.count + index : index
        guard elements.indices.contains(position) else { return nil }
        value = elements[position]
      default: return nil
      }
    }
    return value
  }

  private static func parse(_ text: String) throws(TemplateError) -> [Step] {
    var scanner = ScalarScanner(text)
    guard scanner.take("$") else { throw TemplateError("a JSON path begins with '$'", column: 1) }
    let steps = try steps(&scanner)
    guard let scalar = scanner.peek else { return steps }
    throw TemplateError("expected '.' or '[', not '\(scalar)'", column: scanner.column)
  }

  /// The steps that come next, `.name`, `['name']` or `[0]`: as many as there are, perhaps none.
  static func steps(_ scanner: inout ScalarScanner) throws(TemplateError) -> [Step] {
    var steps: [Step] = []
    while true {
      let column = scanner.column
      if scanner.take(".") {
        guard let name = scanner.identifier() else {
          throw TemplateError("expected a name behind '.'; others are written ['name']", column: scanner.column)
        }
        steps.append(.name(name))
      } else if scanner.take("[") {
        steps.append(try bracket(&scanner))
        guard scanner.take("]") else { throw TemplateError("'[' is not closed by ']'", column: column) }
      } else {
        return steps
      }
    }
  }

  /// Behind `[`.
  private static func bracket(_ scanner: inout ScalarScanner) throws(TemplateError) -> Step {
    let column = scanner.column
    if let name = try scanner.quotedText() { return .name(name) }
    if let text = scanner.numberText(), let index = Int(text) { return .index(index) }
    throw TemplateError("expected an index or a name in quotes", column: column)
  }
}
