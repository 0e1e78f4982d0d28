import Clusters
import Generators

extension FaultPackage {
  /// Some reads, writes and fsyncs fail with EIO, as on a disk that dies.
  ///
  /// An fsync that failed made nothing durable, and a later one that succeeds says nothing about what the first one was to
  /// write: a system must stop at the first, and answer nobody who waited for it. Nodes that ended are started again when healed.
  public static let diskErrors = FaultPackage(
    name: "disk-errors",
    summary: "lets some reads, writes and fsyncs of the chosen nodes fail with EIO",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority"],
    parameters: [
      FaultParameter("percent", "how many of them fail", .percent, initial: .range(5, 50), limits: 1...100),
      FaultParameter(
        "operations", "which of them: all, reads, writes or syncs",
        .text(choices: ["all", "reads", "writes", "syncs"]), initial: .text("all")),
    ],
    requires: [.processes, .disks], nodesMin: 1, toll: NodeChoice.toll,
    make: {
      DiskTroubleFault(
        clock: .startingNow(), trouble: errors,
        // With one error of a hundred operations, 99 of 100 times at least one of so many probes meets it.
        test: TroubleTest(probesMax: 250, reads: { $0.text("operations") == "reads" }) { _, probe in
          probe.says("Input/output error")
        })
    })

  @Sendable private static func errors(_ action: FaultAction, _ node: String) -> DiskTrouble {
    var trouble = DiskTrouble()
    let percent = Int((action.number("percent") ?? 0).rounded())
    let operations = action.text("operations") ?? "all"
    if operations == "all" || operations == "reads" { trouble.readErrorPercent = percent }
    if operations == "all" || operations == "writes" { trouble.writeErrorPercent = percent }
    if operations == "all" || operations == "syncs" { trouble.syncErrorPercent = percent }
    var choices = action.stream(node)
    trouble.seed = choices.next()
    return trouble
  }
}
