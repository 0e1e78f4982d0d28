import Histories
import Systems

/// What other blocks need to know of `system:` before it is decoded in full.
struct SystemShape {
  let fields: Fields?
  let nodeCount: Int
  let nodeName: Template?
  let ports: [PortDescription]
  let parameters: [Parameter]
  /// For templates over the cluster.
  let context: TemplateContext

  init(_ plan: Fields, _ overrides: PlanOverrides, _ sink: ProblemSink) {
    let node = plan.required("system", "the nodes and what runs on them")
    fields = node.map { Fields($0, "system", sink) }
    let bare = TemplateContext(roots: [.node, .run])
    (nodeCount, nodeName) = Self.nodes(fields, overrides, sink, bare)
    let ports = Self.ports(fields, sink)
    let parameters = Self.parameters(fields, sink)
    self.ports = ports ?? []
    self.parameters = parameters
    context = TemplateContext(
      roots: TemplateContext.cluster, ports: ports?.map(\.name),
      parameters: fields == nil ? nil : parameters.map(\.name))
  }

  /// In place of a number that cannot be read, which was reported: enough nodes for every fault, so that nothing else
  /// is blamed for it.
  private static let unknownNodeCount = 10

  private static func nodes(
    _ system: Fields?, _ overrides: PlanOverrides, _ sink: ProblemSink, _ context: TemplateContext
  ) -> (Int, Template?) {
    let range = 1...PlanLimits.nodesMax
    let given = overrides.nodes.flatMap { text in
      sink.option("--nodes") { () throws(UnitProblem) in try Units.integer(text, in: range, of: "nodes") }
    }
    guard let node = system?.required("nodes", "how many, as {count: 3}") else {
      return (given ?? unknownNodeCount, nil)
    }
    let fields = Fields(node, "system.nodes", sink)
    let count = fields.required("count", "the number of nodes").flatMap { sink.integer($0, in: range, of: "nodes") }
    let name = fields.node("name").flatMap { sink.template($0, context) }
    fields.finish()
    return (given ?? count ?? unknownNodeCount, name)
  }

  /// `[client, {peer: 2380}]`.
  ///
  /// - Returns: nil where something is wrong, so that templates are not blamed for it.
  private static func ports(_ system: Fields?, _ sink: ProblemSink) -> [PortDescription]? {
    guard let system else { return nil }
    guard let node = system.node("ports") else { return [] }
    var ports: [PortDescription] = []
    let before = sink.diagnostics.count
    for element in sink.list(node, "a list of port names, as [http, peer]") {
      guard let port = port(element, sink) else { continue }
      if ports.contains(where: { $0.name == port.name }) {
        sink.report("the port '\(port.name)' is there twice", at: element.mark)
      }
      if let number = port.number, ports.contains(where: { $0.number == number }) {
        sink.report("two ports have the number \(number)", at: element.mark)
      }
      ports.append(port)
    }
    return sink.diagnostics.count == before ? ports : nil
  }

  private static func port(_ node: YAMLNode, _ sink: ProblemSink) -> PortDescription? {
    if case .map(let entries) = node.content, let entry = entries.first, entries.count == 1 {
      let number = sink.integer(entry.value, in: 1...65535, of: "as a port")
      return PortDescription(name: entry.key, number: number)
    }
    guard let name = sink.text(node, "a port's name, or {name: number}") else { return nil }
    return PortDescription(name: name, number: nil)
  }

  private static func parameters(_ system: Fields?, _ sink: ProblemSink) -> [Parameter] {
    guard let node = system?.node("parameters") else { return [] }
    let entries = sink.entries(node, "a mapping from names to {default, choices, min, max, summary}")
    return entries.compactMap { parameter($0, sink) }
  }

  /// The kind follows from the default: `choices` make a choice of names, an integer an integer, and so on.
  private static func parameter(_ entry: YAMLEntry, _ sink: ProblemSink) -> Parameter? {
    let fields = Fields(entry.value, "parameters.\(entry.key)", sink)
    let standard = fields.required("default", "the value without --set")?.value
    let choices = fields.node("choices").map { node in
      sink.list(node, "a list of values").compactMap { sink.text($0, "a text") }
    }
    let min = fields.node("min").flatMap { number($0, sink) }
    let max = fields.node("max").flatMap { number($0, sink) }
    let summary = fields.node("summary").flatMap { sink.text($0, "a text") } ?? ""
    fields.finish()
    guard let standard else { return nil }
    if let min, let max, min > max { sink.report("min is above max", at: fields.keyMark("min")) }
    guard let kind = kind(standard, choices, min ?? -.infinity, max ?? .infinity) else {
      sink.report("the default of a parameter is a number, a truth value or a text", at: fields.keyMark("default"))
      return nil
    }
    let parameter = Parameter(entry.key, kind, default: standard, summary)
    do {
      return Parameter(entry.key, kind, default: try parameter.normalized(standard), summary)
    } catch {
      sink.report("default of \(error)", at: fields.keyMark("default"))
      return parameter
    }
  }

  private static func kind(_ standard: Value, _ choices: [String]?, _ min: Double, _ max: Double) -> Parameter.Kind? {
    if let choices { return .choice(choices) }
    switch standard {
    case .int: return .int(Self.integer(min)...Swift.max(Self.integer(min), Self.integer(max)))
    case .double: return .double(min...Swift.max(min, max))
    case .bool: return .bool
    case .string: return .string
    default: return nil
    }
  }

  private static func integer(_ bound: Double) -> Int {
    Int(exactly: bound.rounded(.towardZero)) ?? (bound < 0 ? .min : .max)
  }

  private static func number(_ node: YAMLNode, _ sink: ProblemSink) -> Double? {
    switch node.scalar?.value {
    case .int(let number): return Double(number)
    case .double(let number): return number
    default:
      sink.report("expected a number, not \(node.summary)", at: node.mark)
      return nil
    }
  }
}

extension PlanDecoder {
  /// The block `system:`, whose probes go to the client's base URL.
  func system(_ shape: SystemShape, _ client: ClientDescription?) -> SystemDescription {
    let fields = shape.fields
    let dataContext = TemplateContext(roots: [.node, .run, .params], parameters: shape.context.parameters)
    let description = SystemDescription(
      nodeCount: shape.nodeCount, nodeName: shape.nodeName ?? .defaultNodeName, ports: shape.ports,
      dataDirectory: fields?.node("dataDir").flatMap { sink.template($0, dataContext) },
      parameters: shape.parameters,
      files: files(fields, shape.context),
      setup: setup(fields, shape.context),
      processes: processes(fields, shape.context),
      stopGraceSeconds: stopGrace(fields),
      ready: ready(fields, client, shape.context),
      primary: primary(fields, client, shape.context),
      membership: membership(fields, shape.context),
      versions: versions(fields, shape.parameters),
      panic: panic(fields))
    fields?.finish()
    return description
  }

  /// `versions: {new: {build: "2.0"}}`: other values of the system's parameters.
  private func versions(_ system: Fields?, _ parameters: [Parameter]) -> [VersionDescription] {
    guard let node = system?.node("versions") else { return [] }
    return sink.entries(node, "a mapping from names to values of parameters").map { entry in
      var values: [String: Value] = [:]
      for setting in sink.entries(entry.value, "a mapping from parameters to values") {
        guard let parameter = parameters.first(where: { $0.name == setting.key }) else {
          let known = parameters.map(\.name)
          sink.report(UnknownName.message("parameter of the system", setting.key, known: known), at: setting.keyMark)
          continue
        }
        do {
          values[parameter.name] = try parameter.normalized(setting.value.value)
        } catch {
          sink.report("\(error)", at: setting.value.mark)
        }
      }
      return VersionDescription(name: entry.key, parameters: values)
    }
  }

  private func processes(_ system: Fields?, _ context: TemplateContext) -> [ProcessDescription] {
    guard let node = system?.required("processes", "a list of {command: […]}") else { return [] }
    let elements = sink.list(node, "a list of {command: […]}")
    if elements.isEmpty { sink.report("system.processes is empty: what runs on a node?", at: node.mark) }
    return elements.map { process($0, context) }
  }

  private func process(_ node: YAMLNode, _ context: TemplateContext) -> ProcessDescription {
    let fields = Fields(node, "a process", sink)
    defer { fields.finish() }
    return process(fields, "command", context)
  }

  /// What processes and steps of the setup have in common.
  func process(_ fields: Fields, _ key: String, _ context: TemplateContext) -> ProcessDescription {
    var command: [Template] = []
    if let node = fields.required(key, "program and arguments, as [./server, --port, '8000']") {
      let elements = sink.list(node, "a list of program and arguments")
      if elements.isEmpty, case .list = node.content { sink.report("the command is empty", at: node.mark) }
      command = elements.compactMap { sink.template($0, context) }
    }
    var environment: [String: Template] = [:]
    if let node = fields.node("env") {
      for entry in sink.entries(node, "a mapping from names to texts") {
        environment[entry.key] = sink.template(entry.value, context)
        if entry.key.isEmpty || entry.key.contains("=") {
          sink.report("'\(entry.key)' cannot be the name of an environment variable", at: entry.keyMark)
        }
      }
    }
    let directory = fields.node("workdir").flatMap { sink.template($0, context) }
    let user = fields.node("user").flatMap { sink.text($0, "a user's name") }
    return ProcessDescription(
      command: command, environment: environment, workingDirectory: directory, user: user)
  }

  private func stopGrace(_ system: Fields?) -> Double {
    let standard = 5.0
    guard let node = system?.node("stop") else { return standard }
    let fields = Fields(node, "system.stop", sink)
    if let signal = fields.node("signal"), let name = sink.text(signal, "a signal's name"), name != "TERM" {
      sink.report("stopping by another signal than TERM is not supported yet, so not '\(name)'", at: signal.mark)
    }
    let grace = fields.node("grace").flatMap { sink.duration($0) }
    fields.finish()
    return grace ?? standard
  }

  private func panic(_ system: Fields?) -> [String] {
    guard let node = system?.node("panic") else { return [] }
    return sink.listOrOne(node, "a list of regular expressions").compactMap { sink.pattern($0)?.source }
  }
}
