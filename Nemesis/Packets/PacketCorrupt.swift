import Clusters

extension FaultPackage {
  /// Bits turn over on the way. TCP's checksum tells, and the segment is sent again; what uses no checksum is deceived.
  public static let packetCorrupt = packets(
    "packet-corrupt", "turns one bit over in a share of the packets of the chosen nodes",
    parameters: [FaultParameter("percent", "how many", .percent, initial: .range(1, 20), limits: 0.1...100)],
    PacketRecipe(
      change: { .corrupt(percent: $0.number("percent") ?? 0) }, counted: "packets changed", witness: checksums))

  /// The receivers' kernels must have thrown packets away for their checksums.
  private static func checksums(_ effects: PacketEffects, _ change: PacketChange) -> String? {
    let errors = effects.total(\.checksumErrors)
    return errors > 0 ? "receivers refused \(errors) for their checksums" : nil
  }
}
