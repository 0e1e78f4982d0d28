import CLinux
import Clusters
import Glibc

extension Controller {
  /// Commands about the disks of the sandbox: `disk COMMAND NODE ARGUMENT…`.
  func disk(_ words: [String]) async throws -> String {
    guard let disks = sandbox?.disks else {
      return "no disks: \(sandbox?.disksUnavailable.map(String.init(describing:)) ?? "nobody asked for them")"
    }
    let node = words.count > 1 ? words[1] : ""
    let rest = Array(words.dropFirst(2))
    switch words.first {
    case "lose": return describe(try await disks.losePower(node, torn: torn(rest)))
    case "trouble": try await disks.trouble(node, trouble(rest))
    case "counts": return "\(try await disks.counts(node))"
    case "files": return try disks.files(node).map { "\($0.path):\($0.size)" }.joined(separator: " ")
    case "digest": return "\(try disks.digest(node, rest[0]))"
    case "flip":
      try await disks.flip(node, rest[0], bits: [DiskBit(offset: Int(rest[1]) ?? 0, bit: Int(rest[2]) ?? 0)])
    case "cut": try await disks.cut(node, rest[0], toBytes: Int(rest[1]) ?? 0)
    case "save": try await disks.save(node)
    case "restore": try await disks.restore(node)
    case "witness": try await disks.placeWitness(node)
    case "read-witness":
      let witness = try disks.readWitness(node)
      return "\(witness.syncedKept) \(witness.unsyncedKept)"
    // Behind the disks' back: programs see the directory beneath from now on.
    case "take-away":
      guard let place = sandbox?.nodes.first(where: { $0.name == node })?.dataDirectory else { return "no node" }
      return umount2(place, Int32(MNT_DETACH)) == 0 ? "done" : "errno \(errno)"
    case "probe":
      let probe = try await disks.probe(node, reads: rest.first == "reads")
      return "\(probe.nanoseconds / 1_000_000) \(probe.complaint ?? "well")"
    default: return "unknown disk command"
    }
    return "done"
  }

  /// `SHAPE SECTOR SEED`, or nothing.
  private func torn(_ words: [String]) -> TornWrite? {
    guard words.count == 3, let shape = TornWrite.Shape(rawValue: words[0]) else { return nil }
    return TornWrite(shape: shape, sectorBytes: Int(words[1]) ?? 512, seed: UInt64(words[2]) ?? 0)
  }

  /// `read=PERCENT write=PERCENT sync=PERCENT full=1 write-ms=N sync-ms=N seed=N`; what is not named is well.
  private func trouble(_ words: [String]) -> DiskTrouble {
    var trouble = DiskTrouble()
    for word in words {
      let parts = word.split(separator: "=")
      let number = Int(parts[1]) ?? 0
      switch parts[0] {
      case "read": trouble.readErrorPercent = number
      case "write": trouble.writeErrorPercent = number
      case "sync": trouble.syncErrorPercent = number
      case "full": trouble.isFull = number == 1
      case "write-ms": trouble.writeDelayNanoseconds = UInt64(number) * 1_000_000
      case "sync-ms": trouble.syncDelayNanoseconds = UInt64(number) * 1_000_000
      default: trouble.seed = UInt64(number)
      }
    }
    return trouble
  }

  private func describe(_ losses: [DiskLoss]) -> String {
    losses.map { "\($0.path):\($0.lostBytes):\($0.survivingBytes):\($0.sizeBefore)>\($0.sizeAfter)" }
      .joined(separator: " ")
  }
}
