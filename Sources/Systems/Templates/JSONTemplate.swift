import Histories

/// A JSON document with templates for texts: the `json:` body of a request.
///
/// A text that is one expression and nothing else takes that expression's type: `{count: "{{ op.value }}"}` sends a
/// number where the operation's value is one.
public indirect enum JSONTemplate: Hashable, Sendable {
  case constant(Value)
  case template(Template)
  case list([JSONTemplate])
  /// In the order that the plan gives.
  case map([Entry])

  public struct Entry: Hashable, Sendable {
    public var key: String
    public var value: JSONTemplate

    public init(key: String, value: JSONTemplate) {
      self.key = key
      self.value = value
    }
  }
}

extension JSONTemplate {
  /// Appends the document as compact JSON.
  ///
  /// - Throws: where one of its templates cannot be rendered in this scope.
  func append(to buffer: inout [UInt8], _ scope: TemplateScope) throws(TemplateError) {
    switch self {
    case .constant(let value): JSONWriter.append(value, to: &buffer)
    case .template(let template): JSONWriter.append(try template.value(scope), to: &buffer)
    case .list(let elements): try append(list: elements, to: &buffer, scope)
    case .map(let entries): try append(map: entries, to: &buffer, scope)
    }
  }

  private func append(list elements: [JSONTemplate], to buffer: inout [UInt8], _ scope: TemplateScope)
    throws(TemplateError)
  {
    buffer.append(UInt8(ascii: "["))
    for (index, element) in elements.enumerated() {
      if index > 0 { buffer.append(UInt8(ascii: ",")) }
      try element.append(to: &buffer, scope)
    }
    buffer.append(UInt8(ascii: "]"))
  }

  private func append(map entries: [Entry], to buffer: inout [UInt8], _ scope: TemplateScope) throws(TemplateError) {
    buffer.append(UInt8(ascii: "{"))
    for (index, entry) in entries.enumerated() {
      if index > 0 { buffer.append(UInt8(ascii: ",")) }
      JSONWriter.append(string: entry.key, to: &buffer)
      buffer.append(UInt8(ascii: ":"))
      try entry.value.append(to: &buffer, scope)
    }
    buffer.append(UInt8(ascii: "}"))
  }

  /// The same document with all rendered that does not depend on the operation.
  func folded(_ scope: TemplateScope) throws(TemplateError) -> JSONTemplate {
    switch self {
    case .constant: return self
    case .template(let template) where template.dependsOnOperation:
      return .template(template.isWholeExpression ? template : try template.folded(scope))
    case .template(let template): return .constant(try template.value(scope))
    case .list(let elements):
      var folded: [JSONTemplate] = []
      for element in elements { folded.append(try element.folded(scope)) }
      return .list(folded)
    case .map(let entries):
      var folded: [Entry] = []
      for entry in entries { folded.append(Entry(key: entry.key, value: try entry.value.folded(scope))) }
      return .map(folded)
    }
  }

  /// The document as data, templates as their own text: for `plan.resolved.json`.
  public var source: Value {
    switch self {
    case .constant(let value): value
    case .template(let template): .string(template.description)
    case .list(let elements): .list(elements.map(\.source))
    case .map(let entries):
      .map(Dictionary(entries.map { ($0.key, $0.value.source) }, uniquingKeysWith: { _, last in last }))
    }
  }
}
