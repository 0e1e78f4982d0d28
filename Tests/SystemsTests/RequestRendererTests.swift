import Histories
import Testing

@testable import Systems

@Suite struct RequestRendererTests {
  private func named(_ name: String, _ value: String) throws -> NamedTemplate {
    NamedTemplate(name: name, value: try Template(value))
  }

  private func client(headers: [NamedTemplate] = []) throws -> ClientDescription {
    ClientDescription(
      baseURL: try Template("http://{{ node.address }}:{{ node.ports.http }}/"), timeoutSeconds: 1.5, headers: headers,
      placement: .sticky)
  }

  private func render(_ request: RequestDescription, _ invocation: PendingOperation, headers: [NamedTemplate] = [])
    throws
    -> HTTPRequest
  {
    try RequestRenderer(request, client(headers: headers), Fixture.scope()).request(for: invocation)
  }

  @Test func encodesWhatComesFromExpressions() throws {
    let request = RequestDescription(
      method: "GET", path: try Template("/kv/r{{ op.value }}/x"),
      query: [try named("a b", "x y{{ op.value }}"), try named("q", "{{ op.value | urlencode }}")])
    let rendered = try render(request, Fixture.keyed("read", "a/b?c&d=ü"))
    let encoded = "a%2Fb%3Fc%26d%3D%C3%BC"
    #expect(rendered.url == "http://10.0.0.2:8000/kv/r\(encoded)/x?a%20b=x%20y\(encoded)&q=\(encoded)")
    #expect(rendered.method == "GET")
    #expect(rendered.body == nil)
    #expect(rendered.timeoutNanoseconds == 1_500_000_000)
    #expect(rendered.headers.isEmpty)
  }

  @Test func sendsForms() throws {
    let request = RequestDescription(
      method: "PUT", path: try Template("/v2/keys/r{{ op.key }}"), query: [try named("prevValue", "{{ op.from }}")],
      body: .form([try named("value", "{{ op.to }}"), try named("x", "1 2")]))
    let rendered = try render(request, Fixture.keyed("cas", [3, "a&b"]))
    #expect(rendered.url == "http://10.0.0.2:8000/v2/keys/r4?prevValue=3")
    #expect(rendered.body == Array("value=a%26b&x=1%202".utf8))
    #expect(rendered.headers == [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")])
  }

  @Test func sendsJSONWithTypes() throws {
    let body = JSONTemplate.map([.init(key: "value", value: .template(try Template("{{ op.value }}")))])
    let request = RequestDescription(method: "PUT", path: try Template("/kv"), body: .json(body))
    let rendered = try render(request, Fixture.keyed("write", 12))
    #expect(rendered.body == Array(#"{"value":12}"#.utf8))
    #expect(rendered.headers == [HTTPHeader("Content-Type", "application/json")])
  }

  @Test func headersOfARequestReplaceTheClients() throws {
    let request = RequestDescription(
      method: "POST", path: try Template("/"),
      headers: [try named("content-type", "text/plain"), try named("If-Match", "{{ op.value }}")],
      body: .text(try Template("v={{ op.value }}")))
    let clientHeaders = [try named("if-match", "never"), try named("X-Run", "{{ run.id }}-{{ op.id }}")]
    let rendered = try render(request, Fixture.keyed("write", 7), headers: clientHeaders)
    let expected = [
      HTTPHeader("X-Run", "20261122-7-17"), HTTPHeader("content-type", "text/plain"), HTTPHeader("If-Match", "7"),
    ]
    #expect(rendered.headers == expected)
    #expect(rendered.body == Array("v=7".utf8))
  }

  @Test func saysWhyAnOperationCannotBeSent() throws {
    let request = RequestDescription(method: "GET", path: try Template("/{{ op.from }}"))
    let renderer = try RequestRenderer(request, client(), Fixture.scope())
    #expect(throws: TemplateError("the value is null: use default(…) or json", column: 5)) {
      try renderer.request(for: Fixture.keyed("read", nil))
    }
  }

  @Test func findsUnknownNamesBeforeTheRun() throws {
    let request = RequestDescription(method: "GET", path: try Template("/{{ params.nothing }}"))
    #expect(throws: TemplateError("'params.nothing' is not known here", column: 5)) {
      try RequestRenderer(request, client(), Fixture.scope())
    }
  }
}
