import Foundation
import Histories
import RunStore

extension Folder {
  /// A run directory as a run leaves it, without the cluster: workload register.
  ///
  /// - Parameters:
  ///   - history: lines of JSON.
  ///   - claims: by name, with what is expected of each.
  ///   - seen: claims that the run judged by other things than its history, and held valid; nil: no results at all.
  ///   - minimums: as the run counted them.
  func storeRun(
    _ name: String, history: String, claims: [(String, String)], seen: [String]?, minimums: [Minimum] = []
  ) throws {
    let directory = path + "/" + name
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let plan: Value = [
      "version": 1, "name": "small", "seed": "7", "workload": ["name": "register", "parameters": ["keys": 3]],
      "claims": .list(claims.map { ["claim": .string($0.0), "expect": .string($0.1)] }),
      "minimums": ["okPerFunction": 0],
    ]
    try RunFiles.write(json: plan, to: "\(directory)/\(RunFile.resolvedPlan)")
    try RunFiles.write(Array(history.utf8), to: "\(directory)/\(RunFile.history)")
    guard let seen else { return }
    let outcomes = seen.map { claim in
      ClaimOutcome(
        claim: claim, checker: claim, algorithm: "what was seen", verdict: .valid, expect: .valid, outcome: .met,
        seconds: 0, reason: nil, findings: [], counterexamples: [])
    }
    let results = RunResults(
      verdict: .valid, exit: 0, seed: 7, plan: "small", system: "small", versions: [:], started: "", duration: 1,
      phases: [:], reproduce: "", claims: outcomes, vitals: .null, faults: [], minimums: minimums, notices: [])
    try RunFiles.write(json: results, to: "\(directory)/\(RunFile.results)")
  }

  /// A client that writes 1 and 2 to a register and then reads `value`.
  static func register(reading value: String) -> String {
    let events = [
      ("invoke", "write", "1"), ("ok", "write", "1"), ("invoke", "write", "2"), ("ok", "write", "2"),
      ("invoke", "read", "null"), ("ok", "read", value),
    ]
    return events.enumerated().map { index, event in
      "{\"process\":0,\"type\":\"\(event.0)\",\"f\":\"\(event.1)\",\"value\":[1,\(event.2)],\"node\":\"n1\","
        + "\"time\":\((index + 1) * 1_000_000)}\n"
    }.joined()
  }
}
