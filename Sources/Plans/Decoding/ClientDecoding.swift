import Histories
import Systems

extension PlanDecoder {
  /// The block `client:`.
  func client(_ node: YAMLNode?, _ context: TemplateContext) -> ClientDescription? {
    guard let node else { return nil }
    let fields = Fields(node, "client", sink)
    fields.notSupportedYet("exec", "auth", "tls", "redirects")
    let baseURL = fields.required("baseURL", "as \"http://{{ node.address }}:{{ node.ports.http }}\"")
      .flatMap { self.baseURL($0, context) }
    let timeout = fields.node("timeout").flatMap { sink.duration($0) } ?? 5
    let headers = fields.node("headers").map { self.headers($0, context.with(.op)) } ?? []
    let placement = fields.node("placement").flatMap { node in
      sink.choice(node, "placement", among: Placement.allCases.map(\.rawValue)).flatMap { Placement(rawValue: $0) }
    }
    fields.finish()
    return baseURL.map {
      ClientDescription(baseURL: $0, timeoutSeconds: timeout, headers: headers, placement: placement ?? .sticky)
    }
  }

  private func baseURL(_ node: YAMLNode, _ context: TemplateContext) -> Template? {
    guard let template = sink.template(node, context) else { return nil }
    let text = template.description
    guard text.hasPrefix("http://") || text.hasPrefix("https://") || text.hasPrefix("{{") else {
      sink.report("baseURL must begin with http:// or https://, not '\(text)'", at: node.mark)
      return nil
    }
    return template
  }

  /// Headers by name, each name one that HTTP allows and the client does not write itself.
  func headers(_ node: YAMLNode, _ context: TemplateContext) -> [NamedTemplate] {
    for entry in sink.entries(node, "a mapping from header names to values") {
      if let problem = HTTPNames.problem(header: entry.key) { sink.report(problem, at: entry.keyMark) }
    }
    guard case .map = node.content else { return [] }
    return sink.namedTemplates(node, "a mapping from header names to values", context)
  }

  func method(_ node: YAMLNode) -> String? {
    guard let text = sink.text(node, "a method such as GET or PUT") else { return nil }
    guard HTTPNames.isMethod(text) else {
      sink.report("a method is a word in capitals such as GET or PUT, not '\(text)'", at: node.mark)
      return nil
    }
    return text
  }

  func path(_ node: YAMLNode, _ context: TemplateContext) -> Template? {
    guard let template = sink.template(node, context) else { return nil }
    guard template.description.hasPrefix("/") else {
      sink.report("a path begins with '/', not \(node.summary)", at: node.mark)
      return nil
    }
    guard let bad = template.firstCharacterToEncode else { return template }
    sink.report("a path cannot hold '\(bad)': percent-encode it", at: node.mark)
    return nil
  }
}
