import Foundation
import Histories
import RunStore
import Testing

/// A folder that goes away with the test.
final class Scratch {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("faultline-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct RunDirectoryTests {
  @Test func `equal seconds and seeds get different folders`() throws {
    let scratch = try Scratch()
    let date = Date(timeIntervalSince1970: 1_792_000_000)
    let first = try RunDirectory.create(store: scratch.path, plan: "raft-kv", seed: 7, at: date)
    let second = try RunDirectory.create(store: scratch.path, plan: "raft-kv", seed: 7, at: date)
    #expect(first.path == scratch.path + "/raft-kv/20261014T174640Z-7")
    #expect(second.path == first.path + "-2")
  }

  @Test func `names that artefact stores refuse are made safe`() throws {
    let scratch = try Scratch()
    let run = try RunDirectory.create(store: scratch.path, plan: "../a:b/c", seed: 1, at: Date())
    #expect(run.path.hasPrefix(scratch.path + "/_.._a_b_c/"))
    #expect(!run.path.dropFirst(scratch.path.count).contains(":"))
  }

  @Test func `a plan named latest does not take the link's place`() throws {
    let scratch = try Scratch()
    let run = try RunDirectory.create(store: scratch.path, plan: "latest", seed: 1, at: Date())
    run.becomeLatest()
    let target = try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path + "/latest")
    #expect(target.hasPrefix("_latest/"))
  }

  @Test func `latest follows the newest run`() throws {
    let scratch = try Scratch()
    for seed: UInt64 in 1...2 {
      let run = try RunDirectory.create(store: scratch.path, plan: "p", seed: seed, at: Date())
      run.becomeLatest()
      let target = try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path + "/latest")
      #expect(scratch.path + "/" + target == run.path)
    }
  }

  @Test func `a store that cannot be written says so`() throws {
    let scratch = try Scratch()
    try Data().write(to: URL(fileURLWithPath: scratch.path + "/file"))
    let error = #expect(throws: StoreError.self) {
      try RunDirectory.create(store: scratch.path + "/file", plan: "p", seed: 1, at: Date())
    }
    #expect(error?.path == scratch.path + "/file/p")
  }
}

@Suite struct HistoryWriterTests {
  private func event(_ index: Int, time: Int64) -> Event {
    Event(index: index, time: time, process: ProcessID(0), type: .invoke, function: "read", value: [1, nil])
  }

  private func lines(_ path: String) throws -> Int { try RunFiles.read(path).count(where: { $0 == 0x0A }) }

  @Test func `events reach the file when the buffer is old, and at the end`() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/history.jsonl"
    var writer = try HistoryWriter(path: path)
    try writer.append(event(0, time: 0))
    #expect(try lines(path) == 0)
    try writer.append(event(1, time: 200_000_000))
    #expect(try lines(path) == 2)
    try writer.append(event(2, time: 200_000_001))
    try writer.flush()
    #expect(try JSONLines.history(from: RunFiles.read(path), keyed: true).count == 3)
  }

  @Test func `an existing history is never overwritten`() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/history.jsonl"
    _ = try HistoryWriter(path: path)
    #expect(throws: StoreError.self) { _ = try HistoryWriter(path: path) }
  }
}

@Suite struct RunFilesTests {
  @Test func `results read back as they were written`() throws {
    let scratch = try Scratch()
    let results = RunResults(
      verdict: .invalid, exit: 1, seed: .max, plan: "p", system: "s", versions: ["faultline": "1"], started: "now",
      duration: 1.5, phases: ["load": 1], reproduce: "faultline run",
      claims: [
        ClaimOutcome(
          claim: "linearizable", checker: "c", algorithm: "a", verdict: .invalid, expect: .valid, outcome: .missed,
          seconds: 0.1, reason: nil,
          findings: [Finding(anomaly: "x", summary: "y", operations: [1], fingerprint: "z")],
          counterexamples: ["1.json"])
      ],
      vitals: ["n": 1],
      faults: [
        FaultRecord(
          id: 0, fault: "kill", target: "one", targets: "n1", from: 1, to: 2,
          evidence: FaultEvidence(took: true, summary: "s", detail: [1]), skipped: nil, invocations: 3)
      ],
      minimums: [Minimum(name: "ok{f=read}", wanted: 1, got: 0, hint: "h")], notices: [],
      online: [
        OnlineRecord(
          claim: "linearizable", decisions: 3, seconds: 0.5, lagSecondsMax: 1.5,
          violations: [.init(key: 7, event: 3, violationTime: 9, detectedAfterSeconds: 1.25, summary: "s")],
          problem: nil)
      ])
    let path = scratch.path + "/results.json"
    try RunFiles.write(json: results, to: path)
    #expect(try RunFiles.read(json: RunResults.self, from: path) == results)
    #expect(throws: StoreError.self) { try RunFiles.read(json: [Int].self, from: path) }
    // Results of versions that did not check while a run went on.
    var earlier = results
    earlier.online = nil
    try RunFiles.write(json: earlier, to: path)
    #expect(try !String(decoding: RunFiles.read(path), as: UTF8.self).contains("online"))
    #expect(try RunFiles.read(json: RunResults.self, from: path) == earlier)
  }
}
