import Clusters

extension FaultPackage {
  /// Nodes lose power: they are killed, and what they had written and not synced is gone when they come back. `kill` alone
  /// cannot show that an fsync is missing, because what a process wrote stays in the kernel's memory after its death.
  ///
  /// A system that syncs before it answers keeps every acknowledged write through it, whoever is hit. So the default
  /// targets go up to all nodes at once: a data centre without power.
  public static let diskLoseUnsynced = FaultPackage(
    name: "disk-lose-unsynced",
    summary: "kills the chosen nodes, takes back what they had not synced to disk, and starts them again when healed",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["minority", "all"],
    requires: [.processes, .disks], nodesMin: 1, toll: NodeChoice.toll,
    make: { PowerFailureFault(clock: .startingNow(), torn: { _ in nil }) })
}
