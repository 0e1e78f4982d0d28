import Clusters
import Histories

/// What becomes of the text that an expression gives, before it is put between the template's own.
enum TemplateEscaping: Sendable {
  case none
  /// For paths and queries. An expression that ends with `urlencode` already is.
  case percent
}

extension Template {
  /// The text, as UTF-8 behind what the buffer holds.
  ///
  /// - Throws: where a variable is unknown in this scope, or has the wrong type.
  func append(to buffer: inout [UInt8], _ scope: TemplateScope, _ escaping: TemplateEscaping = .none)
    throws(TemplateError)
  {
    for segment in segments {
      switch segment {
      case .text(let bytes): buffer.append(contentsOf: bytes)
      case .expression(let expression): try expression.append(to: &buffer, scope, escaping)
      }
    }
  }

  /// The text.
  ///
  /// - Throws: where a variable is unknown in this scope, or has the wrong type.
  public func text(_ scope: TemplateScope) throws(TemplateError) -> String { try text(scope, .none) }

  func text(_ scope: TemplateScope, _ escaping: TemplateEscaping) throws(TemplateError) -> String {
    var buffer: [UInt8] = []
    try append(to: &buffer, scope, escaping)
    return String(decoding: buffer, as: UTF8.self)
  }

  /// The value of a template that is one expression, with its type; the text of any other.
  public func value(_ scope: TemplateScope) throws(TemplateError) -> Value {
    if let expression = wholeExpression { return try expression.value(scope) }
    return .string(try text(scope))
  }

  /// This template with all rendered that is the same for every operation, for the hot path: what is left are the
  /// expressions over `op`.
  func folded(_ scope: TemplateScope, _ escaping: TemplateEscaping = .none) throws(TemplateError) -> Template {
    var parts: [TemplateSegment] = []
    var text: [UInt8] = []
    for segment in segments {
      switch segment {
      case .text(let bytes): text.append(contentsOf: bytes)
      case .expression(let expression) where !expression.dependsOnOperation:
        try expression.append(to: &text, scope, escaping)
      case .expression:
        if !text.isEmpty { parts.append(.text(text)) }
        text = []
        parts.append(segment)
      }
    }
    if !text.isEmpty { parts.append(.text(text)) }
    return Template(description: description, segments: parts)
  }
}

extension TemplateExpression {
  func value(_ scope: TemplateScope) throws(TemplateError) -> Value {
    var value = try sourceValue(scope)
    for filter in filters { value = try filter.apply(value, column: column) }
    return value
  }

  fileprivate func append(to buffer: inout [UInt8], _ scope: TemplateScope, _ escaping: TemplateEscaping)
    throws(TemplateError)
  {
    let value = try value(scope)
    if case .int(let number) = value {  // digits need no escaping: the common case without a String
      JSONWriter.append(number, to: &buffer)
      return
    }
    let text = try TemplateFilter.text(value, column)
    switch escaping {
    case .none: buffer.append(contentsOf: text.utf8)
    case .percent where filters.last == .urlencode: buffer.append(contentsOf: text.utf8)
    case .percent: PercentEncoding.append(text.utf8, to: &buffer)
    }
  }

  private func sourceValue(_ scope: TemplateScope) throws(TemplateError) -> Value {
    switch source {
    case .literal(let value): return value
    case .operation(let field, let path):
      return JSONPath.value(at: path, in: field.value(of: try known(scope.invocation, "op"))) ?? .null
    case .node(let field): return try field.required(of: known(scope.node, "node"), column)
    case .target(let field): return try field.required(of: known(scope.target, "target"), column)
    case .parameter(let name): return try known(scope.parameters[name], "params.\(name)")
    case .run(.id): return .string(try known(scope.run, "run").id)
    case .run(.dir): return .string(try known(scope.run, "run").directory)
    case .eachNode(let pattern, let peersOnly): return .list(try texts(pattern, peersOnly, scope))
    }
  }

  private func texts(_ pattern: NodePattern, _ peersOnly: Bool, _ scope: TemplateScope) throws(TemplateError) -> [Value]
  {
    let own = peersOnly ? try known(scope.node, "peers").number : nil
    var texts: [Value] = []
    for node in scope.nodes where node.number != own { texts.append(.string(try pattern.text(for: node))) }
    return texts
  }

  private func known<Known>(_ value: Known?, _ name: String) throws(TemplateError) -> Known {
    guard let value else { throw TemplateError("'\(name)' is not known here", column: column) }
    return value
  }
}
