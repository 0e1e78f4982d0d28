import Foundation
import Histories
import RunStore
import Testing

/// `faultline check` of run directories.
@Suite(.serialized) struct CheckRunTests {
  private static let seen = ["recovers", "no-panic"]

  /// What came of the claims: `linearizable valid met`.
  private func claims(_ document: String) throws -> [String] {
    let document = try JSONDecoder().decode(Value.self, from: Data(document.utf8))
    let claims = document.map?["files"]?.list?.first?.map?["claims"]?.list ?? []
    return claims.map { claim in
      ["claim", "verdict", "expect", "outcome"].map { claim.map?[$0]?.string ?? "?" }.joined(separator: " ")
    }
  }

  /// Whatever the run found out, the check finds it out again.
  @Test(
    arguments: [
      ("raft-kv", "list-append", nil), ("raft-kv", "register", "stale-read"), ("paxos-log", "log", nil),
      ("dynamo-ring", "register", nil), ("dynamo-ring", "crdt-set", nil), ("message-queue", "work-queue", nil),
    ] as [(String, String, String?)])
  func `a run and its check agree`(system: String, workload: String, bug: String?) async throws {
    let folder = try Folder()
    let set = bug.map { ["--set", "bug=\($0)"] } ?? []
    let ran = try await Command.run(
      ["run", system, "--workload", workload, "--time", "3s", "--faults", "none", "--rate", "400"] + set,
      in: folder.path)
    let results = try folder.results()
    let checked = try await Command.run(["check", "store/latest", "--output", "json"], in: folder.path)
    #expect(checked.exit == ran.exit, "\(ran.output)\(ran.errors)\(checked.output)\(checked.errors)")
    let outcomes = results.claims.map {
      "\($0.claim) \($0.verdict.rawValue) \($0.expect.rawValue) \($0.outcome.rawValue)"
    }
    #expect(try claims(checked.output) == outcomes)
    #expect(outcomes.count > 2 && checked.output.contains("\"verdict\" : \"\(results.verdict.rawValue)\""))
    let text = try await Command.run(["check", "store/latest"], in: folder.path)
    #expect(text.output.hasPrefix("store/latest\t\(results.verdict.rawValue)\n"), "\(text.output)")
    #expect(text.output.contains("  - recovers, no-panic: as the run saw it (results.json).\n"), "\(text.output)")
    for claim in results.claims { #expect(text.output.contains(" \(claim.claim) "), "\(claim.claim): \(text.output)") }
  }

  @Test func `its own claims are judged, with what it expected of them`() async throws {
    let folder = try Folder()
    let weak = [("monotonic-reads", "valid"), ("recovers", "valid")]
    try folder.storeRun("weak", history: Folder.register(reading: "1"), claims: weak, seen: Self.seen)
    let broken = try await Command.run(["check", "weak"], in: folder.path)
    #expect(broken.exit == 0 && broken.output.hasPrefix("weak\tvalid\n"), "\(broken.output)\(broken.errors)")
    #expect(!broken.output.contains("linearizable"), "\(broken.output)")
    try folder.storeRun(
      "planned", history: Folder.register(reading: "1"), claims: [("linearizable", "invalid")], seen: Self.seen)
    let planned = try await Command.run(["check", "planned"], in: folder.path)
    #expect(planned.exit == 0 && planned.output.hasPrefix("planned\tinvalid\n"), "\(planned.output)")
    #expect(planned.output.contains("linearizable is broken, as the plan expects: "), "\(planned.output)")
    #expect(planned.output.contains("is at planned/history.jsonl:6:1"), "\(planned.output)")
  }

  @Test func `claims of the command line stand in for the run's`() async throws {
    let folder = try Folder()
    try folder.storeRun(
      "r", history: Folder.register(reading: "1"), claims: [("monotonic-reads", "valid")], seen: Self.seen)
    func check(_ options: String...) async throws -> Command.Ended {
      try await Command.run(["check", "r", "--output", "json"] + options, in: folder.path)
    }
    let two = try await check("--claim", "linearizable", "--claim", "register/pram")
    #expect(try claims(two.output) == ["linearizable invalid valid missed", "pram invalid valid missed"])
    #expect(two.exit == 1)
    let other = try await check("--claim", "work-queue/at-least-once")
    #expect(other.exit == 64 && other.errors.contains("its workload is register"), "\(other.errors)")
    let foreign = try await check("--claim", "at-least-once")
    #expect(foreign.exit == 64 && foreign.errors.contains("workload register cannot check"), "\(foreign.errors)")
    #expect(try await check("--claim", "register/at-least-once").exit == 64)
    #expect(try await check("--claim", "bounded-staleness").exit == 0)
    #expect(try await check("--claim", "recovers").exit == 0)
    // With a model the directory is a history as any other.
    let history = try await check("--model", "cas-register")
    #expect(history.exit == 1 && history.output.contains("\"claim\" : \"linearizable\""), "\(history.output)")
    let bound = try await check("--claim", "bounded-staleness", "--bound", "k<1")
    #expect(bound.exit == 1, "\(bound.output)\(bound.errors)")
  }

  @Test func `of a run without an end all is judged that can be`() async throws {
    let folder = try Folder()
    let torn = Folder.register(reading: "2") + "{\"process\":0,\"ty"
    let claims = [("linearizable", "valid"), ("recovers", "valid"), ("no-panic", "valid")]
    try folder.storeRun("cut", history: torn, claims: claims, seen: nil)
    let ended = try await Command.run(["check", "cut"], in: folder.path)
    #expect(ended.exit == 2, "\(ended.output)\(ended.errors)")
    #expect(ended.output.contains("the run was killed, or is still going on"), "\(ended.output)")
    #expect(ended.output.contains("left out: recovers, no-panic: no history tells of it"), "\(ended.output)")
    #expect(ended.output.contains("torn-end"), "\(ended.output)")
  }

  @Test(arguments: [
    (RunFile.history, nil, "a directory without history.jsonl"),
    (RunFile.resolvedPlan, nil, "r/plan.resolved.json: no such file"),
    (RunFile.resolvedPlan, "{\"version\":1,", "r/plan.resolved.json: is not what a run writes"),
    (RunFile.results, "{}", "r/results.json: is not what Faultline writes: 'schema' is missing"),
    (RunFile.history, "{\"process\":0,\"type\":\"ok\",\"f\":\"read\",\"value\":[1,1]}\n", "r/history.jsonl:1:1"),
    (RunFile.history, Folder.register(reading: "2").replacing("write", with: "wirte"), "could not be checked"),
  ])
  func `a damaged directory is refused, and says where`(file: String, text: String?, message: String) async throws {
    let folder = try Folder()
    try folder.storeRun(
      "r", history: Folder.register(reading: "2"), claims: [("linearizable", "valid")], seen: Self.seen)
    try FileManager.default.removeItem(atPath: folder.path + "/r/" + file)
    if let text { try RunFiles.write(Array(text.utf8), to: folder.path + "/r/" + file) }
    let ended = try await Command.run(["check", "r"], in: folder.path)
    #expect(ended.exit == 64, "\(ended.output)\(ended.errors)")
    #expect((ended.errors + ended.output).contains(message), "\(ended.output)\(ended.errors)")
  }
}
