import Clusters

extension FaultPackage {
  /// A peer that has gone seems to be there: the packets that close its connections (FIN) are under way for long, while all
  /// others pass. What is sent meanwhile goes to nobody.
  public static let slowClose = packets(
    "slow-close", "delays the packets that close TCP connections of the chosen nodes",
    parameters: [FaultParameter("delay", "how long", .seconds, initial: .range(0.5, 3), limits: 0.001...60)],
    PacketRecipe(
      change: { .slowClose(seconds: $0.number("delay") ?? 0) }, counted: "closing packets delayed",
      witness: { effects, _ in effects.probe.arrivals }))
}
