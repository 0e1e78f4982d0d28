import Clusters
import Histories

extension FaultPackage {
  /// Nodes die without warning (SIGKILL) and come back with what is on their disks.
  ///
  /// The default targets leave a majority alive: a consensus system must go on answering through them, so a lack of
  /// progress counts against it. `majority` and `all` stop any quorum system until they are healed, and lose what a
  /// system keeps in memory alone: a plan asks for them by name.
  public static let kill = FaultPackage(
    name: "kill",
    summary: "kills every process of the chosen nodes with SIGKILL and starts them again when healed",
    targets: NodeChoice.all.map(\.target) + [Rolling.target], defaultTargets: ["one", "minority", "primary"],
    requires: [.processes], nodesMin: 1, toll: NodeChoice.toll, make: { KillFault(clock: .startingNow()) })
}

/// Kills nodes and proves with the kernel's reports of their ends that they died by it.
actor KillFault: Fault {
  private let search: PrimarySearch
  private let rolling: Rolling
  /// By node that the last injection killed and that is not healed yet: the ends that the kernel reported.
  private var killed: [String: [ProcessEnd]] = [:]

  init(clock: NemesisClock) {
    search = PrimarySearch(clock: clock)
    rolling = Rolling(clock: clock)
  }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let processes = cluster.processes else { return .skipped(reason: Capability.processes.absence) }
    if action.target == Rolling.target.name { return await roll(action, processes) }
    let targets: [String]
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .nodes(let chosen): targets = chosen
    case .none(let reason): return .skipped(reason: reason)
    }
    // A task of its own: a cancelled run must not leave some of them killed and none remembered.
    try await Task { try await kill(targets, processes) }.value
    return .injected(targets: words(targets, in: cluster))
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let processes = cluster.processes else { throw FaultError(Capability.processes.absence) }
    let rolled = await rolling.end()
    let ends = killed
    try await startThoseDown(ends.keys.sorted(), processes)
    let evidence = deathEvidence(try deaths(ends, processes, in: cluster)).rolled(rolled)
    killed = [:]
    await rolling.forget()
    return evidence
  }

  func restore(in cluster: any ClusterControl) async throws {
    _ = await rolling.end()
    guard let processes = cluster.processes else { return }
    let down = try cluster.nodes.map(\.name).filter { try killed[$0] != nil || processes.state($0).hasEnded }
    try await startThoseDown(down, processes)
    killed = [:]
    await rolling.forget()
  }

  private func roll(_ action: FaultAction, _ processes: any ProcessControl) async -> Injection {
    await rolling.begin(
      action,
      hit: { node in
        // Another fault may have ended it.
        guard try !processes.state(node).isDown else { return false }
        try await self.kill([node], processes)
        return true
      }, release: { try await startIfDown($0, processes) })
    return .injected(targets: action.order.joined(separator: " "))
  }

  private func kill(_ nodes: [String], _ processes: any ProcessControl) async throws {
    killed.merge(try await killTogether(nodes, processes)) { $1 }
  }
}
