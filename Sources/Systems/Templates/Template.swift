import Histories

/// Text with `{{ … }}` in it, as plans are full of: parsed once, rendered for every node and operation (DESIGN 7).
///
/// ```
/// template   = (text | "{{" expression "}}")*
/// expression = ("nodes" | "peers") "|" "map" "(" pattern ")" filter*  |  (variable | literal) filter*
/// variable   = (node | target).name|number|address|dataDir|logFile|ports.NAME
///            | params.NAME | run.id|dir | op.id|function|key|value|from|to [step…]
/// step       = .NAME | [INDEX] | ['name']      into the value; null where there is nothing
/// filter     = "|" name ["(" literal ")"]      string int json base64 base64decode urlencode default(x) join('…')
///                                              div(n) mod(n)
/// literal    = 'text' | number | true | false | null
/// pattern    = 'text with {address} and {ports.NAME} of each node'
/// ```
/// Two braces that are meant as such are written `{{ '{{' }}`.
public struct Template: Hashable, Sendable, CustomStringConvertible {
  /// The text that it was parsed from.
  public let description: String
  let segments: [TemplateSegment]

  /// - Throws: `TemplateError` with the column of the first thing that is wrong.
  public init(_ text: String) throws(TemplateError) {
    var parser = TemplateParser(text)
    description = text
    segments = try parser.segments()
  }

  /// A template that is only text, braces included.
  public init(literal text: String) {
    description = text
    segments = text.isEmpty ? [] : [.text(Array(text.utf8))]
  }

  /// `n{{ node.number }}`: n1, n2, … where a plan gives its nodes no names. Made of its parts, so that nothing can throw.
  public static let defaultNodeName = Template(
    description: "n{{ node.number }}",
    segments: [.text(Array("n".utf8)), .expression(TemplateExpression(source: .node(.number), filters: [], column: 5))])

  init(description: String, segments: [TemplateSegment]) {
    self.description = description
    self.segments = segments
  }

  /// This template's text with the other's behind it.
  public func appending(_ other: Template) -> Template {
    var joined = segments
    var rest = other.segments[...]
    if case .text(let left)? = joined.last, case .text(let right)? = rest.first {
      joined[joined.count - 1] = .text(left + right)
      rest.removeFirst()
    }
    return Template(description: description + other.description, segments: joined + rest)
  }

  /// Whether it is one expression and nothing else: then it has a typed value.
  public var isWholeExpression: Bool { wholeExpression != nil }

  var wholeExpression: TemplateExpression? {
    guard segments.count == 1, case .expression(let expression) = segments[0] else { return nil }
    return expression
  }

  var dependsOnOperation: Bool {
    segments.contains { segment in
      if case .expression(let expression) = segment { return expression.dependsOnOperation }
      return false
    }
  }
}

/// The families of variables, for checking that a template refers only to what is known where it is used.
public enum TemplateRoot: String, Hashable, Sendable, CaseIterable {
  case node, nodes, peers, params, run, op
  /// The node that a change of the membership is about.
  case target
}

/// Something outside of itself that a template needs.
public struct TemplateReference: Hashable, Sendable {
  public enum Name: Hashable, Sendable {
    case root(TemplateRoot)
    /// `node.ports.NAME`, also inside `map`.
    case port(String)
    /// `params.NAME`.
    case parameter(String)
  }

  public let name: Name
  /// In the template, in Unicode scalars from 1.
  public let column: Int
}

extension Template {
  /// Everything that it refers to, in order.
  public var references: [TemplateReference] {
    segments.flatMap { segment -> [TemplateReference] in
      if case .expression(let expression) = segment { return expression.references }
      return []
    }
  }
}

extension TemplateExpression {
  fileprivate var references: [TemplateReference] {
    func reference(_ names: TemplateReference.Name...) -> [TemplateReference] {
      names.map { TemplateReference(name: $0, column: column) }
    }
    switch source {
    case .literal: return []
    case .node(.port(let port)): return reference(.root(.node), .port(port))
    case .node: return reference(.root(.node))
    case .target(.port(let port)): return reference(.root(.target), .port(port))
    case .target: return reference(.root(.target))
    case .parameter(let name): return reference(.root(.params), .parameter(name))
    case .run: return reference(.root(.run))
    case .operation: return reference(.root(.op))
    case .eachNode(let pattern, let peersOnly):
      return reference(.root(peersOnly ? .peers : .nodes)) + pattern.references
    }
  }
}

extension NodePattern {
  fileprivate var references: [TemplateReference] {
    parts.compactMap { part in
      guard case .field(.port(let port), let column) = part else { return nil }
      return TemplateReference(name: .port(port), column: column)
    }
  }
}
