import Foundation
import Histories
import RunStore
import Testing

/// Nodes that are upgraded while clients go on, and go back.
@Suite(.serialized) struct VersionRunTests {
  @Test func `a rolling upgrade and its way back keep what was promised`() async throws {
    let folder = try Folder()
    let ended = try await Command.run(
      ["run", "raft-kv", "--faults", "version:targets=rolling+minority,every=4s,hold=2s", "--time", "10s"],
      in: folder.path)
    #expect(ended.exit == 0, "\(ended.output)\n\(ended.errors)")
    let faults = try folder.results().faults
    #expect(faults.count { $0.evidence?.took == true } == 2, "\(faults)")
    // The kernel's own word: the command line of the new version, which the old one did not have.
    let changed = faults.compactMap(\.evidence?.detail.map?["nodes"]?.list).joined()
    #expect(!changed.isEmpty)
    for node in changed {
      let line = { (key: String) in node.map?[key]?.list?.first?.map?["commandLine"]?.list ?? [] }
      #expect(line("before").contains("200") && !line("before").contains("60"))
      #expect(line("after").contains("60") && line("after").contains("200..400"))
    }
  }
}
