import Clusters

extension FaultPackage {
  /// A thin line: what is sent faster queues up, then is dropped. Snapshots and full copies suffer, heartbeats behind them too.
  public static let packetRate = packets(
    "packet-rate", "limits each link of the chosen nodes to so many bits a second, with a short queue",
    parameters: [
      FaultParameter(
        "rate", "of each link and direction", .bitsPerSecond, initial: .range(100_000, 2_000_000),
        limits: 1000...100_000_000_000)
    ],
    PacketRecipe(
      change: { .rate(bitsPerSecond: $0.number("rate") ?? 1_000_000) }, counted: "packets queued or dropped",
      witness: { effects, _ in effects.probe.travelTime ?? effects.probe.arrivals }))
}
