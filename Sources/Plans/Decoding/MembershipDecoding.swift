import Systems

extension PlanDecoder {
  /// `membership: {members, add, remove, name, timeout}` of `system:`.
  func membership(_ system: Fields?, _ context: TemplateContext) -> MembershipDescription? {
    guard let node = system?.node("membership") else { return nil }
    let fields = Fields(node, "system.membership", sink)
    let members = exchange("members", in: fields, context, readOnly: true)
    let add = exchange("add", in: fields, context.with(.target), readOnly: false)
    let remove = exchange("remove", in: fields, context.with(.target), readOnly: false)
    let nameContext = TemplateContext(
      roots: [.target, .run, .params], ports: context.ports, parameters: context.parameters)
    let name = fields.node("name").flatMap { sink.template($0, nameContext) }
    let timeout = fields.node("timeout").flatMap { sink.duration($0) }
    fields.finish()
    guard let members, let add, let remove else { return nil }
    return MembershipDescription(
      members: members, add: add, remove: remove, name: name ?? MembershipDescription.defaultName,
      timeoutSeconds: timeout ?? MembershipDescription.defaultTimeoutSeconds)
  }

  /// `KEY: {request, outcomes}`.
  private func exchange(_ key: String, in membership: Fields, _ context: TemplateContext, readOnly: Bool)
    -> OperationDescription?
  {
    guard let node = membership.required(key, "as {request: {method: …, path: /…}, outcomes: […]}") else { return nil }
    let fields = Fields(node, "system.membership.\(key)", sink)
    let (request, outcomes) = exchange(fields, context, readOnly: readOnly)
    fields.finish()
    return OperationDescription(readOnly: readOnly, request: request, outcomes: outcomes)
  }
}
