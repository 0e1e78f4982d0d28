import Histories
import Systems
import Workloads

/// An operation with the place where the plan describes it.
struct DecodedOperation {
  var description: OperationDescription
  var mark: YAMLMark
  /// Of `readOnly`, where the plan says it.
  var readOnlyMark: YAMLMark?
}

/// The block `operations:`.
struct DecodedOperations {
  /// By function: what any workload is served with.
  var general: [String: DecodedOperation] = [:]
  /// By workload and function, from `bank/read`: what stands in for a general one under that workload, as two workloads
  /// may mean different requests by one word.
  var special: [String: [String: DecodedOperation]] = [:]

  var isEmpty: Bool { general.isEmpty && special.isEmpty }

  /// What a workload is served with, by function.
  func of(workload: String) -> [String: DecodedOperation] { general.merging(special[workload] ?? [:]) { $1 } }
}

extension PlanDecoder {
  /// The block `operations:`: names of functions, or `workload/function` for one workload alone.
  func operations(_ plan: Fields, _ context: TemplateContext) -> DecodedOperations {
    var operations = DecodedOperations()
    guard let node = plan.required("operations", "how the workload's operations are requested") else {
      return operations
    }
    for entry in sink.entries(node, "a mapping from names to operations") {
      let decoded = operation(entry, context.with(.op))
      if !entry.key.contains("/") {
        operations.general[entry.key] = decoded
      } else if let (workload, function) = specialName(entry) {
        operations.special[workload.name, default: [:]][function.name] = decoded
        checkReadOnly(decoded, function, workload)
      }
    }
    return operations
  }

  /// The two halves of `bank/read`; nil where one of them is nothing that there is, which is reported.
  private func specialName(_ entry: YAMLEntry) -> (Workload, WorkloadOperation)? {
    let parts = entry.key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
      sink.report(
        "an operation is NAME, or WORKLOAD/NAME for one workload alone: not '\(entry.key)'", at: entry.keyMark)
      return nil
    }
    guard let workload = catalogue.workloads.first(where: { $0.name == parts[0] }) else {
      let known = catalogue.workloads.map(\.name)
      sink.report(UnknownName.message("workload", parts[0], known: known), at: entry.keyMark)
      return nil
    }
    guard let function = workload.operations.first(where: { $0.name == parts[1] }) else {
      let known = workload.operations.map(\.name)
      sink.report(
        UnknownName.message("operation of workload \(workload.name)", parts[1], known: known), at: entry.keyMark)
      return nil
    }
    return (workload, function)
  }

  /// Nothing that changes something may claim to change nothing: its unknown outcomes would be recorded as failures, and
  /// the checker would be told a lie.
  func checkReadOnly(_ described: DecodedOperation, _ operation: WorkloadOperation, _ workload: Workload) {
    guard described.description.readOnly, !operation.readOnly else { return }
    sink.report(
      "'\(operation.name)' of workload \(workload.name) changes something: it cannot be readOnly",
      at: described.readOnlyMark ?? described.mark)
  }

  private func operation(_ entry: YAMLEntry, _ context: TemplateContext) -> DecodedOperation {
    let block = "operations.\(entry.key)"
    let fields = Fields(entry.value, block, sink)
    let readOnlyNode = fields.node("readOnly")
    let readOnly = readOnlyNode.flatMap { sink.bool($0) } ?? false
    let (request, rules) = exchange(fields, context, readOnly: readOnly)
    let resending = fields.node("resend").flatMap { self.resending($0, block) }
    if readOnly, resending != nil {
      sink.report(
        "'\(entry.key)' is readOnly: sent twice it changes nothing that once does not, so leave resend out",
        at: fields.keyMark("resend"))
    }
    fields.finish()
    let description = OperationDescription(
      readOnly: readOnly, request: request, outcomes: rules, resending: resending)
    return DecodedOperation(description: description, mark: entry.keyMark, readOnlyMark: readOnlyNode?.mark)
  }

  /// The keys `request` and `outcomes`, wherever they stand.
  func exchange(_ fields: Fields, _ context: TemplateContext, readOnly: Bool) -> (RequestDescription, [OutcomeRule]) {
    let request = fields.required("request", "as {method: GET, path: /…}").map {
      self.request($0, fields.block, context)
    }
    var rules: [OutcomeRule] = []
    if let node = fields.required("outcomes", "what the responses mean, as [{when: {status: 200}, is: ok}]") {
      let elements = sink.list(node, "a list of outcomes")
      rules = elements.enumerated().compactMap { index, node in
        outcome(node, "\(fields.block).outcomes[\(index)]", readOnly: readOnly)
      }
      if rules.count == elements.count, !rules.contains(where: { $0.kind == .ok }) {
        sink.report("no outcome of \(fields.block) is ok: it could never succeed", at: node.mark)
      }
    }
    return (request ?? RequestDescription(method: "GET", path: Template(literal: "/")), rules)
  }

  private func resending(_ node: YAMLNode, _ block: String) -> Resending? {
    let fields = Fields(node, "\(block).resend", sink)
    let percent = fields.required("percent", "of the operations, as 10")
      .flatMap { sink.integer($0, in: 1...100, of: "percent") }
    let within = fields.required("within", "the longest time from the answer to the second request, as 2s")
      .flatMap { sink.duration($0) }
    fields.finish()
    guard let percent, let within else { return nil }
    return Resending(percent: percent, withinSeconds: within)
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
