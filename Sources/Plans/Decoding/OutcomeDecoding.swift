import Histories
import Systems

extension PlanDecoder {
  /// `{when: {…}, is: ok, value: …, error: …}`.
  func outcome(_ node: YAMLNode, _ block: String, readOnly: Bool) -> OutcomeRule? {
    let fields = Fields(node, block, sink)
    let condition = fields.required("when", "as {status: 200}").map { when($0, block) }
    let kind = fields.required("is", "ok, fail or info").flatMap { node in
      sink.choice(node, "outcome", among: OutcomeRule.Kind.allCases.map(\.rawValue)).flatMap {
        OutcomeRule.Kind(rawValue: $0)
      }
    }
    let valueNode = fields.nullableNode("value")
    let value = valueNode.map { self.value($0, "\(block).value") }
    let error = fields.node("error").flatMap { sink.text($0, "a word or two") }
    fields.finish()
    guard let condition, let kind else { return nil }
    if let valueNode, kind != .ok {
      sink.report("only an outcome that is ok has a value, not one that is \(kind.rawValue)", at: valueNode.mark)
    }
    if valueNode == nil, kind == .ok, readOnly {
      // Without this the history would hold a null that nobody read.
      sink.report("\(block) is ok for a read-only operation but says no value: add value: {jsonpath: …}", at: node.mark)
    }
    return OutcomeRule(condition: condition, kind: kind, value: value ?? .invocation, error: error)
  }

  private func when(_ node: YAMLNode, _ block: String) -> ResponseCondition {
    let problemsBefore = sink.diagnostics.count
    let fields = Fields(node, "\(block).when", sink)
    let condition = condition(fields)
    fields.finish()
    // `{}`, but also `{status: []}` and `{header: {}}`: a rule that forgot what it is about must not call a 500 ok.
    if condition == ResponseCondition(), sink.diagnostics.count == problemsBefore {
      sink.report("an empty when would match every response: name a status at least", at: node.mark)
    }
    return condition
  }

  /// The keys status, header, jsonpath and regex of a condition, wherever they stand.
  func condition(_ fields: Fields) -> ResponseCondition {
    var condition = ResponseCondition()
    if let node = fields.node("status") {
      condition.status = sink.listOrOne(node, "a status or a list of them").compactMap {
        sink.integer($0, in: 100...599, of: "as a status")
      }
    }
    if let node = fields.node("header") {
      condition.headers = sink.entries(node, "a mapping from header names to values").map {
        .init(name: $0.key, expectation: expectation($0.value, asText: true))
      }
    }
    if let node = fields.node("jsonpath") {
      condition.paths = sink.entries(node, "a mapping from JSON paths to values").compactMap { entry in
        sink.jsonPath(entry.key, at: entry.keyMark).map {
          .init(path: $0, expectation: expectation(entry.value, asText: false))
        }
      }
    }
    condition.regex = fields.node("regex").flatMap { sink.pattern($0) }
    return condition
  }

  /// The plain words `absent` and `present`, else the value that must be there; in quotes they are texts like others.
  ///
  /// - Parameter asText: headers are texts: 5 is '5' there.
  private func expectation(_ node: YAMLNode, asText: Bool) -> ResponseCondition.Expectation {
    if let scalar = node.scalar, scalar.isPlain {
      if scalar.text == "absent" { return .absent }
      if scalar.text == "present" { return .present }
    }
    if asText { return .equals(.string(sink.text(node, "absent, present or a text") ?? "")) }
    return .equals(node.value)
  }

  /// A constant, where in the response the value is, what was invoked, or a list of these.
  private func value(_ node: YAMLNode, _ block: String) -> OutcomeRule.Result {
    if let text = node.scalar?.text, text.contains("{{") { return invocation(text, node) }
    if case .list(let items) = node.content {
      let results = items.map { value($0, block) }
      let constants = results.compactMap { if case .constant(let value) = $0 { value } else { nil } }
      return constants.count == results.count ? .constant(.list(constants)) : .list(results)
    }
    guard case .map(let entries) = node.content else { return .constant(node.value) }
    if let each = entries.first(where: { $0.key == "each" }) {
      sink.report("'each' of \(block) is not supported yet", at: each.keyMark)
      return .invocation
    }
    let fields = Fields(node, block, sink)
    let source = extractionSource(fields)
    let kind = fields.node("as").flatMap { node in
      sink.choice(node, "type", among: ValueExtraction.Kind.allCases.map(\.rawValue)).flatMap {
        ValueExtraction.Kind(rawValue: $0)
      }
    }
    let decoding = fields.node("decode").flatMap { node in
      sink.choice(node, "encoding", among: ValueExtraction.Decoding.allCases.map(\.rawValue))
        .flatMap { ValueExtraction.Decoding(rawValue: $0) }
    }
    let fallback = fields.nullableNode("default")?.value
    let pick = fields.node("pick").flatMap { node in
      sink.text(node, "a JSON path").flatMap { sink.jsonPath($0, at: node.mark) }
    }
    fields.finish()
    guard let source else { return .invocation }
    return .extracted(ValueExtraction(source: source, kind: kind, decoding: decoding, fallback: fallback, pick: pick))
  }

  /// `{{ op.value }}`, or another expression over the operation: the only templates that an outcome knows.
  private func invocation(_ text: String, _ node: YAMLNode) -> OutcomeRule.Result {
    if text.filter({ !$0.isWhitespace }) == "{{op.value}}" { return .invocation }
    guard let template = sink.template(node, TemplateContext(roots: [.op])) else { return .invocation }
    if !template.isWholeExpression {
      sink.report("a template in the value of an outcome is one expression, as {{ op.value[0] }}", at: node.mark)
    }
    return .template(template)
  }

  private func extractionSource(_ fields: Fields) -> ValueExtraction.Source? {
    let (path, regex, header) = (fields.node("jsonpath"), fields.node("regex"), fields.node("header"))
    guard [path, regex, header].compactMap(\.self).count == 1 else {
      sink.report("\(fields.block) needs one of jsonpath, regex and header", at: fields.mark)
      return nil
    }
    if let path {
      return sink.text(path, "a JSON path").flatMap { sink.jsonPath($0, at: path.mark) }.map { .jsonpath($0) }
    }
    if let regex { return sink.pattern(regex).map { .regex($0) } }
    return header.flatMap { sink.text($0, "a header's name") }.map { .header($0) }
  }
}
