import Histories
import Systems
import Testing

@testable import Plans

@Suite struct ResendTests {
  private func write(_ resend: String) -> [String: String] {
    [
      "write": "  write: {request: {method: PUT, path: /, headers: {Key: \"{{ op.id }}\"}}, \(resend), "
        + "outcomes: [{when: {status: 200}, is: ok}]}"
    ]
  }

  @Test func anOperationMaySayHowOftenItsRequestIsSentTwice() throws {
    let plan = try PlanFixture.plan(write("resend: {percent: 5, within: 1500ms}"))
    #expect(plan.operations["write"]?.resending == Resending(percent: 5, withinSeconds: 1.5))
    #expect(plan.operations["cas"]?.resending == nil)
    let resolved = plan.resolved.map?["operations"]?.map?["write"]?.map?["resend"]
    #expect(resolved == ["percent": 5, "within": .double(1.5)])
  }

  @Test func whatChangesNothingIsNotSentAgain() {
    let read =
      "  read: {readOnly: true, resend: {percent: 5, within: 1s}, request: {method: GET, path: /}, "
      + "outcomes: [{when: {status: 200}, is: ok, value: 1}]}"
    #expect(
      PlanFixture.problems(["read": read]) == [
        "p.yaml:11:26: 'read' is readOnly: sent twice it changes nothing that once does not, so leave resend out"
      ])
  }

  @Test(arguments: [
    ("resend: {percent: 0, within: 1s}", "percent"), ("resend: {percent: 101, within: 1s}", "percent"),
    ("resend: {percent: 5}", "operations.write.resend lacks 'within'"),
    ("resend: {within: 5s}", "operations.write.resend lacks 'percent'"),
    ("resend: {percent: 5, within: 1s, nodes: 3}", "unknown key of operations.write.resend 'nodes'"),
    ("resend: 5", "mapping"),
  ])
  func whatIsWrongIsSaid(_ resend: String, _ message: String) {
    let problems = PlanFixture.problems(write(resend))
    #expect(problems.count == 1)
    #expect(problems.first?.contains(message) == true, "\(problems)")
  }
}
