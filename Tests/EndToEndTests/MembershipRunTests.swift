import Foundation
import Histories
import RunStore
import Testing

/// Members that leave and join a real cluster while it is broken otherwise.
@Suite(.serialized) struct MembershipRunTests {
  private static let faults =
    "membership:targets=one+primary+shrink+shrink-isolated,every=3s,hold=1500ms,"
    + "partition:targets=halves+isolate-primary,every=2s,hold=1s"

  @Test func `a correct cluster keeps its promises while its members change`() async throws {
    let folder = try Folder()
    let ended = try await Command.run(
      ["run", "raft-kv", "--faults", Self.faults, "--time", "15s"], in: folder.path)
    #expect(ended.exit == 0, "\(ended.output)\n\(ended.errors)")
    let results = try folder.results()
    let changes = results.faults.filter { $0.fault == "membership" }
    let proofs = changes.compactMap(\.evidence).filter(\.took)
    #expect(!proofs.isEmpty, "\(changes)")
    for proof in proofs { #expect(proof.summary.contains(" left by the word of "), "\(proof.summary)") }
    // Whoever was not a member again would not be healthy: that the run recovered is the proof that all came back.
  }

  /// A minority must not remove the majority: each change needs the one before, committed.
  @Test func `a cluster that changes two members at once is caught`() async throws {
    for attempt in 1...3 {
      let folder = try Folder()
      let ended = try await Command.run(
        [
          "run", "raft-kv", "--set", "bug=two-server-membership-change", "--faults", Self.faults, "--time", "30s",
          "--fail-fast",
        ], in: folder.path)
      if ended.exit != 1, attempt < 3 { continue }
      #expect(ended.exit == 1, "\(ended.output)\n\(ended.errors)")
      #expect(try folder.results().verdict == .invalid)
      return
    }
  }
}
