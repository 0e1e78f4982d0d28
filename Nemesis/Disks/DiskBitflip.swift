import Clusters
import Generators

extension FaultPackage {
  /// Bits on the disk change while nobody looks: bad media, bad firmware, bad memory on the way.
  ///
  /// The default targets hit a minority. What a system can be expected to survive depends on where the bits are: with checksums
  /// over all that it reads it notices, and then it must not answer with what it read. It may refuse to start on such data, and
  /// stays down; the rest must go on and keep every promise. Without checksums anything may happen, and a majority that lost
  /// the same data cannot be made up for by any system.
  public static let diskBitflip = FaultPackage(
    name: "disk-bitflip",
    summary: "kills the chosen nodes, inverts bits in their files, and starts them again when healed",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority"],
    parameters: [
      .diskFiles,
      FaultParameter("count", "bits to invert on each node", .count, initial: .range(1, 8), limits: 1...10_000),
    ],
    requires: [.processes, .disks], nodesMin: 1, toll: NodeChoice.toll,
    make: { DamageFault(clock: .startingNow(), harm: flipBits) })

  /// Any bit of the matching files is as likely as any other.
  @Sendable private static func flipBits(_ action: FaultAction, _ site: DamageSite) async throws -> [String: Int] {
    let sizeMax = site.files.reduce(0) { $0 + $1.size }
    var choices = action.stream(site.node)
    var bits: [String: Set<DiskBit>] = [:]
    for _ in 0..<Int(action.number("count") ?? 1) {
      var offset = Int.random(in: 0..<sizeMax, using: &choices)
      let bit = Int.random(in: 0..<8, using: &choices)
      for file in site.files {
        if offset < file.size {
          bits[file.path, default: []].insert(DiskBit(offset: offset, bit: bit))
          break
        }
        offset -= file.size
      }
    }
    for (path, flips) in bits.sorted(by: { $0.key < $1.key }) {
      try await site.disks.flip(site.node, path, bits: flips.sorted { ($0.offset, $0.bit) < ($1.offset, $1.bit) })
    }
    return bits.mapValues(\.count)
  }
}
