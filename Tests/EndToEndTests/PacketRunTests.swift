import Foundation
import Histories
import RunStore
import Testing

/// Bad links under a real cluster: it keeps its promises, and every fault proves that it was there.
@Suite(.serialized) struct PacketRunTests {
  static let groups = [
    "packet-delay,packet-loss,packet-duplicate,tcp-reset", "packet-reorder,packet-corrupt,packet-rate",
  ]

  @Test(arguments: groups)
  func `a correct cluster keeps its promises on bad links`(faults: String) async throws {
    let folder = try Folder()
    let ended = try await Command.run(["run", "raft-kv", "--faults", faults, "--time", "12s"], in: folder.path)
    #expect(ended.exit == 0, "\(ended.output)\n\(ended.errors)")
    try expectEvidence(faults, in: folder)
  }

  @Test func `an ordinary user's packets meet the same faults`() async throws {
    guard geteuid() == 0 else { return }  // the other tests show it then
    let faults = "packet-delay:clients=yes,packet-loss:direction=in"
    let folder = try Folder()
    let ended = try await Command.start(
      executable: "/bin/su",
      ["nobody", "-s", "/bin/sh", "-c", "exec '\(Command.faultline)' run raft-kv --faults \(faults) --time 8s"],
      in: folder.path
    ).end()
    #expect(ended.exit == 0, "\(ended.output)\n\(ended.errors)")
    try expectEvidence("packet-delay,packet-loss", in: folder)
  }

  private func expectEvidence(_ faults: String, in folder: Folder) throws {
    let records = try folder.results().faults
    for name in faults.split(separator: ",") {
      let proofs = records.filter { $0.fault == name }.compactMap(\.evidence)
      #expect(proofs.contains { $0.took }, "\(name): \(proofs.map(\.summary))")
    }
  }
}
