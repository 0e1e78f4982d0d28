import Clusters
import Histories

extension FaultPackage {
  /// Nodes stop (SIGSTOP) and go on later as if nothing had happened (SIGCONT): a long garbage collection, a virtual
  /// machine that is moved. Their connections stay open, their clocks jump, and a leader among them wakes up believing
  /// that it still leads.
  ///
  /// The default targets leave a majority running, as those of `kill` do.
  public static let pause = FaultPackage(
    name: "pause",
    summary: "stops every process of the chosen nodes with SIGSTOP and lets them go on with SIGCONT when healed",
    targets: NodeChoice.all.map(\.target) + [Rolling.target], defaultTargets: ["one", "minority", "primary"],
    requires: [.processes], nodesMin: 1, toll: NodeChoice.toll, make: { PauseFault(clock: .startingNow()) })
}

/// Stops nodes and proves with the kernel's word on their state that they stood still.
actor PauseFault: Fault {
  private let search: PrimarySearch
  private let rolling: Rolling
  /// By node that the last injection stopped and that was not resumed yet: its state right afterwards.
  private var stopped: [String: ProcessState] = [:]
  /// Those that were resumed, until healing is complete.
  private var resumed: [Standstill] = []

  init(clock: NemesisClock) {
    search = PrimarySearch(clock: clock)
    rolling = Rolling(clock: clock)
  }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let processes = cluster.processes else { return .skipped(reason: Capability.processes.absence) }
    if action.target == Rolling.target.name { return await roll(action, processes) }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let chosen):
      // Another fault may have ended some of them.
      let running = try chosen.filter { try !processes.state($0).isDown }
      guard !running.isEmpty else { return .skipped(reason: "no process runs on \(words(chosen, in: cluster))") }
      // A task of its own: a cancelled run must not leave some of them stopped and none remembered.
      try await Task { try await stop(running, processes) }.value
      return .injected(targets: words(running, in: cluster))
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let processes = cluster.processes else { throw FaultError(Capability.processes.absence) }
    let rolled = await rolling.end()
    try await resume(stopped.keys.sorted(), processes)
    let standstills = cluster.nodes.compactMap { node in resumed.first { $0.node == node.name } }
    resumed = []
    await rolling.forget()
    return pauseEvidence(standstills).rolled(rolled)
  }

  func restore(in cluster: any ClusterControl) async throws {
    _ = await rolling.end()
    guard let processes = cluster.processes else { return }
    let names = cluster.nodes.map(\.name)
    try await wake(names.filter { try stopped[$0] != nil || processes.state($0).isPaused }, processes)
    (stopped, resumed) = ([:], [])
    await rolling.forget()
  }

  private func roll(_ action: FaultAction, _ processes: any ProcessControl) async -> Injection {
    await rolling.begin(
      action,
      hit: { node in
        guard try !processes.state(node).isDown else { return false }
        try await self.stop([node], processes)
        return true
      }, release: { try await self.resume([$0], processes) })
    return .injected(targets: action.order.joined(separator: " "))
  }

  /// Lets nodes that were stopped go on, and notes how they stood still.
  private func resume(_ nodes: [String], _ processes: any ProcessControl) async throws {
    var standstills = try nodes.map { node in
      Standstill(node: node, stopped: stopped[node] ?? .notStarted, beforeWaking: try processes.state(node))
    }
    try await wake(nodes, processes)
    for index in standstills.indices { standstills[index].after = try processes.state(standstills[index].node) }
    for node in nodes { stopped[node] = nil }
    resumed += standstills
  }

  /// When one cannot be stopped the others go on.
  private func stop(_ nodes: [String], _ processes: any ProcessControl) async throws {
    let results = await onEach(nodes) { node in
      do {
        try await processes.pause(node)
      } catch {
        // It was killed since it was chosen: nothing to stop.
        guard try processes.state(node).isDown else { throw error }
      }
      return try processes.state(node)
    }
    for case (let node, .success(let state)) in results { stopped[node] = state }
    guard let failure = failure(results, "cannot be paused") else { return }
    // One that could not be stopped as a whole may have been in part.
    try await wake(nodes, processes)
    for node in nodes { stopped[node] = nil }
    throw failure
  }

  /// Lets those of the nodes go on that are there.
  private func wake(_ nodes: [String], _ processes: any ProcessControl) async throws {
    let results = await onEach(nodes) { node in
      guard try !processes.state(node).isDown else { return }
      do {
        try await processes.resume(node)
      } catch {
        // It was killed meanwhile.
        guard try processes.state(node).isDown else { throw error }
      }
    }
    if let failure = failure(results, "cannot be resumed") { throw failure }
  }
}
