import Clusters
import Histories
import Nemesis

/// Injects and heals faults of the catalogue, as the runner of a run does: each package in its own view of the network.
struct FaultDriver {
  private var faults: [String: any Fault] = [:]

  /// `inject FAULT TARGET SECONDS ORDER [NAME=NUMBER…]`, with the hold that the fault is told and its order as `n2,n1,n3`;
  /// `heal FAULT`. The answers are the targets, and the evidence.
  mutating func obey(_ words: [String], in cluster: any ClusterControl) async throws -> String {
    guard let package = FaultCatalogue.named(words[1]) else { return "no fault \(words[1])" }
    let fault = faults[package.name] ?? package.make()
    faults[package.name] = fault
    if words[0] == "heal" {
      let evidence = try await fault.heal(in: cluster)
      return "\(evidence.took ? "took" : "nothing"): \(evidence.summary)"
    }
    if let reason = package.unavailability(target: words[2], in: cluster) { return "unavailable: \(reason)" }
    switch try await fault.inject(Self.action(words), in: cluster) {
    case .injected(let targets): return targets
    case .skipped(let reason): return "skipped: \(reason)"
    }
  }

  private static func action(_ words: [String]) -> FaultAction {
    var action = FaultAction(
      id: 0, fault: words[1], target: words[2], at: 1, hold: Int64((Double(words[3]) ?? 1) * 1e9),
      order: words[4].split(separator: ",").map(String.init))
    for word in words.dropFirst(5) {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      action.parameters[parts[0]] = Double(parts[1]).map(FaultArgument.number) ?? .text(parts[1])
    }
    return action
  }
}
