import Clusters
import Generators

extension FaultPackage {
  /// The end of a file is gone, synced or not: a file system that was repaired, an operator's mistake.
  ///
  /// The default targets hit a minority. A log that lost its end may look like one that was never longer: no checksum shows it.
  /// A system whose nodes trust their own disks (Raft, Paxos) may then lose acknowledged writes, one that compares with the
  /// others does not.
  public static let diskTruncate = FaultPackage(
    name: "disk-truncate",
    summary: "kills the chosen nodes, cuts the end off one of their files each, and starts them again when healed",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority"],
    parameters: [
      .diskFiles,
      FaultParameter("cut", "how much is cut off", .bytes, initial: .range(1, 4096), limits: 1...1e9),
    ],
    requires: [.processes, .disks], nodesMin: 1, toll: NodeChoice.toll,
    make: { DamageFault(clock: .startingNow(), harm: cutTail) })

  @Sendable private static func cutTail(_ action: FaultAction, _ site: DamageSite) async throws -> [String: Int] {
    var choices = action.stream(site.node)
    guard let file = site.files.randomElement(using: &choices) else { return [:] }
    let bytes = min(file.size, max(1, Int(action.number("cut") ?? 1)))
    try await site.disks.cut(site.node, file.path, toBytes: file.size - bytes)
    return [file.path: bytes]
  }
}
