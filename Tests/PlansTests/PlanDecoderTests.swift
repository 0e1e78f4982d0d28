import Histories
import Nemesis
import Systems
import Testing

@testable import Plans

@Suite struct PlanDecoderTests {
  @Test func decodesAllOfASmallPlan() throws {
    let plan = try PlanFixture.plan()
    #expect(plan.name == "small")
    #expect(plan.source.directory == "/plans")
    #expect(plan.system.nodeCount == 3)
    #expect(plan.system.ports == [PortDescription(name: "http", number: nil)])
    #expect(plan.system.processes[0].command.map(\.description)[1] == "--listen")
    #expect(plan.system.ready?.url.description == "http://{{ node.address }}:{{ node.ports.http }}/health")
    #expect(plan.client.timeoutSeconds == 1)
    #expect(plan.operations.keys.sorted() == ["cas", "read", "write"])
    #expect(plan.operations["read"]?.readOnly == true)
    #expect(plan.workload.name == "register")
    #expect(plan.durationSeconds == 20)
    #expect(plan.concurrency == 6)
    #expect(plan.rate == 500)
    #expect(plan.seed == 42)
    #expect(plan.recoverySeconds == 10)
    #expect(plan.minimums == Minimums())
  }

  @Test func fillsInFaultsAndClaims() throws {
    let plan = try PlanFixture.plan()
    let expected = [
      FaultSettings(name: "partition", targets: ["halves"], every: 5, hold: 2),
      FaultSettings(name: "kill", targets: ["one", "minority"], every: 4, hold: 2),
    ]
    #expect(plan.faults == expected)
    let claims = [
      ClaimExpectation(claim: "linearizable", expect: .valid, line: 16),
      ClaimExpectation(claim: "recovers", expect: .valid, line: nil),
      ClaimExpectation(claim: "no-panic", expect: .valid, line: nil),
    ]
    #expect(plan.claims == claims)
  }

  @Test(arguments: [(15.0, 3.0), (60.0, 10.0), (20.0, 4.0), (6.0, 2.5), (1.0, 0.5)])
  func faultsComeOftenEnough(_ duration: Double, _ every: Double) {
    #expect(PlanDecoder.defaultEvery(durationSeconds: duration) == every)
  }

  @Test func aPartitionWithoutAPrimaryProbeIsolatesNoPrimary() throws {
    let without = try PlanFixture.plan(["faults": "faults: [partition]"])
    #expect(without.faults[0].targets == ["halves", "isolate-one", "majorities-ring", "one-way-in"])
    let probe = "  primary: {http: {path: /status, jsonpath: {$.role: leader}}}"
    let with = try PlanFixture.plan(["faults": "faults: [partition]", "primary": probe])
    #expect(with.faults[0].targets == ["halves", "isolate-one", "isolate-primary", "majorities-ring"])
  }

  @Test(arguments: [
    ("claims: [{claim: linearizable, expect: invalid}]", ["linearizable=invalid", "recovers=valid", "no-panic=valid"]),
    ("claims: [{claim: recovers, enabled: false}]", ["linearizable=valid", "no-panic=valid"]),
    (
      "claims: [linearizable, {claim: recovers, expect: invalid}]",
      ["linearizable=valid", "recovers=invalid", "no-panic=valid"]
    ),
    ("", ["linearizable=valid", "recovers=valid", "no-panic=valid"]),
  ])
  func claims(_ line: String, _ expected: [String]) throws {
    let claims = try PlanFixture.plan(["claims": line]).claims
    #expect(claims.map { "\($0.claim)=\($0.expect.rawValue)" } == expected)
  }

  @Test func withoutPatternsThereIsNoPanicToLookFor() throws {
    let claims = try PlanFixture.plan(["panic": ""]).claims
    #expect(claims.map(\.claim) == ["linearizable", "recovers"])
  }

  @Test func valuesOfOutcomes() throws {
    let plan = try PlanFixture.plan([
      "read": """
        read:
          readOnly: true
          request: {method: GET, path: /x, query: {a: "{{ op.key }}"}, headers: {If-Match: "{{ op.id }}"}}
          outcomes:
            - {when: {status: [200, 201], header: {X-Not-Leader: absent}}, is: ok, value: {jsonpath: "$.kvs[0].value",
                decode: base64, as: int, default: null}}
            - {when: {status: 404, jsonpath: {$.code: 100, "$['s']": "absent"}, regex: 'n\\d'}, is: ok, value: null}
            - {when: {status: 410}, is: ok, value: [1, x, "2"]}
            - {when: {status: 411}, is: ok, value: [{jsonpath: $.index}, "{{op.value}}", 3]}
            - {when: {status: 503}, is: fail, error: busy}
            - {when: {status: 412}, is: ok, value: [{jsonpath: $.index}, "{{ op.value[1].v }}"]}
      """
    ])
    let outcomes = try #require(plan.operations["read"]?.outcomes)
    let extraction = ValueExtraction(
      source: .jsonpath(try JSONPath("$.kvs[0].value")), kind: .int, decoding: .base64, fallback: .null)
    #expect(outcomes[0].value == .extracted(extraction))
    #expect(outcomes[0].condition.status == [200, 201])
    #expect(outcomes[0].condition.headers == [.init(name: "X-Not-Leader", expectation: .absent)])
    let paths: [ResponseCondition.PathExpectation] = [
      .init(path: try JSONPath("$.code"), expectation: .equals(100)),
      .init(path: try JSONPath("$['s']"), expectation: .equals("absent")),
    ]
    #expect(outcomes[1].condition.paths == paths)
    #expect(outcomes[1].condition.regex == (try Pattern(#"n\d"#)))
    #expect(outcomes[1].value == .constant(nil))
    #expect(outcomes[2].value == .constant([1, "x", "2"]))
    let index = OutcomeRule.Result.extracted(ValueExtraction(source: .jsonpath(try JSONPath("$.index"))))
    #expect(outcomes[3].value == .list([index, .invocation, .constant(3)]))
    #expect(outcomes[4].error == "busy")
    #expect(outcomes[5].value == .list([index, .template(try Template("{{ op.value[1].v }}"))]))
  }

  @Test func parametersOfTheSystem() throws {
    let parameters = """
        parameters:
          bug: {default: none, choices: [none, lost], summary: what is wrong}
          heartbeat: {default: 50, min: 10, max: 100}
          sync: {default: true}
      """
    let changes = ["parameters": parameters, "processes": "  processes: [{command: [kv, \"{{ params.bug }}\"]}]"]
    let plan = try PlanFixture.plan(changes, PlanOverrides(set: ["bug=lost", "sync=false"]))
    #expect(plan.parameters == ["bug": "lost", "heartbeat": 50, "sync": false])
    let problems = PlanFixture.problems(
      changes, PlanOverrides(set: ["bgu=x", "bug=missing", "heartbeat=200", "sync", "sync=false", "sync=true"]))
    let expected = [
      "--set: unknown parameter of the system 'bgu'; did you mean 'bug'?",
      "--set: bug: expected one of none, lost, not \"missing\"",
      "--set: heartbeat: expected an integer in 10...100, not 200",
      "--set: expected key=value, not 'sync'",
      "--set: 'sync' is set twice",
    ]
    #expect(problems == expected)
  }

  @Test func resolvedHoldsEverything() throws {
    let resolved = try PlanFixture.plan().resolved
    let text = resolved.json
    #expect(try JSONReader.parse(text) == resolved)
    let map = try #require(resolved.map)
    #expect(map["seed"] == "42")
    #expect(
      map["faults"]?.list?.first == [
        "name": "partition", "targets": ["halves"], "every": .double(5), "hold": .double(2),
      ])
    #expect(
      map["operations"]?.map?["cas"]?.map?["request"]?.map?["body"] == ["json": ["{{ op.from }}", "{{ op.to }}"]])
    #expect(map["system"]?.map?["nodes"] == ["count": 3, "name": "n{{ node.number }}"])
  }
}
