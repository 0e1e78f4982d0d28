import Foundation
import Histories
import RunStore
import Testing

/// The replicated log on a real cluster.
@Suite(.serialized) struct PaxosLogRunTests {
  @Test(arguments: ["log", "register"])
  func `a correct log keeps its promises under partitions, kills and pauses`(workload: String) async throws {
    let folder = try Folder()
    let ended = try await Command.run(
      ["run", "paxos-log", "--workload", workload, "--faults", "partition,kill,pause", "--time", "10s"],
      in: folder.path)
    #expect(ended.exit == 0, "\(ended.output)\n\(ended.errors)")
    let results = try folder.results()
    for fault in ["partition", "kill", "pause"] {
      #expect(results.faults.contains { $0.fault == fault && $0.evidence?.took == true }, "no evidence of \(fault)")
    }
  }

  @Test func `a stored run is judged again, with its first index, for claims of either model`() async throws {
    let folder = try Folder()
    _ = try await Command.run(["run", "paxos-log", "--faults", "none", "--time", "2s"], in: folder.path)
    for claim in [[], ["--claim", "log-agreement"], ["--claim", "no-loss"]] {
      let ended = try await Command.run(["check", folder.latest] + claim, in: folder.path)
      #expect(ended.exit == 0, "\(claim): \(ended.output)\n\(ended.errors)")
    }
  }

  @Test func `mutants counts what is caught, and says how to look at what is not`() async throws {
    let folder = try Folder()
    let ended = try await Command.run(
      ["mutants", "paxos-log", "--bugs", "stale-local-read", "--runs", "1", "--time", "10s"], in: folder.path)
    #expect(ended.exit == 0, "\(ended.output)\n\(ended.errors)")
    #expect(ended.output.contains("1 of 1 bugs caught"))
    let wrong = try await Command.run(["mutants", "paxos-log", "--bugs", "stale-locl-read"], in: folder.path)
    #expect(wrong.exit == 64)
    #expect(wrong.errors.contains("did you mean 'stale-local-read'?"))
  }
}
