import Histories
import Systems

/// What templates may refer to in one part of a plan.
struct TemplateContext {
  var roots: Set<TemplateRoot>
  /// Names of the system's ports; nil where the plan gives none that can be read.
  var ports: [String]?
  /// Names of the system's parameters.
  var parameters: [String]?

  /// For processes and probes: all but the operation.
  static let cluster: Set<TemplateRoot> = [.node, .nodes, .peers, .params, .run]

  func with(_ root: TemplateRoot) -> TemplateContext {
    var context = self
    context.roots.insert(root)
    return context
  }
}

extension ProblemSink {
  /// A template that parses and refers only to what exists.
  func template(_ node: YAMLNode, _ context: TemplateContext) -> Template? {
    guard let text = text(node, "a text") else { return nil }
    do {
      let template = try Template(text)
      check(template, node, context)
      return template
    } catch {
      report(error.message, in: node, column: error.column)
      return nil
    }
  }

  private func check(_ template: Template, _ node: YAMLNode, _ context: TemplateContext) {
    for reference in template.references {
      guard let message = problem(reference.name, context) else { continue }
      report(message, in: node, column: reference.column)
    }
  }

  private func problem(_ name: TemplateReference.Name, _ context: TemplateContext) -> String? {
    switch name {
    case .root(let root):
      guard !context.roots.contains(root) else { return nil }
      let known = TemplateRoot.allCases.filter(context.roots.contains).map(\.rawValue)
      return "'\(root.rawValue)' is not known here; known: \(known.joined(separator: ", "))"
    case .port(let name):
      guard let ports = context.ports, !ports.contains(name) else { return nil }
      return UnknownName.message("port", name, known: ports)
    case .parameter(let name):
      guard let parameters = context.parameters, !parameters.contains(name) else { return nil }
      return UnknownName.message("parameter of the system", name, known: parameters)
    }
  }

  /// A mapping from names to templates, in the plan's order: headers, query, form.
  func namedTemplates(_ node: YAMLNode, _ expected: String, _ context: TemplateContext) -> [NamedTemplate] {
    entries(node, expected).compactMap { entry in
      template(entry.value, context).map { NamedTemplate(name: entry.key, value: $0) }
    }
  }

  /// A JSON document with templates in it.
  func jsonTemplate(_ node: YAMLNode, _ context: TemplateContext) -> JSONTemplate? {
    switch node.content {
    case .scalar(let scalar):
      guard scalar.value.string != nil else { return .constant(scalar.value) }
      return template(node, context).map { $0.isConstant ? .constant(.string(scalar.text)) : .template($0) }
    case .list(let elements):
      return .list(elements.compactMap { jsonTemplate($0, context) })
    case .map(let entries):
      if let each = entries.first(where: { $0.key == "each" }) {
        report("'each' in json is not supported yet", at: each.keyMark)
        return nil
      }
      return .map(entries.compactMap { jsonEntry($0, context) })
    }
  }

  private func jsonEntry(_ entry: YAMLEntry, _ context: TemplateContext) -> JSONTemplate.Entry? {
    if entry.key.contains("{{") { report("a key of json cannot be a template", at: entry.keyMark) }
    return jsonTemplate(entry.value, context).map { JSONTemplate.Entry(key: entry.key, value: $0) }
  }
}
