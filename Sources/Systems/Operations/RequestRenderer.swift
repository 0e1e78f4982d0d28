import Clusters
import Histories

/// Makes the requests of one operation to one node.
///
/// All that is the same for every operation is rendered once, when this is made; a request then costs the few
/// expressions over `op`.
public struct RequestRenderer: Sendable {
  private enum Body: Sendable {
    case none
    case text(Template, TemplateEscaping)
    case json(JSONTemplate)
  }

  private let method: String
  /// Base URL, path and query in one.
  private let url: Template
  private let headers: [NamedTemplate]
  /// All headers, where none depends on the operation: one array for all requests.
  private let constantHeaders: [HTTPHeader]?
  private let body: Body
  private let timeoutNanoseconds: Int64

  /// - Parameter scope: node, nodes, parameters and run; its invocation is not looked at.
  /// - Throws: where a template refers to something that this scope does not have.
  public init(_ request: RequestDescription, _ client: ClientDescription, _ scope: TemplateScope) throws(TemplateError)
  {
    method = request.method
    url = try Self.url(request, client, scope)
    headers = try Self.headers(request, client, scope)
    let isConstant = !headers.contains { $0.value.dependsOnOperation }
    constantHeaders = isConstant ? try Self.rendered(headers, scope) : nil
    body = try Self.body(request.body, scope)
    timeoutNanoseconds = Int64(client.timeoutSeconds * 1e9)
  }

  /// - Throws: where an expression over `op` cannot be rendered for this operation: nothing can be sent.
  public func request(for invocation: PendingOperation) throws(TemplateError) -> HTTPRequest {
    let scope = TemplateScope(invocation: invocation)
    return HTTPRequest(
      method: method, url: try url.text(scope, .percent), headers: try headers(scope), body: try bytes(scope),
      timeoutNanoseconds: timeoutNanoseconds, connectTimeoutNanoseconds: timeoutNanoseconds)
  }

  private func headers(_ scope: TemplateScope) throws(TemplateError) -> [HTTPHeader] {
    if let constantHeaders { return constantHeaders }
    return try Self.rendered(headers, scope)
  }

  private func bytes(_ scope: TemplateScope) throws(TemplateError) -> [UInt8]? {
    var buffer: [UInt8] = []
    switch body {
    case .none: return nil
    case .text(let template, let escaping): try template.append(to: &buffer, scope, escaping)
    case .json(let document): try document.append(to: &buffer, scope)
    }
    return buffer
  }

  private static func rendered(_ headers: [NamedTemplate], _ scope: TemplateScope) throws(TemplateError) -> [HTTPHeader]
  {
    var rendered: [HTTPHeader] = []
    rendered.reserveCapacity(headers.count)
    for header in headers { rendered.append(HTTPHeader(header.name, try header.value.text(scope))) }
    return rendered
  }
}

extension RequestRenderer {
  private static func url(_ request: RequestDescription, _ client: ClientDescription, _ scope: TemplateScope)
    throws(TemplateError) -> Template
  {
    var base = try client.baseURL.text(scope)
    if base.hasSuffix("/") { base.removeLast() }  // the path brings its own
    let query = try fields(request.query, scope)
    let url = Template(literal: base).appending(try request.path.folded(scope, .percent))
    let separator = request.path.description.contains("?") ? "&" : "?"
    return request.query.isEmpty ? url : url.appending(Template(literal: separator)).appending(query)
  }

  /// `name=value&name=value`, encoded; expressions over `op` are still to be rendered with `.percent`.
  private static func fields(_ items: [NamedTemplate], _ scope: TemplateScope) throws(TemplateError) -> Template {
    var fields = Template(literal: "")
    for (index, item) in items.enumerated() {
      let name = (index > 0 ? "&" : "") + PercentEncoding.encode(item.name) + "="
      let value = try item.value.withTextEncoded.folded(scope, .percent)
      fields = fields.appending(Template(literal: name)).appending(value)
    }
    return fields
  }

  /// The client's headers, then the request's, which replace those of the same name.
  private static func headers(_ request: RequestDescription, _ client: ClientDescription, _ scope: TemplateScope)
    throws(TemplateError) -> [NamedTemplate]
  {
    let own = Set(request.headers.map { $0.name.lowercased() })
    let all = client.headers.filter { !own.contains($0.name.lowercased()) } + request.headers
    var headers: [NamedTemplate] = []
    if let type = request.body.contentType, !all.contains(where: { $0.name.lowercased() == "content-type" }) {
      headers.append(NamedTemplate(name: "Content-Type", value: Template(literal: type)))
    }
    for header in all { headers.append(NamedTemplate(name: header.name, value: try header.value.folded(scope))) }
    return headers
  }

  private static func body(_ body: RequestDescription.Body, _ scope: TemplateScope) throws(TemplateError) -> Body {
    switch body {
    case .none: .none
    case .text(let template): .text(try template.folded(scope), .none)
    case .form(let items): .text(try fields(items, scope), .percent)
    case .json(let document): .json(try document.folded(scope))
    }
  }
}

extension RequestDescription.Body {
  var contentType: String? {
    switch self {
    case .none, .text: nil
    case .form: "application/x-www-form-urlencoded"
    case .json: "application/json"
    }
  }
}

extension Template {
  /// The same template with its own text percent-encoded: a value of a query, where text is data too.
  fileprivate var withTextEncoded: Template {
    Template(
      description: description,
      segments: segments.map { segment in
        guard case .text(let bytes) = segment else { return segment }
        var encoded: [UInt8] = []
        PercentEncoding.append(bytes, to: &encoded)
        return .text(encoded)
      })
  }
}
