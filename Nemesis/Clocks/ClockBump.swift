import Clusters
import Histories

extension FaultPackage {
  /// A node's clock of day jumps, stays off, and jumps back when healed: a wrong time server, an operator's `date -s`, a
  /// virtual machine that is resumed.
  ///
  /// How far is drawn by its logarithm: what breaks at a tenth of a second (an order by timestamps, a lease) is another
  /// thing than what breaks at a minute (a certificate, an expiry).
  public static let clockBump = FaultPackage(
    name: "clock-bump",
    summary: "sets the clock of day of the chosen nodes ahead or behind, and right again when healed",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority", "primary"],
    parameters: [
      FaultParameter(
        "offset", "how far the clock jumps", .seconds, initial: .range(0.1, 60), limits: ClockLimits.offsetSeconds),
      FaultParameter("behind", "1: behind the true time, 0: ahead of it", .count, initial: .range(0, 1), limits: 0...1),
    ],
    requires: [.clocks], nodesMin: 1, make: { ClockBumpFault(clock: .startingNow()) })
}

/// Sets clocks off and proves it by what the clock code of the nodes' processes gave before and after.
actor ClockBumpFault: Fault {
  private let search: PrimarySearch
  /// By node that the last injection set and that is not healed yet.
  private var jumps: [String: ClockJump] = [:]

  init(clock: NemesisClock) { search = PrimarySearch(clock: clock) }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let clocks = cluster.clocks else { return .skipped(reason: Capability.clocks.absence) }
    guard let seconds = action.number("offset"), let behind = action.number("behind") else {
      return .skipped(reason: "the action does not say how far the clock jumps")
    }
    let offset = ClockLimits.nanoseconds(behind == 0 ? seconds : -seconds)
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let nodes):
      let owner = action.fault
      let steps = try await Task {
        try await setClocks(nodes, ClockSkew(offsetNanoseconds: offset), by: owner, clocks)
      }.value
      jumps = Dictionary(uniqueKeysWithValues: steps.map { ($0, ClockJump(node: $0, offset: offset, away: $1)) })
      return .injected(targets: "\(words(nodes, in: cluster)) by \(ClockLimits.words(offset))")
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let clocks = cluster.clocks else { throw FaultError(Capability.clocks.absence) }
    let nodes = cluster.nodes.map(\.name).filter { jumps[$0] != nil }
    let steps = try await rightClocks(nodes, by: FaultPackage.clockBump.name, clocks)
    let healed = nodes.compactMap { node -> ClockJump? in
      var jump = jumps[node]
      jump?.back = steps[node] ?? []
      return jump
    }
    jumps = [:]
    return jumpEvidence(healed)
  }

  func restore(in cluster: any ClusterControl) async throws {
    guard let clocks = cluster.clocks else { return }
    _ = try await rightClocks(cluster.nodes.map(\.name), by: FaultPackage.clockBump.name, clocks)
    jumps = [:]
  }
}
