import Clusters
import Histories

extension FaultPackage {
  /// Nodes are asked to end (SIGTERM) and are started again at once, as an operator restarts a service.
  ///
  /// It runs the code that kills never reach: what a node hands over, flushes and writes when it is told to go, and the
  /// start from such a state. `rolling` is how a cluster gets a new version.
  public static let restart = FaultPackage(
    name: "restart",
    summary: "ends the chosen nodes with SIGTERM, gives them time to end by themselves, and starts them at once",
    targets: NodeChoice.all.map(\.target) + [Rolling.target],
    defaultTargets: ["one", "minority", "primary", "rolling"],
    parameters: [
      FaultParameter(
        "grace", "how long a node may take to end before it is killed", .seconds, initial: .number(5),
        limits: 0.01...600)
    ],
    requires: [.processes], nodesMin: 1, toll: NodeChoice.toll, make: { RestartFault(clock: .startingNow()) })
}

/// Restarts nodes and proves with the kernel's reports that they ended without being killed, and run again.
actor RestartFault: Fault {
  /// What holds for an action that has no `grace`.
  static let graceSeconds = 5.0

  private let search: PrimarySearch
  private let rolling: Rolling
  /// Of the last injection, in no order; empty when it is healed.
  private var restarts: [Restart] = []

  init(clock: NemesisClock) {
    search = PrimarySearch(clock: clock)
    rolling = Rolling(clock: clock)
  }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let processes = cluster.processes else { return .skipped(reason: Capability.processes.absence) }
    let grace = action.number("grace") ?? Self.graceSeconds
    if action.target == Rolling.target.name { return await roll(action, grace, processes) }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let chosen):
      // Another fault may have ended some of them.
      let running = try chosen.filter { try !processes.state($0).isDown }
      guard !running.isEmpty else { return .skipped(reason: "no process runs on \(words(chosen, in: cluster))") }
      // A task of its own: a cancelled run must not leave some of them down.
      try await Task { try await restart(running, grace, processes) }.value
      return .injected(targets: words(running, in: cluster))
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let processes = cluster.processes else { throw FaultError(Capability.processes.absence) }
    let rolled = await rolling.end()
    var ordered = cluster.nodes.compactMap { node in restarts.first { $0.node == node.name } }
    for index in ordered.indices { ordered[index].after = try processes.state(ordered[index].node) }
    restarts = []
    await rolling.forget()
    return restartEvidence(ordered).rolled(rolled)
  }

  func restore(in cluster: any ClusterControl) async throws {
    _ = await rolling.end()
    guard let processes = cluster.processes else { return }
    let down = try cluster.nodes.map(\.name).filter { try processes.state($0).hasEnded }
    try await startThoseDown(down, processes)
    restarts = []
    await rolling.forget()
  }

  private func roll(_ action: FaultAction, _ grace: Double, _ processes: any ProcessControl) async -> Injection {
    await rolling.begin(action) { node in
      guard try !processes.state(node).isDown else { return false }
      try await self.restart([node], grace, processes)
      return true
    }
    return .injected(targets: action.order.joined(separator: " "))
  }

  /// All at once; each is started as soon as it has ended. When one cannot be restarted the others are running all the
  /// same.
  private func restart(_ nodes: [String], _ grace: Double, _ processes: any ProcessControl) async throws {
    let results = await onEach(nodes) { node in
      let ends = try await processes.stop(node, graceSeconds: grace)
      try await startIfDown(node, processes)
      return Restart(node: node, ends: ends, back: try processes.state(node))
    }
    for case (_, .success(let restart)) in results { restarts.append(restart) }
    guard let failure = failure(results, "cannot be restarted") else { return }
    // Where this fails too, the final heal comes back to it.
    try await startThoseDown(nodes, processes)
    restarts.removeAll { nodes.contains($0.node) }
    throw failure
  }
}
