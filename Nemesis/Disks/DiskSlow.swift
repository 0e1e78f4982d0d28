import Clusters

extension FaultPackage {
  /// Fsyncs, and writes if a plan asks for it, take longer: a disk that others use, a cloud volume out of credits.
  ///
  /// Nothing is lost. A leader whose disk is slow should lose its lead or be slow, and everybody else go on.
  public static let diskSlow = FaultPackage(
    name: "disk-slow",
    summary: "delays each fsync, or each write, of the chosen nodes",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority", "primary"],
    parameters: [
      FaultParameter("delay", "how long each one waits", .seconds, initial: .range(0.05, 1), limits: 0.01...5),
      FaultParameter(
        "operations", "which of them: syncs, writes or both", .text(choices: ["syncs", "writes", "both"]),
        initial: .text("syncs")),
    ],
    requires: [.processes, .disks], nodesMin: 1, toll: NodeChoice.toll,
    make: {
      DiskTroubleFault(
        clock: .startingNow(), trouble: { action, _ in delays(action) },
        test: TroubleTest(comparesToHealthy: true) { action, probe in
          probe.nanoseconds >= Int64(delays(action).longestNanoseconds)
        })
    })

  @Sendable private static func delays(_ action: FaultAction) -> DiskTrouble {
    var trouble = DiskTrouble()
    let nanoseconds = UInt64((action.number("delay") ?? 0) * 1e9)
    let operations = action.text("operations") ?? "syncs"
    if operations != "writes" { trouble.syncDelayNanoseconds = nanoseconds }
    if operations != "syncs" { trouble.writeDelayNanoseconds = nanoseconds }
    return trouble
  }
}

extension DiskTrouble {
  fileprivate var longestNanoseconds: UInt64 { max(writeDelayNanoseconds, syncDelayNanoseconds) }
}
