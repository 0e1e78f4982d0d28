import Clusters
import Histories

/// A system's membership in requests and answers: the pure half of `MembershipControl`. Who asks brings the I/O.
public struct MembershipClient: Sendable {
  private let description: MembershipDescription
  private let client: ClientDescription
  /// Nodes, parameters and run.
  private let scope: TemplateScope
  /// By what stands for it in the list of the members.
  private let nodesByName: [String: Node]

  /// - Parameter scope: nodes, parameters and run.
  /// - Throws: where a template refers to something that the scope does not have, or two nodes have one name in the list.
  public init(_ description: MembershipDescription, client: ClientDescription, scope: TemplateScope)
    throws(RequestError)
  {
    self.description = description
    self.client = client
    self.scope = scope
    nodesByName = try Self.nodesByName(description.name, scope)
    for node in scope.nodes {
      _ = try membersRequest(to: node)
      for change in [MemberChange.add(node.name), .remove(node.name)] { _ = try request(for: change, via: node) }
    }
  }

  public var nodes: [Node] { scope.nodes }

  /// Asks a node who the members are.
  public func membersRequest(to node: Node) throws(RequestError) -> HTTPRequest {
    try request(description.members, "members", via: node, target: nil)
  }

  /// Asks a node for a change.
  public func request(for change: MemberChange, via node: Node) throws(RequestError) -> HTTPRequest {
    guard let target = scope.nodes.first(where: { $0.name == change.node }) else {
      throw RequestError(description: "there is no node '\(change.node)'")
    }
    return try request(operation(of: change), change.function, via: node, target: target)
  }

  /// Whom the node takes for members.
  public func members(by node: Node, _ result: HTTPResult) -> MembersAnswer {
    let outcome = outcome(of: description.members, "members", result)
    guard outcome.type == .ok else { return MembersAnswer(node: node.name, problem: outcome.error ?? "no answer") }
    guard case .list(let elements) = outcome.value else {
      return MembersAnswer(node: node.name, problem: "its members are not a list")
    }
    var found: Set<String> = []
    for element in elements {
      guard let member = element.memberName.flatMap({ nodesByName[$0] }) else {
        return MembersAnswer(node: node.name, problem: "it lists \(element.json), which is no node")
      }
      found.insert(member.name)
    }
    return MembersAnswer(node: node.name, members: scope.nodes.map(\.name).filter(found.contains))
  }

  /// What became of a change that was asked for.
  public func answer(to change: MemberChange, _ result: HTTPResult) -> ChangeAnswer {
    let outcome = outcome(of: operation(of: change), change.function, result)
    let reason = outcome.error ?? "no reason given"
    return switch outcome.type {
    case .ok: .accepted
    case .fail: .refused(reason)
    case .info, .invoke: .unknown(reason)
    }
  }
}

extension MembershipClient {
  private func operation(of change: MemberChange) -> OperationDescription {
    switch change {
    case .add: description.add
    case .remove: description.remove
    }
  }

  private func request(_ operation: OperationDescription, _ function: String, via node: Node, target: Node?)
    throws(RequestError) -> HTTPRequest
  {
    var own = scope
    own.node = node
    own.target = target
    var patient = client
    patient.timeoutSeconds = description.timeoutSeconds
    do {
      return try RequestRenderer(operation.request, patient, own).request(for: Self.invocation(function))
    } catch {
      throw RequestError(description: "membership.\(function), node \(node.name): \(error)")
    }
  }

  private func outcome(of operation: OperationDescription, _ function: String, _ result: HTTPResult) -> OperationOutcome
  {
    OutcomeClassifier(operation).completion(of: Self.invocation(function), result)
  }

  /// What the client's headers see of an operation that no client invoked.
  private static func invocation(_ function: String) -> PendingOperation {
    PendingOperation(id: 0, function: function, value: .null, keyed: false)
  }

  private static func nodesByName(_ name: Template, _ scope: TemplateScope) throws(RequestError) -> [String: Node] {
    var nodes: [String: Node] = [:]
    for node in scope.nodes {
      var own = scope
      own.target = node
      let text: String
      do {
        text = try name.text(own)
      } catch {
        throw RequestError(description: "membership.name: \(error.message)")
      }
      if let other = nodes.updateValue(node, forKey: text) {
        throw RequestError(description: "membership.name: \(other.name) and \(node.name) are both '\(text)'")
      }
    }
    return nodes
  }
}

extension MemberChange {
  /// The key of its request in a plan.
  fileprivate var function: String {
    switch self {
    case .add: "add"
    case .remove: "remove"
    }
  }
}

extension Value {
  /// An element of a list of members as text: numbers as their digits.
  fileprivate var memberName: String? {
    switch self {
    case .string(let text): text
    case .int(let number): String(number)
    default: nil
    }
  }
}
