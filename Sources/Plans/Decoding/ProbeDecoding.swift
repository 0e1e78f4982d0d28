import Systems

extension PlanDecoder {
  private struct Question {
    var method: String
    var url: Template
    var condition: ResponseCondition
  }

  /// `ready: {http: {path, status, …}, timeout}`.
  func ready(_ system: Fields?, _ client: ClientDescription?, _ context: TemplateContext) -> ReadyProbe? {
    guard let node = system?.node("ready") else { return nil }
    let fields = Fields(node, "system.ready", sink)
    let question = question(fields, "system.ready.http", client, context)
    let timeout = fields.node("timeout").flatMap { sink.duration($0) } ?? 30
    fields.finish()
    return question.map {
      ReadyProbe(method: $0.method, url: $0.url, condition: $0.condition, timeoutSeconds: timeout)
    }
  }

  /// `primary: {http: {path, status, …}}`.
  func primary(_ system: Fields?, _ client: ClientDescription?, _ context: TemplateContext) -> PrimaryProbe? {
    guard let node = system?.node("primary") else { return nil }
    let fields = Fields(node, "system.primary", sink)
    let question = question(fields, "system.primary.http", client, context)
    fields.finish()
    return question.map { PrimaryProbe(method: $0.method, url: $0.url, condition: $0.condition) }
  }

  private func question(
    _ probe: Fields, _ block: String, _ client: ClientDescription?, _ context: TemplateContext
  ) -> Question? {
    probe.notSupportedYet("exec", "tcp")
    guard let node = probe.required("http", "the question, as {path: /health, status: 200}") else { return nil }
    let fields = Fields(node, block, sink)
    let method = fields.node("method").flatMap { self.method($0) } ?? "GET"
    let path = fields.required("path", "as /health").flatMap { self.path($0, context) }
    let condition = condition(fields)
    fields.finish()
    guard let path, let base = client?.baseURL else { return nil }
    return Question(method: method, url: base.appending(path), condition: condition)
  }
}
