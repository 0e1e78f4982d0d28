import Clusters

extension FaultPackage {
  /// The disk is full: what would make a file longer, or a name more, fails with ENOSPC; what overwrites goes on.
  ///
  /// A system may refuse writes, or stop; it must not acknowledge what it could not write, nor end up with half a record that
  /// it cannot read when there is room again. Nodes that ended are started again when healed.
  public static let diskFull = FaultPackage(
    name: "disk-full",
    summary: "leaves no room on the disks of the chosen nodes (ENOSPC)",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority"],
    requires: [.processes, .disks], nodesMin: 1, toll: NodeChoice.toll,
    make: {
      DiskTroubleFault(
        clock: .startingNow(),
        trouble: { _, _ in
          var trouble = DiskTrouble()
          trouble.isFull = true
          return trouble
        },
        test: TroubleTest { _, probe in probe.says("No space left on device") })
    })
}
