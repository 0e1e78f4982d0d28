import Clusters

extension FaultPackage {
  /// A long way, or a busy one: answers come late, and what is measured by a timeout is measured wrongly.
  ///
  /// Delays do not change the order of a link's packets.
  public static let packetDelay = packets(
    "packet-delay", "delays packets of the chosen nodes, each by the delay and a random jitter",
    parameters: [
      FaultParameter(
        "delay", "how long, one way; with `pareto` the least", .seconds, initial: .range(0.01, 0.2), limits: 0.001...60),
      FaultParameter(
        "jitter", "how far single packets' delays are from it; with `normal` the standard deviation", .seconds,
        initial: .number(0.005), limits: 0...60),
      FaultParameter(
        "distribution", "how the jitter is spread", .text(choices: DelaySpread.allCases.map(\.rawValue)),
        initial: .text(DelaySpread.normal.rawValue)),
    ],
    PacketRecipe(
      change: { action in
        .delay(
          seconds: action.number("delay") ?? 0, jitterSeconds: action.number("jitter") ?? 0,
          action.text("distribution").flatMap(DelaySpread.init) ?? .normal)
      }, counted: "packets delayed", witness: travelTime))

  /// Probes must have taken at least half of the delay: jitter may be as large, and links may be cut.
  private static func travelTime(_ effects: PacketEffects, _ change: PacketChange) -> String? {
    guard case .delay(let seconds, let jitter, _) = change, let median = effects.probe.medianNanoseconds else {
      return nil
    }
    let least = seconds > 0 ? seconds / 2 : jitter / 8
    return Double(median) >= least * 1e9 ? effects.probe.travelTime : nil
  }
}
