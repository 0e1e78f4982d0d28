import Checkers
import Foundation
import Generators
import Histories
import Plans
import RunStore
import Systems
import Testing
import Workloads

@testable import Runs

/// A run directory is judged as its run was.
@Suite struct StoredRunTests {
  /// What every bundled system can be run with.
  static let bundled: [(system: String, workload: String)] = Presets.names.flatMap { system in
    Catalogue.all.map(\.name).filter { (try? plan(system, $0)) != nil }.map { (system, $0) }
  }

  private static func plan(_ system: String, _ workload: String? = nil, claims: [String] = []) throws -> Plan {
    try PlanBuilder(defaultSeed: 7, currentDirectory: "/").plan(
      system: system, PlanOverrides(workload: workload, claims: claims))
  }

  private func event(
    _ process: Int32, _ type: EventType, _ function: String, _ value: Value, at time: Int64 = 0
  ) -> Event {
    Event(index: 0, time: time, process: ProcessID(process), type: type, function: function, value: value)
  }

  /// A client writes 1 to a key and then reads `read`.
  private func register(reading read: Value) -> [Event] {
    [
      event(0, .invoke, "write", [1, 1]), event(0, .ok, "write", [1, 1]),
      event(0, .invoke, "read", [1, nil]), event(0, .ok, "read", .list([1, read])),
    ]
  }

  private func outcome(_ claim: String, _ verdict: Verdict) -> ClaimOutcome {
    ClaimOutcome(
      claim: claim, checker: claim, algorithm: "a", verdict: verdict, expect: .valid,
      outcome: .of(verdict, expecting: .valid), seconds: 0, reason: nil, findings: [], counterexamples: [])
  }

  private func results(_ claims: [ClaimOutcome], _ minimums: [Minimum] = []) -> RunResults {
    RunResults(
      verdict: .valid, exit: 0, seed: 7, plan: "p", system: "p", versions: [:], started: "", duration: 1, phases: [:],
      reproduce: "", claims: claims, vitals: .null, faults: [], minimums: minimums, notices: [])
  }

  /// The directory of a run of the plan.
  private func folder(_ plan: Plan, _ events: [Event], _ results: RunResults?) throws -> ScratchFolder {
    let folder = try ScratchFolder()
    var writer = try HistoryWriter(path: folder.file(RunFile.history))
    for (index, event) in events.enumerated() {
      var event = event
      event.index = index
      try writer.append(event)
    }
    try writer.flush()
    try RunFiles.write(json: plan.resolved, to: folder.file(RunFile.resolvedPlan))
    if let results { try RunFiles.write(json: results, to: folder.file(RunFile.results)) }
    return folder
  }

  private func judge(_ folder: ScratchFolder, _ claims: [String] = []) throws -> StoredJudgement {
    let run = try StoredRun(at: folder.path)
    let read = try HistoryReader().read(path: folder.path)
    return try run.judge(run.history(read), of: read, claims: try run.claims(claims), budget: CheckBudget())
  }

  @Test(arguments: bundled)
  func `the plan in a directory is the plan of its run`(system: String, workload: String) throws {
    let plan = try Self.plan(system, workload)
    let folder = try folder(plan, [], nil)
    let stored = try StoredRun(at: folder.path + "/").plan
    #expect(stored.name == plan.name && stored.seed == "7" && stored.choice == plan.workload)
    #expect(stored.minimums == plan.minimums)
    #expect(stored.claims.map(\.claim) == plan.claims.map(\.claim))
    #expect(stored.claims.map(\.expect) == plan.claims.map(\.expect))
  }

  @Test(arguments: bundled)
  func `every claim of a bundled plan can be judged again`(system: String, workload: String) throws {
    let plan = try Self.plan(system, workload)
    let nemesis = Event(index: 0, time: 0, process: .nemesis, type: .info, function: "start-kill", value: nil)
    let judged = try judge(try folder(plan, [nemesis], nil))
    let ofHistory = plan.claims.map(\.claim).filter { !PlanCatalogue.commonClaims.contains($0) }
    #expect(judged.outcomes.map(\.claim) == ofHistory)
    // Nothing happened, which is said; none is without a checker.
    #expect(judged.outcomes.allSatisfy { $0.verdict == .unknown && $0.checker != "none" }, "\(judged.outcomes)")
    #expect(judged.leftOut == PlanCatalogue.commonClaims)
  }

  @Test(arguments: [(Value.int(1), Verdict.valid, Int32(0)), (.null, .invalid, 1)])
  func `it is its claims that are judged`(read: Value, verdict: Verdict, exit: Int32) throws {
    let plan = try Self.plan("dynamo-ring", "register")
    let seen = results([outcome("recovers", .valid), outcome("no-panic", .valid)])
    let judged = try judge(try folder(plan, register(reading: read), seen))
    #expect(judged.outcomes.map(\.claim) == plan.claims.map(\.claim))
    #expect(judged.outcomes.first { $0.claim == "read-your-writes" }?.verdict == verdict)
    #expect(judged.verdict == verdict && judged.exit == exit)
    #expect(!judged.outcomes.contains { $0.claim == "linearizable" })
    #expect(try judge(try folder(plan, register(reading: read), seen), ["linearizable"]).exit == exit)
  }

  @Test func `what was expected is expected again`() throws {
    var plan = try Self.plan("raft-kv")
    plan.claims = [
      ClaimExpectation(claim: "linearizable", expect: .invalid, line: 3),
      ClaimExpectation(claim: "recovers", expect: .valid, line: nil),
    ]
    let broken = try folder(plan, register(reading: .null), results([outcome("recovers", .valid)]))
    for claims in [[], ["linearizable", "recovers"], ["register/linearizable"]] {
      let judged = try judge(broken, claims)
      #expect(judged.outcomes[0].outcome == .met && judged.verdict == .invalid)
    }
    #expect(try judge(broken, ["sequential"]).outcomes[0].outcome == .missed)
  }

  @Test func `what no history tells is as the run saw it`() throws {
    let plan = try Self.plan("dynamo-ring", "register")
    let history = register(reading: 1)
    let ended = try judge(
      try folder(plan, history, results([outcome("recovers", .valid), outcome("no-panic", .invalid)])))
    #expect(ended.outcomes.last?.claim == "no-panic" && ended.outcomes.last?.outcome == .missed)
    #expect(ended.claims.last?.result == nil && ended.exit == 1)
    let cut = try judge(try folder(plan, history, results([outcome("recovers", .unknown)])))
    #expect(cut.leftOut == ["no-panic"] && cut.exit == 2)
    let killed = try judge(try folder(plan, history, nil))
    // Nobody saw whether a fault took effect: no claim is kept by that, but one may be broken.
    #expect(killed.leftOut == ["recovers", "no-panic"] && killed.exit == 2 && killed.verdict == .unknown)
    #expect(killed.minimums.last?.name == "run-ended")
    #expect(try judge(try folder(plan, register(reading: 9), nil)).exit == 1)
  }

  @Test func `too little is too little again`() throws {
    let plan = try Self.plan("dynamo-ring", "register")
    let claims = [outcome("recovers", .valid), outcome("no-panic", .valid)]
    let missed = Minimum(name: "evidence{fault=kill}", wanted: 1, got: 0, hint: "why")
    let quiet = try judge(try folder(plan, register(reading: 1), results(claims, [missed])))
    #expect(quiet.minimums.last == missed && quiet.exit == 2)
    #expect(quiet.outcomes[0].reason?.contains("evidence{fault=kill} is 0, wanted 1") == true)
    // The history is counted anew: here it lost its read.
    let lie = Minimum(name: "ok{f=read}", wanted: 1, got: 500)
    let counted = try judge(try folder(plan, Array(register(reading: 1).prefix(2)), results(claims, [lie])))
    #expect(counted.minimums.first?.got == 0 && counted.verdict == .unknown)
  }

  @Test func `claims can be chosen`() throws {
    let plan = try Self.plan("message-queue", "work-queue")
    let run = StoredRun(plan: try ResolvedPlan(plan.resolved), results: nil)
    func chosen(_ names: [String]) throws -> [String] { try run.claims(names).map(\.claim) }
    #expect(try chosen(["at-least-once", "work-queue/at-least-once"]) == ["at-least-once"])
    #expect(try chosen(["recovers", "register/linearizable"]) == ["recovers"])
    #expect(throws: StoredRun.Problem.self) { try chosen(["register/linearizable"]) }
    let problem = #expect(throws: StoredRun.Problem.self) { try chosen(["linearizable"]) }
    #expect(problem?.description.contains("workload work-queue cannot check 'linearizable'") == true)
  }

  @Test(arguments: [
    (RunFile.resolvedPlan, nil, "no such file"), (RunFile.resolvedPlan, "{", "is not what a run writes"),
    (RunFile.resolvedPlan, "{\"version\": 2}", "'version' must be 1, not 2"),
    (RunFile.results, "", "is not what Faultline writes"), (RunFile.results, "{\"schema\": 1}", "'verdict' is missing"),
    (RunFile.results, "{\"schema\": \"x\"}", "'schema'"),
  ])
  func `a damaged file is named`(file: String, text: String?, message: String) throws {
    let folder = try folder(try Self.plan("raft-kv"), register(reading: 1), results([]))
    try FileManager.default.removeItem(atPath: folder.file(file))
    if let text { try RunFiles.write(Array(text.utf8), to: folder.file(file)) }
    let problem = #expect(throws: StoredRun.Problem.self) { try StoredRun(at: folder.path) }
    let said = problem?.description ?? ""
    #expect(said.hasPrefix("\(folder.file(file)): ") && said.contains(message), "\(said)")
  }

  private static let changes: [(key: String, value: Value, message: String)] = [
    ("workload", ["name": "registre"], "there is no workload 'registre'"),
    ("workload", ["name": "register", "parameters": ["keys": -1]], "'workload.parameters': keys: expected"),
    ("claims", [["claim": "linearisable", "expect": "valid"]], "'claims[0].claim'"),
    ("claims", [["claim": "linearizable", "expect": "maybe"]], "must be valid or invalid, not 'maybe'"),
    ("minimums", ["okAfterHeal": "many"], "'minimums.okAfterHeal'"),
    ("name", 5, "'name' must be a text, not 5"),
  ]

  @Test(arguments: changes)
  func `a plan that was changed is refused`(key: String, value: Value, message: String) throws {
    var fields = try #require(try Self.plan("raft-kv").resolved.map)
    fields[key] = value
    let problem = #expect(throws: ResolvedPlan.Problem.self) { try ResolvedPlan(.map(fields)) }
    #expect(problem?.description.contains(message) == true, "\(problem?.description ?? "")")
  }
}
