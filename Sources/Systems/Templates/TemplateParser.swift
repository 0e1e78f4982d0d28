import Histories

/// Parses a template's text into segments, once.
struct TemplateParser {
  private var scanner: ScalarScanner

  init(_ text: String) { scanner = ScalarScanner(text) }

  mutating func segments() throws(TemplateError) -> [TemplateSegment] {
    var segments: [TemplateSegment] = []
    var text = ""
    while let scalar = scanner.peek {
      if scanner.take("{{") {
        if !text.isEmpty { segments.append(.text(Array(text.utf8))) }
        text = ""
        segments.append(.expression(try expression(opened: scanner.column - 2)))
      } else {
        text.unicodeScalars.append(scalar)
        scanner.advance()
      }
    }
    if !text.isEmpty { segments.append(.text(Array(text.utf8))) }
    return segments
  }

  /// Behind `{{`, which stands at column `opened`.
  private mutating func expression(opened: Int) throws(TemplateError) -> TemplateExpression {
    scanner.skipSpace()
    let column = scanner.column
    let source = try source()
    var filters: [TemplateFilter] = []
    while true {
      scanner.skipSpace()
      if scanner.take("}}") { return TemplateExpression(source: source, filters: filters, column: column) }
      guard scanner.peek != nil else { throw TemplateError("'{{' is not closed by '}}'", column: opened) }
      guard scanner.take("|") else { throw unexpected("'|' or '}}'") }
      filters.append(try filter())
    }
  }

  private mutating func source() throws(TemplateError) -> TemplateSource {
    let column = scanner.column
    guard let name = scanner.identifier() else { return .literal(try literal("a variable")) }
    switch name {
    case "true": return .literal(true)
    case "false": return .literal(false)
    case "null": return .literal(nil)
    default: break
    }
    guard let root = TemplateRoot(rawValue: name) else {
      throw unknown("variable", name, TemplateRoot.allCases.map(\.rawValue), column)
    }
    return try source(root)
  }

  /// Behind the name of `root`.
  private mutating func source(_ root: TemplateRoot) throws(TemplateError) -> TemplateSource {
    switch root {
    case .node: return .node(try nodeField(behind: "node"))
    case .target: return .target(try nodeField(behind: "target"))
    case .nodes, .peers: return try eachNode(root)
    case .params:
      let (name, _) = try member(of: "params", expected: "the name of a parameter")
      return .parameter(name)
    case .run:
      let (name, column) = try member(of: "run", expected: "id or dir")
      guard let field = RunField(rawValue: name) else {
        throw unknown("field of run", name, RunField.allCases.map(\.rawValue), column)
      }
      return .run(field)
    case .op:
      let (name, column) = try member(of: "op", expected: "id, function, key, value, from or to")
      guard let field = OperationField(rawValue: name) else {
        throw unknown("field of op", name, OperationField.allCases.map(\.rawValue), column)
      }
      return .operation(field, path: try JSONPath.steps(&scanner))
    }
  }

  /// `nodes` and `peers` are lists of nodes, which only `map` can make into something to write down.
  private mutating func eachNode(_ root: TemplateRoot) throws(TemplateError) -> TemplateSource {
    scanner.skipSpace()
    let problem = TemplateError(
      "\(root.rawValue) is a list of nodes: write \(root.rawValue) | map('{name}') | join(',')",
      column: scanner.column)
    guard scanner.take("|") else { throw problem }
    scanner.skipSpace()
    guard scanner.identifier() == "map" else { throw problem }
    return .eachNode(try nodePattern(), peersOnly: root == .peers)
  }

  private mutating func filter() throws(TemplateError) -> TemplateFilter {
    scanner.skipSpace()
    let column = scanner.column
    guard let name = scanner.identifier() else { throw unexpected("the name of a filter") }
    if let plain = TemplateFilter.plain[name] { return plain }
    switch name {
    case "default": return .fallback(try argument(of: name))
    case "join":
      guard case .string(let separator) = try argument(of: name) else {
        throw TemplateError("join needs a text: join(',')", column: column)
      }
      return .join(separator)
    case "div", "mod":
      guard case .int(let divisor) = try argument(of: name), divisor > 0 else {
        throw TemplateError("\(name) needs an integer from 1 on: \(name)(8)", column: column)
      }
      return name == "div" ? .div(divisor) : .mod(divisor)
    case "map": throw TemplateError("map works on nodes and peers only", column: column)
    default: throw unknown("filter", name, TemplateFilter.names, column)
    }
  }

  private mutating func argument(of filter: String) throws(TemplateError) -> Value {
    scanner.skipSpace()
    guard scanner.take("(") else { throw unexpected("'(' and an argument of \(filter)") }
    scanner.skipSpace()
    let value = try literal("an argument of \(filter)")
    scanner.skipSpace()
    guard scanner.take(")") else { throw unexpected("')'") }
    return value
  }

  private mutating func literal(_ expected: String) throws(TemplateError) -> Value {
    let column = scanner.column
    if let text = try scanner.quotedText() { return .string(text) }
    if let number = scanner.numberText() {
      if let int = Int64(number) { return .int(int) }
      if let double = Double(number), double.isFinite { return .double(double) }
      throw TemplateError("'\(number)' is not a number", column: column)
    }
    switch scanner.identifier() {
    case "true": return true
    case "false": return false
    case "null": return nil
    case .some(let word): throw TemplateError("expected \(expected), not '\(word)'", column: column)
    case nil: throw unexpected(expected)
    }
  }
}

extension TemplateParser {
  /// The pattern between the brackets of `map('…')`.
  private mutating func nodePattern() throws(TemplateError) -> NodePattern {
    scanner.skipSpace()
    guard scanner.take("(") else { throw unexpected("'(' and a pattern") }
    scanner.skipSpace()
    guard let quote = scanner.takeQuote() else { throw unexpected("a pattern in quotes, as '{name}={address}'") }
    let opened = scanner.column - 1
    var parts: [NodePattern.Part] = []
    var text = ""
    while let scalar = scanner.peek, scalar != quote {
      scanner.advance()
      if scalar == "{" {
        if !text.isEmpty { parts.append(.text(text)) }
        text = ""
        parts.append(try patternField())
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    guard scanner.peek != nil else { throw TemplateError("the text is not closed", column: opened) }
    scanner.advance()
    if !text.isEmpty { parts.append(.text(text)) }
    scanner.skipSpace()
    guard scanner.take(")") else { throw unexpected("')'") }
    return NodePattern(parts: parts)
  }

  /// Behind a pattern's `{`.
  private mutating func patternField() throws(TemplateError) -> NodePattern.Part {
    let column = scanner.column
    guard let name = scanner.identifier() else { throw unexpected("a field of a node: \(NodeField.expected)") }
    let field = try nodeField(name, column)
    guard scanner.take("}") else { throw unexpected("'}'") }
    return .field(field, column: column)
  }

  /// `.name`, `.ports.NAME`, … behind `owner`.
  private mutating func nodeField(behind owner: String) throws(TemplateError) -> NodeField {
    let (name, column) = try member(of: owner, expected: NodeField.expected)
    return try nodeField(name, column)
  }

  private mutating func nodeField(_ name: String, _ column: Int) throws(TemplateError) -> NodeField {
    if name == "ports" { return .port(try member(of: "ports", expected: "the name of a port").name) }
    guard let known = NodeField.named.first(where: { $0.name == name }) else {
      throw unknown("field of a node", name, NodeField.named.map(\.name) + ["ports"], column)
    }
    return known.field
  }

  private mutating func member(of owner: String, expected: String) throws(TemplateError) -> (name: String, column: Int)
  {
    guard scanner.take(".") else { throw TemplateError("\(owner) needs a field: \(expected)", column: scanner.column) }
    let column = scanner.column
    guard let name = scanner.identifier() else { throw unexpected("a field of \(owner): \(expected)") }
    return (name, column)
  }

  private func unexpected(_ expected: String) -> TemplateError {
    guard let found = scanner.peek else {
      return TemplateError("expected \(expected), not the end of the template", column: scanner.column)
    }
    return TemplateError("expected \(expected), not '\(found)'", column: scanner.column)
  }

  private func unknown(_ kind: String, _ name: String, _ known: [String], _ column: Int) -> TemplateError {
    TemplateError(UnknownName.message(kind, name, known: known), column: column)
  }
}
