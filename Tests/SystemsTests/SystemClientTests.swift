import Histories
import Testing

@testable import Systems

@Suite struct SystemClientTests {
  private func client(slots: Int = 2, resending: Resending? = nil) throws -> SystemClient {
    let client = ClientDescription(
      baseURL: try Template("http://{{ node.address }}"), timeoutSeconds: 1, headers: [], placement: .sticky)
    let write = OperationDescription(
      readOnly: false, request: RequestDescription(method: "PUT", path: try Template("/{{ op.key }}/{{ op.value }}")),
      outcomes: [OutcomeRule(condition: ResponseCondition(status: [200]), kind: .ok)], resending: resending)
    return try SystemClient(
      client: client, operations: ["write": write], scope: TemplateScope(nodes: Fixture.nodes, run: Fixture.run),
      slots: slots)
  }

  @Test func slotsDoNotMix() throws {
    var client = try client()
    let first = try client.prepare(slot: 0, Fixture.keyed("write", 1), node: 0)
    let second = try client.prepare(slot: 1, Fixture.keyed("write", 2), node: 2)
    #expect(first.url == "http://10.0.0.1/4/1")
    #expect(second.url == "http://10.0.0.3/4/2")
    #expect(client.complete(slot: 1, .response(HTTPResponse(status: 200)))?.value == .keyed(4, 2))
    #expect(client.complete(slot: 0, .response(HTTPResponse(status: 200)))?.value == .keyed(4, 1))
    #expect(client.complete(slot: 0, .response(HTTPResponse(status: 200))) == nil)
  }

  @Test func nothingIsInFlightAfterARequestThatCannotBeMade() throws {
    var client = try client()
    let expected = RequestError(
      description: "operation write: column 18 of the template: the value is null: use default(…) or json")
    #expect(throws: expected) { try client.prepare(slot: 0, Fixture.keyed("write", nil), node: 0) }
    #expect(throws: RequestError(description: "the plan describes no operation 'read'")) {
      try client.prepare(slot: 0, Fixture.keyed("read", nil), node: 0)
    }
    #expect(client.complete(slot: 0, .response(HTTPResponse(status: 200))) == nil)
  }

  @Test func whatMayBeSentOnceMoreIsToldWhileItIsInFlight() throws {
    var client = try client(resending: Resending(percent: 5, withinSeconds: 1))
    #expect(client.resends)
    #expect(client.repetition(slot: 0) == nil)
    let first = try client.prepare(slot: 0, Fixture.keyed("write", 1), node: 0)
    let repetition = try #require(client.repetition(slot: 0))
    let second = try client.request(repetition.operation, node: 2)
    #expect(first.url == "http://10.0.0.1/4/1")
    #expect(second.url == "http://10.0.0.3/4/1")
    #expect(client.complete(slot: 0, .response(HTTPResponse(status: 200)))?.type == .ok)
    #expect(client.repetition(slot: 0) == nil)
    #expect(try !self.client().resends)
  }
}
