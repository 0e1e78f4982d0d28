import Clusters

extension FaultPackage {
  /// A firewall forgets its connections, a proxy is restarted: every connection that is open breaks with ECONNRESET.
  ///
  /// It breaks at its next packet, once; connections that are made afterwards live. One that is silent until the fault is
  /// healed stays.
  public static let tcpReset = packets(
    "tcp-reset", "resets the TCP connections that the chosen nodes have open, at both ends or at one",
    parameters: [],
    PacketRecipe(change: { _ in .reset }, counted: "resets sent", witness: resets))

  /// The kernels at the ends must have ended connections that were established.
  private static func resets(_ effects: PacketEffects, _ change: PacketChange) -> String? {
    let ends = effects.total(\.resets)
    return ends > 0 ? "\(ends) ends of connections broke" : nil
  }
}
