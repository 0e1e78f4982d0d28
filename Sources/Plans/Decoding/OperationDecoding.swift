import Histories
import Systems

/// An operation with the place where the plan describes it.
struct DecodedOperation {
  var description: OperationDescription
  var mark: YAMLMark
  /// Of `readOnly`, where the plan says it.
  var readOnlyMark: YAMLMark?
}

extension PlanDecoder {
  /// The block `operations:`, by name.
  func operations(_ plan: Fields, _ context: TemplateContext) -> [String: DecodedOperation] {
    guard let node = plan.required("operations", "how the workload's operations are requested") else { return [:] }
    var operations: [String: DecodedOperation] = [:]
    for entry in sink.entries(node, "a mapping from names to operations") {
      operations[entry.key] = operation(entry, context.with(.op))
    }
    return operations
  }

  private func operation(_ entry: YAMLEntry, _ context: TemplateContext) -> DecodedOperation {
    let block = "operations.\(entry.key)"
    let fields = Fields(entry.value, block, sink)
    let readOnlyNode = fields.node("readOnly")
    let readOnly = readOnlyNode.flatMap { sink.bool($0) } ?? false
    let request = fields.required("request", "as {method: GET, path: /…}").map { self.request($0, block, context) }
    var rules: [OutcomeRule] = []
    if let node = fields.required("outcomes", "what the responses mean, as [{when: {status: 200}, is: ok}]") {
      let elements = sink.list(node, "a list of outcomes")
      rules = elements.enumerated().compactMap { index, node in
        outcome(node, "\(block).outcomes[\(index)]", readOnly: readOnly)
      }
      if rules.count == elements.count, !rules.contains(where: { $0.kind == .ok }) {
        sink.report("no outcome of '\(entry.key)' is ok: it could never succeed", at: node.mark)
      }
    }
    fields.finish()
    let description = OperationDescription(
      readOnly: readOnly, request: request ?? RequestDescription(method: "GET", path: Template(literal: "/")),
      outcomes: rules)
    return DecodedOperation(description: description, mark: entry.keyMark, readOnlyMark: readOnlyNode?.mark)
  }

  private func request(_ node: YAMLNode, _ block: String, _ context: TemplateContext) -> RequestDescription {
    let fields = Fields(node, "\(block).request", sink)
    let method = fields.required("method", "as GET or PUT").flatMap { self.method($0) }
    let path = fields.required("path", "as /…").flatMap { self.path($0, context) }
    let query = fields.node("query").map { sink.namedTemplates($0, "a mapping from names to values", context) }
    let headers = fields.node("headers").map { self.headers($0, context) }
    let body = body(fields, context)
    fields.finish()
    return RequestDescription(
      method: method ?? "GET", path: path ?? Template(literal: "/"), query: query ?? [], headers: headers ?? [],
      body: body)
  }

  private func body(_ fields: Fields, _ context: TemplateContext) -> RequestDescription.Body {
    let text = fields.node("body")
    let form = fields.node("form")
    let json = fields.nullableNode("json")
    let given = [text, form, json].compactMap(\.self)
    if given.count > 1 {
      sink.report("\(fields.block) has several of body, form and json: one of them", at: given[1].mark)
    }
    if let text { return sink.template(text, context).map { .text($0) } ?? .none }
    if let form { return .form(sink.namedTemplates(form, "a mapping from names to values", context)) }
    if let json { return sink.jsonTemplate(json, context).map { .json($0) } ?? .none }
    return .none
  }
}
