import Histories
import Nemesis
import Systems
import Testing

@testable import Plans

/// The block `system.membership`, and the fault that needs it.
@Suite struct MembershipPlanTests {
  private static let members = """
        members:
          request: {method: GET, path: /status}
          outcomes: [{when: {status: 200}, is: ok, value: {jsonpath: $.members}}]
    """
  private static let add = """
        add:
          request: {method: PUT, path: "/members/{{ target.name }}", json: {at: "{{ target.address }}:{{ target.ports.http }}"}}
          outcomes: [{when: {status: 200}, is: ok}, {when: {status: 409}, is: fail}]
    """
  private static let remove = """
        remove:
          request: {method: DELETE, path: "/members/{{ target.name }}"}
          outcomes: [{when: {status: 200}, is: ok}]
    """
  private static let block = ["  membership:", members, add, remove].joined(separator: "\n")

  @Test func decodesTheBlock() throws {
    let membership = try #require(try PlanFixture.plan(["membership": Self.block]).system.membership)
    #expect(membership.members.readOnly)
    #expect(membership.members.request.path.description == "/status")
    #expect(membership.add.request.method == "PUT")
    #expect(membership.add.outcomes.map(\.kind) == [.ok, .fail])
    #expect(membership.remove.request.path.description == "/members/{{ target.name }}")
    #expect(membership.name == (try Template("{{ target.number }}")))
    #expect(membership.timeoutSeconds == 2)
    let more = Self.block + "\n    name: \"{{ target.name }}\"\n    timeout: 500ms"
    let other = try #require(try PlanFixture.plan(["membership": more]).system.membership)
    #expect(other.name == (try Template("{{ target.name }}")))
    #expect(other.timeoutSeconds == 0.5)
  }

  @Test func isPartOfTheResolvedPlan() throws {
    let with = try PlanFixture.plan(["membership": Self.block]).resolved.map?["system"]?.map?["membership"]?.map
    #expect(with?["name"] == "{{ target.number }}")
    #expect(with?["remove"]?.map?["request"]?.map?["method"] == "DELETE")
    #expect(try PlanFixture.plan().resolved.map?["system"]?.map?["membership"] == .null)
  }

  @Test func theFaultNeedsTheBlock() throws {
    let faults = ["faults": "faults: [{name: membership, targets: [one, primary]}]"]
    #expect(
      PlanFixture.problems(faults) == [
        "p.yaml:15:17: 'membership' needs requests that change the members, and system.membership is not described",
        "p.yaml:15:44: 'primary' needs to know who leads, and system.primary is not described",
      ])
    let plan = try PlanFixture.plan(["membership": Self.block, "faults": "faults: [membership]"])
    #expect(plan.faults[0].targets == ["one", "shrink"])
    let probe = "  primary: {http: {path: /status, jsonpath: {$.role: leader}}}"
    let all = try PlanFixture.plan(["primary": probe, "membership": Self.block, "faults": "faults: [membership]"])
    #expect(all.faults[0].targets == ["one", "primary", "shrink", "shrink-isolated"])
  }

  @Test(arguments: [
    ("", "8:15: ", "system.membership must be a mapping of keys to values, not 'x'"),
    (add, "9:5: ", "system.membership lacks 'members': as {request: {method: …, path: /…}, outcomes: […]}"),
    ("    nmae: x", "", "unknown key of system.membership 'nmae'; did you mean 'name'?"),
    ("    name: \"{{ node.name }}\"", "", "'node' is not known here; known: params, run, target"),
    ("    timeout: 2", "", "a duration needs a unit: write 2s, 2ms, 2m or 2h"),
    (
      members.replacing("/status", with: "\"/{{ target.name }}\""), "",
      "'target' is not known here; known: node, nodes, peers, params, run"
    ),
    (
      members.replacing(", value: {jsonpath: $.members}", with: ""), "",
      "system.membership.members.outcomes[0] is ok for a read-only operation but says no value: add value: {jsonpath: …}"
    ),
    (
      remove.replacing("is: ok", with: "is: fail"), "",
      "no outcome of system.membership.remove is ok: it could never succeed"
    ),
    (
      add.replacing("target.ports.http", with: "target.ports.htp"), "",
      "unknown port 'htp'; did you mean 'http'?"
    ),
    (
      remove + "\n      readOnly: true", "",
      "unknown key of system.membership.remove 'readOnly'; known: request, outcomes"
    ),
  ])
  func oneWrongLine(_ lines: String, _ place: String, _ message: String) {
    let text = lines.isEmpty ? "  membership: x" : "  membership:\n" + lines
    let problems = PlanFixture.problems(["membership": text])
    #expect(problems.contains { $0.contains(message) && $0.contains(place) }, "\(problems)")
  }

  @Test func targetsAreOfMembershipAlone() {
    let problems = PlanFixture.problems(["ready": "  ready: {http: {path: \"/{{ target.name }}\"}}"])
    #expect(problems == ["p.yaml:7:29: 'target' is not known here; known: node, nodes, peers, params, run"])
  }
}
