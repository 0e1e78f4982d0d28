import Clusters

extension FaultPackage {
  /// Packets come twice. TCP hides it from the system; what runs on datagrams must expect it.
  public static let packetDuplicate = packets(
    "packet-duplicate", "sends a share of the packets of the chosen nodes twice",
    parameters: [FaultParameter("percent", "how many", .percent, initial: .range(10, 50), limits: 0.1...100)],
    PacketRecipe(
      change: { .duplicate(percent: $0.number("percent") ?? 0) }, counted: "packets sent twice",
      witness: { effects, _ in "\(effects.probe.duplicated) of \(effects.probe.received) probes came twice" }))
}
