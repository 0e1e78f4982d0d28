import Clusters

extension FaultPackage {
  /// Several ways to the same place: packets overtake each other.
  public static let packetReorder = packets(
    "packet-reorder", "holds a share of the packets of the chosen nodes back, so that later ones overtake them",
    parameters: [
      FaultParameter("percent", "how many are held back", .percent, initial: .range(10, 50), limits: 0.1...100),
      FaultParameter("delay", "for how long", .seconds, initial: .range(0.002, 0.02), limits: 0.001...60),
    ],
    PacketRecipe(
      change: { .reorder(percent: $0.number("percent") ?? 0, seconds: $0.number("delay") ?? 0) },
      counted: "packets held back", witness: disorder))

  /// Somebody must have been overtaken: segments, by the word of the receivers' TCP, or probes.
  private static func disorder(_ effects: PacketEffects, _ change: PacketChange) -> String? {
    let segments = effects.total(\.outOfOrder)
    guard segments + effects.probe.late > 0 else { return nil }
    return "\(segments) TCP segments and \(effects.probe.late) of \(effects.probe.received) probes came out of order"
  }
}
