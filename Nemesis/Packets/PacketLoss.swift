import Clusters

extension FaultPackage {
  /// A bad line: packets vanish, connections slow down, datagrams are gone.
  public static let packetLoss = packets(
    "packet-loss", "drops a share of the packets of the chosen nodes, alone or in bursts",
    parameters: [
      FaultParameter("percent", "how many", .percent, initial: .range(5, 30), limits: 0.1...100),
      FaultParameter(
        "correlation", "how much the loss of one packet makes that of the next one likelier", .percent,
        initial: .number(25), limits: 0...100),
    ],
    PacketRecipe(
      change: { action in
        .loss(percent: action.number("percent") ?? 0, correlation: (action.number("correlation") ?? 0) / 100)
      }, counted: "packets dropped", witness: { effects, _ in effects.probe.arrivals }))
}
