import Clusters

/// A question to a node and what its answer must be: the pure half of the probes. Who asks brings the I/O.
public struct NodeProbe: Hashable, Sendable {
  /// For one question. A node that is up answers at once; one that does not is asked again.
  public static let timeoutNanoseconds: Int64 = 1_000_000_000

  public let node: Node
  public let request: HTTPRequest
  private let condition: ResponseCondition

  private init(_ node: Node, _ method: String, _ url: Template, _ condition: ResponseCondition, _ scope: TemplateScope)
    throws(TemplateError)
  {
    var own = scope
    own.node = node
    self.node = node
    request = HTTPRequest(
      method: method, url: try url.text(own), timeoutNanoseconds: Self.timeoutNanoseconds,
      connectTimeoutNanoseconds: Self.timeoutNanoseconds)
    self.condition = condition
  }

  /// Whether the answer is the one that was waited for.
  public func accepts(_ response: HTTPResponse) -> Bool {
    var reader = ResponseReader(response)
    return condition.matches(&reader)
  }

  /// One question a node, in the order of the scope's nodes.
  ///
  /// - Throws: where the URL refers to something that the scope does not have.
  public static func ready(_ probe: ReadyProbe, _ scope: TemplateScope) throws(TemplateError) -> [NodeProbe] {
    var probes: [NodeProbe] = []
    for node in scope.nodes { probes.append(try NodeProbe(node, probe.method, probe.url, probe.condition, scope)) }
    return probes
  }

  /// One question a node, in the order of the scope's nodes.
  ///
  /// - Throws: where the URL refers to something that the scope does not have.
  public static func primary(_ probe: PrimaryProbe, _ scope: TemplateScope) throws(TemplateError) -> [NodeProbe] {
    var probes: [NodeProbe] = []
    for node in scope.nodes { probes.append(try NodeProbe(node, probe.method, probe.url, probe.condition, scope)) }
    return probes
  }
}
