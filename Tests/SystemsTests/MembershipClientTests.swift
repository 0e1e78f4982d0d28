import Clusters
import Histories
import Testing

@testable import Systems

/// Requests about members, and what their answers mean.
@Suite struct MembershipClientTests {
  private let plan = ClientDescription(
    baseURL: Template(literal: "http://x"), timeoutSeconds: 7,
    headers: [NamedTemplate(name: "Operation", value: Template(literal: "none"))], placement: .sticky)

  private func description(name: String = "{{ target.number }}", pick: String? = nil) throws -> MembershipDescription {
    let list = ValueExtraction(source: .jsonpath(try JSONPath("$.members")), pick: try pick.map { try JSONPath($0) })
    let listed = OutcomeRule(
      condition: ResponseCondition(status: [200]), kind: .ok, value: .extracted(list))
    let changed = [
      OutcomeRule(condition: ResponseCondition(status: [200]), kind: .ok),
      OutcomeRule(condition: ResponseCondition(status: [409]), kind: .fail, error: "busy"),
    ]
    func change(_ verb: String) throws -> OperationDescription {
      let body = JSONTemplate.map([.init(key: verb, value: .template(try Template("{{ target.number }}")))])
      let path = try Template("/members/{{ node.name }}")
      return OperationDescription(
        readOnly: false, request: RequestDescription(method: "POST", path: path, body: .json(body)), outcomes: changed)
    }
    return MembershipDescription(
      members: OperationDescription(
        readOnly: true, request: RequestDescription(method: "GET", path: Template(literal: "/status")),
        outcomes: [listed]),
      add: try change("add"), remove: try change("remove"), name: try Template(name), timeoutSeconds: 2)
  }

  private func client(name: String = "{{ target.number }}", pick: String? = nil) throws -> MembershipClient {
    var client = plan
    client.baseURL = try Template("http://{{ node.address }}:{{ node.ports.http }}")
    return try MembershipClient(
      try description(name: name, pick: pick), client: client, scope: TemplateScope(nodes: Fixture.nodes))
  }

  @Test func asksOneNodeAboutAnother() throws {
    let request = try client().request(for: .remove("n3"), via: Fixture.nodes[1])
    #expect(request.method == "POST")
    #expect(request.url == "http://10.0.0.2:8000/members/n2")
    #expect(request.body.map { String(decoding: $0, as: UTF8.self) } == #"{"remove":3}"#)
    #expect(request.headers.contains(HTTPHeader("Operation", "none")))
    #expect(request.timeoutNanoseconds == 2_000_000_000)
    let add = try client().request(for: .add("n1"), via: Fixture.nodes[0])
    #expect(add.body.map { String(decoding: $0, as: UTF8.self) } == #"{"add":1}"#)
    #expect(throws: RequestError.self) { try client().request(for: .add("n9"), via: Fixture.nodes[0]) }
  }

  @Test(arguments: [
    (200, ChangeAnswer.accepted), (409, .refused("busy")), (500, .unknown("unclassified 500")),
  ])
  func answers(_ status: Int, _ expected: ChangeAnswer) throws {
    #expect(try client().answer(to: .add("n1"), .response(HTTPResponse(status: status))) == expected)
  }

  /// Without an answer, only what was never sent is sure not to happen.
  @Test(arguments: [true, false]) func lostAnswers(_ neverSent: Bool) throws {
    let failure = TransportFailure(
      reason: .timeout, neverSent: neverSent, curlCode: 28, osError: 0, detail: "")
    let answer = try client().answer(to: .remove("n1"), .failure(failure))
    #expect(answer == (neverSent ? .refused("timeout") : .unknown("timeout")))
  }

  private func members(_ client: MembershipClient, _ body: String) -> MembersAnswer {
    client.members(by: Fixture.nodes[0], .response(HTTPResponse(status: 200, body: Array(body.utf8))))
  }

  @Test func listsAreOfNodes() throws {
    let byNumber = try client()
    #expect(members(byNumber, #"{"members":[3,1]}"#) == MembersAnswer(node: "n1", members: ["n1", "n3"]))
    #expect(members(byNumber, #"{"members":["2"]}"#) == MembersAnswer(node: "n1", members: ["n2"]))
    #expect(members(byNumber, #"{"members":[]}"#) == MembersAnswer(node: "n1", members: []))
    let byAddress = try client(name: "{{ target.address }}:{{ target.ports.peer }}", pick: "$.url")
    #expect(
      members(byAddress, #"{"members":[{"url":"10.0.0.2:8001"}]}"#) == MembersAnswer(node: "n1", members: ["n2"]))
  }

  @Test(arguments: [
    (#"{"members":[1,4]}"#, "it lists 4, which is no node"),
    (#"{"members":[null]}"#, "it lists null, which is no node"),
    (#"{"members":3}"#, "its members are not a list"), ("{}", "bad-response: $.members is missing"),
  ])
  func otherAnswersAreNoLists(_ body: String, _ problem: String) throws {
    #expect(members(try client(), body) == MembersAnswer(node: "n1", problem: problem))
  }

  @Test func nodesMustBeToldApart() throws {
    let error = #expect(throws: RequestError.self) { try client(name: "node") }
    #expect(error?.description == "membership.name: n1 and n2 are both 'node'")
    #expect(throws: RequestError.self) { try client(name: "{{ target.ports.raft }}") }
  }

  @Test func theTargetIsKnownToChangesOnly() throws {
    var wrong = try description()
    wrong.members.request.path = try Template("/{{ target.name }}")
    let error = #expect(throws: RequestError.self) {
      try MembershipClient(wrong, client: plan, scope: TemplateScope(nodes: Fixture.nodes))
    }
    #expect(error?.description.hasPrefix("membership.members, node n1: ") == true)
  }
}
