import Clusters
import Generators

extension FaultPackage {
  /// As `disk-lose-unsynced`, but of each file's last write that was not synced a part is on the disk: a disk writes
  /// sectors, not writes, and in its own order.
  ///
  /// A system must notice the torn record at the end of its log (a length and a checksum do) and go on without it: it was
  /// never acknowledged.
  public static let diskTornWrite = FaultPackage(
    name: "disk-torn-write",
    summary: "as disk-lose-unsynced, but some sectors of each file's last unsynced write survive",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["minority", "all"],
    parameters: [
      FaultParameter(
        "shape", "which sectors survive: the first ones, or any",
        .text(choices: TornWrite.Shape.allCases.map(\.rawValue)),
        initial: .text(TornWrite.Shape.sectors.rawValue)),
      FaultParameter(
        "sector", "what the disk writes at once", .bytes, initial: .number(512), limits: 512...4096),
    ],
    requires: [.processes, .disks], nodesMin: 1, toll: NodeChoice.toll,
    make: { PowerFailureFault(clock: .startingNow(), torn: TornWrite.init) })
}

extension TornWrite {
  fileprivate init(_ action: FaultAction) {
    var choices = action.stream("sectors")
    self.init(
      shape: action.text("shape").flatMap(Shape.init) ?? .sectors, sectorBytes: Int(action.number("sector") ?? 512),
      seed: choices.next())
  }
}
