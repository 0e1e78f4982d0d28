import Testing

@testable import Plans

/// Malformed plans and the exact words about them.
@Suite struct DiagnosticsTests {
  @Test func reportsEverythingAtOnceInReadingOrder() {
    let problems = PlanFixture.problems(
      [
        "version": "version: 2", "nodes": "  nodes: {count: 0}", "duration": "duration: 60", "rate": "rate: fast",
        "faults": "faults: [{name: partitoin}, {name: kill, targets: [everyone]}]",
        "workload": "workload: {name: registre}",
        "more": "velocity: 3",
      ], PlanOverrides(faults: "partitoin", time: "-3s"))
    let expected = [
      "p.yaml:1:10: version must be 1, not '2'",
      "p.yaml:4:18: expected 1 to 100 nodes, not '0'",
      "p.yaml:14:18: unknown workload 'registre'; did you mean 'register'?",
      "p.yaml:15:17: unknown fault 'partitoin'; did you mean 'partition'?",
      "p.yaml:17:11: a duration needs a unit: write 60s, 60ms, 60m or 60h",
      "p.yaml:19:7: expected a rate such as 500/s, not 'fast'",
      "p.yaml:20:1: unknown key of the plan 'velocity'; known: version, name, system, client, operations, duration, "
        + "concurrency, rate, seed, recovery, online, failFast, mutants, workload, faults, keepQuorum, swarm, claims, "
        + "minimums",
      "--time: a duration must be more than 0, not '-3s'",
      "--faults: unknown fault 'partitoin'; did you mean 'partition'?",
    ]
    let withoutTargets = problems.filter { !$0.contains("everyone") }
    #expect(withoutTargets == expected)
    #expect(problems.contains { $0.hasPrefix("p.yaml:15:52: unknown target of kill 'everyone'; ") })
  }

  @Test(arguments: [
    (
      "a: [1, 2", "p.yaml:2:1: this is not YAML: while parsing a flow sequence at 1:4, did not find expected ',' or ']'"
    ),
    ("a: b: c\n", "p.yaml:1:5: this is not YAML: mapping values are not allowed in this context"),
    ("a:\n\tb: 1\n", "p.yaml:2:1: a tab cannot indent YAML: use spaces"),
    ("a: *nobody\n", "p.yaml:1:4: this is not YAML: found undefined alias"),
    ("a: 1\nb: 2\na: 3\n", "p.yaml:1:1: a mapping has the key 'a' more than once; the first one is here"),
    (
      "a: 1\n---\nb: 2\n",
      "p.yaml:2:1: this is not YAML: expected a single document in the stream at 1:1, but found another document"
    ),
    (
      "? [1]\n: 2\n",
      "p.yaml:1:3: a key must be a text; a template that stands alone needs quotes: \"{{ … }}\""
    ),
    ("a: \"\u{1}\"\n", "p.yaml:1:5: this is not YAML: control characters are not allowed"),
    ("", "p.yaml: the plan is empty"),
    ("# nothing\n", "p.yaml: the plan is empty"),
  ])
  func malformedYAML(_ text: String, _ expected: String) {
    #expect(PlanFixture.problems(in: text) == [expected])
  }

  @Test func whatIsMissingIsNamed() {
    let expected = [
      "p.yaml:1:1: the plan lacks 'version': write version: 1",
      "p.yaml:1:1: the plan lacks 'name': a short name for folders and reports",
      "p.yaml:1:1: the plan lacks 'system': the nodes and what runs on them",
      "p.yaml:1:1: the plan lacks 'client': where requests go, as {baseURL: …}",
      "p.yaml:1:1: the plan lacks 'operations': how the workload's operations are requested",
      "p.yaml:1:1: the plan lacks 'workload': what clients do, as {name: register}",
    ]
    #expect(PlanFixture.problems(in: "rate: 5/s\n") == expected)
    let list = ["p.yaml:1:1: the plan must be a mapping of keys to values, not a list"]
    #expect(PlanFixture.problems(in: "- a\n") == list)
  }

  /// One wrong line each, with its whole message.
  @Test(arguments: [
    (
      "name", "name: a/b",
      "2:7: a plan's name has up to 64 letters, digits, '-', '_' and '.', no '.' at the front: not 'a/b'"
    ),
    ("nodes", "  nodes: {count: 3, nme: x}", "4:21: unknown key of system.nodes 'nme'; did you mean 'name'?"),
    ("nodes", "  nodes: 3", "4:10: system.nodes must be a mapping of keys to values, not '3'"),
    ("nodes", "  nodes: {count: three}", "4:18: expected 1 to 100 nodes, not 'three'"),
    ("ready", "  setup: [x]", "7:11: a step of the setup must be a mapping of keys to values, not 'x'"),
    (
      "ready", "  setup: [{run: [x], on: frist}]", "7:26: unknown place 'frist'; did you mean 'first'?"
    ),
    (
      "ready", "  files: [{content: x}]", "7:11: a file lacks 'path': where it is to be, from the node's data directory"
    ),
    (
      "ready", "  files: [{path: x, content: y, mode: 0888}]",
      "7:39: expected permission bits from \"0000\" to \"0777\", not '0888'"
    ),
    ("ready", "  supports: [x]", "7:3: unknown key of system 'supports'; known: "),
    ("more", "include: [x.yaml]", "20:1: 'include' of the plan is not supported yet"),
    ("more", "thresholds: {}", "20:1: 'thresholds' of the plan is not supported yet"),
    ("processes", "  processes: []", "6:14: system.processes is empty: what runs on a node?"),
    ("processes", "  processes: [{command: []}]", "6:25: the command is empty"),
    (
      "processes", "  processes: [{command: ./kvd --port 1}]",
      "6:25: expected a list of program and arguments, not './kvd --port 1'"
    ),
    ("processes", "  processes: [{command: [x], user: [a]}]", "6:36: expected a user's name, not a list"),
    (
      "processes", "  processes: [{command: [\"{{ node.prots.http }}\"]}]",
      "6:35: unknown field of a node 'prots'; did you mean 'ports'?"
    ),
    (
      "processes", "  processes: [{command: [\"{{ node.ports.htp }}\"]}]",
      "6:30: unknown port 'htp'; did you mean 'http'?"
    ),
    (
      "processes", "  processes: [{command: [x, '{{ op.key }}']}]",
      "6:33: 'op' is not known here; known: node, nodes, peers, params, run"
    ),
    (
      "processes", "  processes: [{command: [x, '{{ params.bug }}']}]",
      "6:33: unknown parameter of the system 'bug': there is none"
    ),
    (
      "processes", "  processes: [{command: [x, \"\\x41{{ nod }}\"]}]",
      "6:29: unknown variable 'nod'; did you mean 'node'? (at character 5 of the text)"
    ),
    ("ready", "  ready: {http: {path: health}}", "7:24: a path begins with '/', not 'health'"),
    ("ready", "  ready: {http: {path: /health, status: 99}}", "7:41: expected 100 to 599 as a status, not '99'"),
    (
      "ready", "  ready: {timeout: 5s}",
      "7:10: system.ready lacks 'http': the question, as {path: /health, status: 200}"
    ),
    (
      "ready", "  ready: {http: {path: /, jsonpath: {role: x}}}",
      "7:38: 'role' is not a JSON path: a JSON path begins with '$'"
    ),
    (
      "ready", "  stop: {signal: KILL}",
      "7:18: stopping by another signal than TERM is not supported yet, so not 'KILL'"
    ),
    (
      "client", "client: {baseURL: \"{{ node.address }}\", timeout: 0s}",
      "9:50: a duration must be more than 0, not '0s'"
    ),
    (
      "client", "client: {baseURL: \"localhost:80\"}",
      "9:19: baseURL must begin with http:// or https://, not 'localhost:80'"
    ),
    (
      "client", "client: {timeout: 1s}",
      "9:9: client lacks 'baseURL': as \"http://{{ node.address }}:{{ node.ports.http }}\""
    ),
    ("client", "client: {baseURL: \"http://x\", redirects: 3}", "9:31: 'redirects' of client is not supported yet"),
    (
      "client", "client: {baseURL: \"http://x\", placement: primary}",
      "9:42: unknown placement 'primary'; known: sticky, round-robin"
    ),
    (
      "client", "client: {baseURL: \"http://x\", headers: {\"a b\": x}}",
      "9:41: header \"a b\" has a name that is not an HTTP token"
    ),
    (
      "workload", "workload: {name: register, kyes: 3}",
      "14:28: workload register: kyes: no such parameter; known are "
    ),
    (
      "faults", "faults: [{name: kill, every: 2s, hold: 3s}]",
      "15:40: hold (3s) must be less than every (2s): a fault heals before its next injection"
    ),
    (
      "faults", "faults: [{name: kill, every: 60s, hold: 30s}]",
      "15:41: kill would never be injected: hold (30s) does not fit into the duration (20s)"
    ),
    (
      "faults", "faults: [{name: kill, from: 60%, until: 5s}]",
      "15:29: from (12s) must be less than until (5s)"
    ),
    ("faults", "faults: [{name: kill, from: 20s}]", "15:29: from (20s) must be less than the duration (20s)"),
    (
      "faults", "faults: [{name: kill, until: 120%}]",
      "15:30: expected a part of the duration from 0% to 100%, not '120%'"
    ),
    (
      "faults", "faults: [{name: kill, hold: 5s, from: 4s, until: 8s}]",
      "15:29: kill would never be injected: hold (5s) does not fit into its phase (4s)"
    ),
    ("faults", "faults: [{name: kill, evry: 2s}]", "15:23: unknown parameter of kill 'evry'; did you mean 'every'?"),
    (
      "faults", "faults: [{name: partition, targets: [isolate-primary]}]",
      "15:38: 'isolate-primary' needs to know who leads, and system.primary is not described"
    ),
    ("faults", "faults: [{name: partition, targets: [halves, halves]}]", "15:46: the target 'halves' is there twice"),
    ("claims", "claims: [linearisable]", "16:10: unknown claim 'linearisable'; did you mean 'linearizable'?"),
    (
      "claims", "claims: [{claim: linearizable, expect: unknown}]",
      "16:40: unknown verdict 'unknown'; known: valid, invalid"
    ),
    (
      "claims", "claims: [bank/linearizable]",
      "16:10: workload bank cannot check 'linearizable'; it can check total-conserved, total-conserved-with-debt, "
    ),
    ("claims", "claims: [bnak/converges]", "16:10: unknown workload 'bnak'; did you mean 'bank'?"),
    ("claims", "claims: [bank/]", "16:10: a claim is NAME, or WORKLOAD/NAME for one workload alone: not 'bank/'"),
    ("claims", "claims: [linearizable, linearizable]", "16:24: the claim 'linearizable' is there twice"),
    (
      "claims", "claims: [{claim: linearizable, enabled: false}]",
      "16:18: only recovers and no-panic can be disabled; leave 'linearizable' out instead"
    ),
    ("concurrency", "concurrency: 0", "18:14: expected 1 to 4096 client threads, not '0'"),
    (
      "concurrency", "concurrency: two",
      "18:14: expected a number of client threads such as 10, or 2n for two a node, not 'two'"
    ),
    ("rate", "rate: 0/s", "19:7: a rate must be more than 0/s and at most 1000000/s, not '0/s'"),
    ("more", "seed: -1", "20:7: expected a seed from 0 to 18446744073709551615, not '-1'"),
  ])
  func oneWrongLine(_ line: String, _ text: String, _ expected: String) {
    let problems = PlanFixture.problems([line: text])
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("p.yaml:\(expected)") == true, "\(problems)")
  }

  @Test func operationsMustFitTheWorkload() {
    let write =
      "  write: {readOnly: true, request: {method: PUT, path: /}, outcomes: [{when: {status: 200}, is: ok, value: 1}]}"
    let problems = PlanFixture.problems(["read": "", "write": write])
    let expected = [
      "p.yaml:10:1: operations lacks 'read', which workload register invokes",
      "p.yaml:11:21: 'write' of workload register changes something: it cannot be readOnly",
    ]
    #expect(problems == expected)
  }

  @Test(arguments: [
    ("{when: {status: 200}, is: okay, value: 1}", "unknown outcome 'okay'; known: ok, fail, info"),
    ("{when: {}, is: ok, value: 1}", "an empty when would match every response: name a status at least"),
    ("{when: {status: []}, is: ok, value: 1}", "an empty when would match every response: name a status at least"),
    ("{when: {header: {}}, is: ok, value: 1}", "an empty when would match every response: name a status at least"),
    (
      "{when: {status: 200}, is: ok}",
      "operations.read.outcomes[0] is ok for a read-only operation but says no value: add value: {jsonpath: …}"
    ),
    ("{when: {regex: '('}, is: ok, value: 1}", "'(' is not a regular expression: "),
    (
      "{when: {status: 200}, is: ok, value: {as: int}}",
      "operations.read.outcomes[0].value needs one of jsonpath, regex and header"
    ),
    ("{when: {status: 200}, is: ok, value: {jsonpath: '$.a[', as: int}}", "'$.a[' is not a JSON path: "),
    ("{when: {status: 200}, is: ok, value: {jsonpath: $.a, as: itn}}", "unknown type 'itn'; did you mean 'int'?"),
    (
      "{when: {status: 200}, is: ok, value: [\"{{ op.key }}!\"]}",
      "a template in the value of an outcome is one expression, as {{ op.value[0] }}"
    ),
    ("{when: {status: 200}, is: ok, value: [\"{{ node.name }}\"]}", "'node' is not known here; known: op"),
    ("{is: ok, value: 1}", "operations.read.outcomes[0] lacks 'when': as {status: 200}"),
  ])
  func outcomes(_ outcome: String, _ message: String) {
    let read = "  read: {readOnly: true, request: {method: GET, path: /}, outcomes: [\(outcome)]}"
    let problems = PlanFixture.problems(["read": read])
    #expect(problems.first?.contains(": \(message)") == true, "\(problems)")
  }

  /// A reader mends all of a mapping at once.
  @Test(arguments: [
    ("workload", "workload: {name: register, mix: {raed: 2, wirte: 1, read: 1}}", ["raed", "wirte"]),
    ("workload", "workload: {name: register, kyes: 2, mxi: {read: 1}}", ["kyes", "mxi"]),
    ("ready", "  ready: {htpp: {path: /}, timeuot: 3s}", ["htpp", "timeuot"]),
    (
      "read", "  read: {raedOnly: true, request: {mehtod: GET, paht: /}, outcomes: []}", ["raedOnly", "mehtod", "paht"]
    ),
    ("minimums", "minimums: {okPerFuncton: 1, okAfterHeel: 2}", ["okPerFuncton", "okAfterHeel"]),
    ("claims", "claims: [{clam: linearizable, expcet: valid}]", ["clam", "expcet"]),
  ])
  func everyMisspeltKeyOfAMappingIsNamed(_ name: String, _ line: String, _ keys: [String]) {
    let problems = PlanFixture.problems([name: line])
    for key in keys { #expect(problems.contains { $0.contains(key) }, "\(key): \(problems)") }
  }

  @Test func weightsOfNothingAreNamedWhereTheyStand() {
    let problems = PlanFixture.problems(["workload": "workload: {name: register, mix: {raed: 2, wirte: 1, read: 1}}"])
    #expect(
      problems == [
        "p.yaml:14:34: unknown name in mix of workload register 'raed'; did you mean 'read'?",
        "p.yaml:14:43: unknown name in mix of workload register 'wirte'; did you mean 'write'?",
      ])
  }

  @Test func anUnneededValueIsRefused() {
    let read =
      "  read: {readOnly: true, request: {method: GET, path: /}, outcomes: [{when: {status: 200}, is: fail, value: 1}]}"
    let expected = [
      "p.yaml:11:69: no outcome of operations.read is ok: it could never succeed",
      "p.yaml:11:109: only an outcome that is ok has a value, not one that is fail",
    ]
    #expect(PlanFixture.problems(["read": read]) == expected)
  }

  @Test func aliasBombsAreCutOff() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...6 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let problems = PlanFixture.problems(in: text)
    #expect(problems.count == 1)
    #expect(problems[0].hasSuffix("the plan has more than 50000 values; are there aliases of aliases?"))
  }
}
