import Histories
import Nemesis
import Systems
import Testing

@testable import Plans

@Suite struct FaultsArgumentTests {
  private func parse(_ text: String) throws -> [String] {
    try FaultsArgument(text).entries.map { entry in
      entry.name + entry.parameters.map { " \($0.key)=\($0.value)" }.joined()
    }
  }

  @Test(arguments: [
    ("none", []), ("kill", ["kill"]), ("partition,kill", ["partition", "kill"]),
    (
      "partition:targets=halves+isolate-one,every=10s,hold=5s",
      ["partition targets=halves+isolate-one every=10s hold=5s"]
    ),
    (
      "partition:every=10s,kill,pause:hold=1s,targets=one",
      ["partition every=10s", "kill", "pause hold=1s targets=one"]
    ),
    ("kill,every=3s", ["kill every=3s"]), ("x:a=b=c:d", ["x a=b=c:d"]),
  ])
  func parses(_ text: String, _ expected: [String]) throws {
    #expect(try parse(text) == expected)
  }

  @Test(arguments: [
    ("every=3s", "'every=3s' belongs to no fault: write NAME:every=3s"),
    ("kill,,pause", "the name of a fault is missing in 'kill,,pause'"),
    ("", "the name of a fault is missing in ''"), (":every=3s", "the name of a fault is missing in ':every=3s'"),
    ("none,kill", "'none' stands alone: it cannot be mixed with faults"),
    ("kill:every", "expected key=value behind 'kill:', not 'every'"),
    ("kill:every=", "expected key=value behind 'kill:', not 'every='"),
  ])
  func refuses(_ text: String, _ message: String) {
    #expect(throws: UnitProblem(message: message)) { try FaultsArgument(text) }
  }
}

@Suite struct OverridesTests {
  @Test func optionsReplaceWhatThePlanSays() throws {
    let overrides = PlanOverrides(
      faults: "partition:targets=isolate-one+halves,every=4s,hold=1s", time: "8s", nodes: "5", concurrency: "3n",
      rate: "50", seed: "7")
    let plan = try PlanFixture.plan([:], overrides)
    #expect(plan.system.nodeCount == 5)
    #expect(plan.concurrency == 15)
    #expect(plan.durationSeconds == 8)
    #expect(plan.rate == 50)
    #expect(plan.seed == 7)
    #expect(plan.faults == [FaultSettings(name: "partition", targets: ["isolate-one", "halves"], every: 4, hold: 1)])
  }

  /// What the plan leaves open follows the option, not the plan's own number.
  @Test func defaultsFollowTheOptions() throws {
    let plan = try PlanFixture.plan(["faults": "faults: [kill]"], PlanOverrides(time: "15s", nodes: "4"))
    #expect(plan.concurrency == 8)
    #expect(plan.faults.map(\.every) == [3])
    #expect(plan.faults.map(\.hold) == [1.5])
  }

  @Test func noneMeansNoFaults() throws {
    #expect(try PlanFixture.plan([:], PlanOverrides(faults: "none")).faults.isEmpty)
  }

  @Test func quorumIsKeptWhereAskedFor() throws {
    #expect(try !PlanFixture.plan().keepsQuorum)
    let planned = ["more": "keepQuorum: true"]
    #expect(try PlanFixture.plan(planned).keepsQuorum)
    #expect(try PlanFixture.plan(planned).resolved.map?["keepQuorum"] == true)
    #expect(try !PlanFixture.plan(planned, PlanOverrides(keepQuorum: false)).keepsQuorum)
    #expect(try PlanFixture.plan([:], PlanOverrides(keepQuorum: true)).keepsQuorum)
    #expect(PlanFixture.problems(["more": "keepQuorum: 3"]).count == 1)
  }

  /// The plan as it comes to run has the part of its faults that its seed decides.
  @Test func aSwarmIsAPartOfTheFaults() throws {
    let whole = try PlanFixture.plan()
    #expect(whole.faults.map(\.name) == ["partition", "kill"])
    var seen: Set<[String]> = []
    for seed in 1...40 {
      let swarm = try PlanFixture.plan(["more": "swarm: true"], PlanOverrides(seed: "\(seed)"))
      seen.insert(swarm.faults.map(\.name))
      #expect(swarm.notices.count { $0.hasPrefix("swarm: \(swarm.faults.count) of 2 faults: ") } == 1)
    }
    #expect(seen == [["partition"], ["kill"], ["partition", "kill"]])
    #expect(
      try PlanFixture.plan(["more": "swarm: true"], PlanOverrides(swarm: false)).faults == whole.faults)
  }

  /// The plan was written for its own number of nodes.
  @Test func fewerNodesLeaveTargetsOut() throws {
    let planned = ["faults": "faults: [{name: partition, targets: [halves, bridge]}]", "nodes": "  nodes: {count: 5}"]
    let small = try PlanFixture.plan(planned, PlanOverrides(nodes: "3"))
    #expect(small.faults[0].targets == ["halves"])
    #expect(small.notices.contains("partition: 'bridge' is left out, as it needs at least 4 nodes"))
    #expect(PlanFixture.problems(planned.merging(["nodes": "  nodes: {count: 3}"]) { $1 }).count == 1)
    let only = ["faults": "faults: [{name: partition, targets: [bridge]}]", "nodes": "  nodes: {count: 5}"]
    #expect(
      PlanFixture.problems(only, PlanOverrides(nodes: "3")).first?
        .hasSuffix("none of its targets is possible with 3 nodes") == true)
  }

  /// A short run has no time for seven kinds of partition: the first four of them, then.
  @Test func longRunsSeeMoreTargets() throws {
    func targets(_ time: String) throws -> [String]? {
      try PlanFixture.plan(["faults": "faults: [partition]"], PlanOverrides(time: time, nodes: "5")).faults.first?
        .targets
    }
    let short = ["halves", "isolate-one", "majorities-ring", "bridge"]  // this system has no primary
    #expect(try targets("15s") == short)
    #expect(try targets("5m") == short + ["one-way-in", "one-way-out"])
  }

  @Test func onlineCheckingIsOnAndEndsNothing() throws {
    #expect(try PlanFixture.plan().online == OnlineSettings(isOn: true, failFast: false, freezeSeconds: nil))
    let planned = ["more": "online: true\nfailFast: true"]
    #expect(try PlanFixture.plan(planned).online.failFast)
    #expect(try PlanFixture.plan(planned).resolved.map?["failFast"] == true)
    #expect(try !PlanFixture.plan(planned, PlanOverrides(failFast: false)).online.failFast)
    #expect(try !PlanFixture.plan([:], PlanOverrides(online: false)).online.isOn)
    #expect(try !PlanFixture.plan(["more": "online: false"]).online.isOn)
    #expect(try PlanFixture.plan(["more": "online: false"], PlanOverrides(online: true)).online.isOn)
    let frozen = try PlanFixture.plan([:], PlanOverrides(freeze: "2m")).online
    #expect(frozen == OnlineSettings(isOn: true, failFast: true, freezeSeconds: 120))
    let problems = PlanFixture.problems(["more": "online: false\nfailFast: true"])
    #expect(
      problems == ["p.yaml:21:1: a run that ends at its first violation needs online checking: leave out online: false"]
    )
    #expect(PlanFixture.problems(["more": "online: perhaps"]) == ["p.yaml:20:9: expected true or false, not 'perhaps'"])
  }

  @Test func claimsOfTheCommandLineReplaceThePlans() throws {
    let changes = ["claims": "claims: [{claim: linearizable, expect: invalid}, {claim: recovers, enabled: false}]"]
    let plan = try PlanFixture.plan(changes, PlanOverrides(claims: ["linearizable"]))
    let expected = [
      ClaimExpectation(claim: "linearizable", expect: .valid, line: nil),
      ClaimExpectation(claim: "no-panic", expect: .valid, line: nil),
    ]
    #expect(plan.claims == expected)
  }

  @Test(arguments: ["SSER", "strict_serializable", "PL-SS", "linearizable"])
  func isolationLevelsHaveOtherNamesToo(name: String) throws {
    let transaction =
      "  txn: {request: {method: POST, path: /txn, json: \"{{ op.value }}\"}, "
      + "outcomes: [{when: {status: 200}, is: ok, value: {jsonpath: $.v}}]}"
    let plan = try PlanFixture.plan(["cas": transaction], PlanOverrides(workload: "list-append", claims: [name]))
    #expect(plan.claims.map(\.claim) == ["strict-serializable", "recovers", "no-panic"])
  }

  private static let transaction = [
    "cas": "  txn: {request: {method: POST, path: /txn, json: \"{{ op.value }}\"}, "
      + "outcomes: [{when: {status: 200}, is: ok, value: {jsonpath: $.v}}]}"
  ]

  private func writeSkew(_ claims: String) throws -> (claims: [String], notices: [String]) {
    let changes = Self.transaction.merging(["claims": "claims: \(claims)"]) { $1 }
    let plan = try PlanFixture.plan(changes, PlanOverrides(workload: "write-skew"))
    return (plan.claims.map { "\($0.claim)=\($0.expect.rawValue)" }, plan.notices)
  }

  @Test func thePlansClaimsStayThatTheOtherWorkloadCanCheck() throws {
    let left = "claims of the plan that workload write-skew cannot check are left out: converges"
    let some = try writeSkew("[{claim: serializable, expect: invalid}, converges, recovers]")
    #expect(some.claims == ["serializable=invalid", "recovers=valid", "no-panic=valid"])
    #expect(some.notices == [left])
    let none = try writeSkew("[converges, {claim: recovers, enabled: false}]")
    #expect(none.claims == ["strict-serializable=valid", "no-panic=valid"])
    #expect(none.notices == [left + "; its own are checked: strict-serializable"])
    let all = try writeSkew("[serializable]")
    #expect(all.claims == ["serializable=valid", "recovers=valid", "no-panic=valid"] && all.notices.isEmpty)
    #expect(try PlanFixture.plan().notices.isEmpty)
    // What no workload can check is no claim of another one.
    let changes = Self.transaction.merging(["claims": "claims: [linearisable]"]) { $1 }
    let problems = PlanFixture.problems(changes, PlanOverrides(workload: "write-skew"))
    #expect(problems.count == 1 && problems[0].contains("unknown claim 'linearisable'"), "\(problems)")
  }

  @Test func aClaimOfTheCommandLineMayNameItsWorkload() throws {
    let plan = try PlanFixture.plan([:], PlanOverrides(claims: ["register/sequential"]))
    #expect(plan.claims.map(\.claim) == ["sequential", "recovers", "no-panic"])
    for (name, message) in [
      ("bank/total-conserved", "'bank/total-conserved' is for workload bank, and this run's is register"),
      ("bnak/total-conserved", "unknown workload 'bnak'; did you mean 'bank'?"),
      ("bank/", "a claim is NAME, or WORKLOAD/NAME for one workload alone: not 'bank/'"),
    ] {
      #expect(PlanFixture.problems([:], PlanOverrides(claims: [name])) == ["--claim: \(message)"])
    }
  }

  @Test(arguments: [
    (PlanOverrides(workload: "registre"), "--workload: unknown workload 'registre'; did you mean 'register'?"),
    (PlanOverrides(faults: "partitoin"), "--faults: unknown fault 'partitoin'; did you mean 'partition'?"),
    (PlanOverrides(faults: "kill:evry=3s"), "--faults: unknown parameter of kill 'evry'; did you mean 'every'?"),
    (
      PlanOverrides(faults: "partition:targets=halfs"),
      "--faults: unknown target of partition 'halfs'; did you mean 'halves'?"
    ),
    (PlanOverrides(time: "60"), "--time: a duration needs a unit: write 60s, 60ms, 60m or 60h"),
    (PlanOverrides(time: "1d"), "--time: expected a duration such as 500ms, 20s, 2m or 1h, not '1d'"),
    (PlanOverrides(nodes: "0"), "--nodes: expected 1 to 100 nodes, not '0'"),
    (
      PlanOverrides(faults: "partition", nodes: "1"), "--faults: partition needs at least 2 nodes, and the system has 1"
    ),
    (PlanOverrides(concurrency: "-1n"), "--concurrency: expected 1 to 4096 client threads, not '-1n'"),
    (PlanOverrides(rate: "-5"), "--rate: a rate must be more than 0/s and at most 1000000/s, not '-5'"),
    (PlanOverrides(seed: "x"), "--seed: expected a seed from 0 to 18446744073709551615, not 'x'"),
    (PlanOverrides(set: ["bug=x"]), "--set: unknown parameter of the system 'bug': there is none"),
    (
      PlanOverrides(online: false, failFast: true),
      "--fail-fast: a run that ends at its first violation needs online checking: leave out --no-online"
    ),
    (
      PlanOverrides(online: false, freeze: "1m"),
      "--freeze: a run that ends at its first violation needs online checking: leave out --no-online"
    ),
    (
      PlanOverrides(failFast: false, freeze: "1m"),
      "--freeze: frozen is what a violation has ended: leave out --no-fail-fast"
    ),
    (PlanOverrides(freeze: "5"), "--freeze: a duration needs a unit: write 5s, 5ms, 5m or 5h"),
    (PlanOverrides(freeze: "25h"), "--freeze: a duration of at most 86400s is allowed here, not '25h'"),
    (
      PlanOverrides(claims: ["linear"]),
      "--claim: unknown claim 'linear'; known: linearizable, sequential, causal, pram, writes-follow-reads, "
        + "monotonic-writes, monotonic-reads, read-your-writes, weak-causal, bounded-staleness, recovers, no-panic"
    ),
  ])
  func badOptions(_ overrides: PlanOverrides, _ message: String) {
    #expect(PlanFixture.problems(["faults": ""], overrides) == [message])
  }
}

@Suite struct UnitsTests {
  @Test(arguments: [("60s", 60), ("500ms", 0.5), ("2m", 120), ("1h", 3600), ("1.5s", 1.5), ("1ms", 0.001)])
  func durations(_ text: String, _ seconds: Double) throws {
    #expect(try Units.duration(text, max: 7200) == seconds)
  }

  @Test(arguments: [
    "", "s", "5", "5 s", "5S", "-1s", "0s", "1e3s", "nans", "infs", "3h", "0.5ms", "1s2", "--5s", "1.2.3s",
  ])
  func notDurations(_ text: String) {
    #expect(throws: UnitProblem.self) { try Units.duration(text, max: 7200) }
  }

  @Test func threadsAndRates() throws {
    #expect(try Units.concurrency("10", nodes: 3) == 10)
    #expect(try Units.concurrency("2n", nodes: 3) == 6)
    #expect(try Units.rate("0.5/s") == 0.5)
    for text in ["n", "2n2", "0n", "9223372036854775807n", "1.5", ""] {
      #expect(throws: UnitProblem.self, "\(text)") { try Units.concurrency(text, nodes: 3) }
    }
    for text in ["/s", "5/m", "5 /s", "2000000/s", ""] {
      #expect(throws: UnitProblem.self, "\(text)") { try Units.rate(text) }
    }
  }
}
