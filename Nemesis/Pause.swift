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
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority", "primary"],
    requires: [.processes], nodesMin: 1, make: { PauseFault(clock: .startingNow()) })
}

/// Stops nodes and proves with the kernel's word on their state that they stood still.
actor PauseFault: Fault {
  private let search: PrimarySearch
  /// By node that the last injection stopped and that is not healed yet: its state right afterwards.
  private var stopped: [String: ProcessState] = [:]

  init(clock: NemesisClock) { search = PrimarySearch(clock: clock) }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let processes = cluster.processes else { return .skipped(reason: Capability.processes.absence) }
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
    let before = stopped
    let ordered = cluster.nodes.map(\.name).filter { before[$0] != nil }
    var standstills = try ordered.map { node in
      Standstill(node: node, stopped: before[node] ?? .notStarted, beforeWaking: try processes.state(node))
    }
    try await wake(ordered, processes)
    for index in standstills.indices { standstills[index].after = try processes.state(standstills[index].node) }
    stopped = [:]
    return pauseEvidence(standstills)
  }

  func restore(in cluster: any ClusterControl) async throws {
    guard let processes = cluster.processes else { return }
    let names = cluster.nodes.map(\.name)
    try await wake(names.filter { try stopped[$0] != nil || processes.state($0).isPaused }, processes)
    stopped = [:]
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
    stopped = [:]
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

/// How one node stood still.
struct Standstill: Sendable {
  var node: String
  /// Its state after SIGSTOP.
  var stopped: ProcessState
  /// Its state before SIGCONT.
  var beforeWaking: ProcessState
  /// Its state after SIGCONT.
  var after = ProcessState.notStarted

  /// Whether the kernel said that every process of the node stood still. That another fault killed it later takes
  /// nothing from that.
  var tookEffect: Bool { stopped.isPaused }

  /// `n3: pid 17 in state T, then running`.
  var summary: String {
    guard case .paused(let pid) = stopped else { return "\(node): not in state T" }
    let end = beforeWaking == stopped ? "then \(after.words)" : "ended before it was resumed"
    return "\(node): pid \(pid) in state T, \(end)"
  }

  var detail: Value {
    [
      "node": .string(node), "pid": stopped.pid.map { .int(Int64($0)) } ?? .null, "paused": .bool(tookEffect),
      "held": .bool(beforeWaking == stopped), "resumed": .bool(after.isRunning),
    ]
  }
}

/// Proof of a pause: it took effect where every targeted node's processes were in state T.
func pauseEvidence(_ standstills: [Standstill]) -> FaultEvidence {
  FaultEvidence(
    took: !standstills.isEmpty && standstills.allSatisfy(\.tookEffect),
    summary: standstills.isEmpty ? "no node was to be paused" : standstills.map(\.summary).joined(separator: "; "),
    detail: ["nodes": .list(standstills.map(\.detail))])
}

extension ProcessState {
  fileprivate var isPaused: Bool { if case .paused = self { true } else { false } }

  fileprivate var isRunning: Bool { if case .running = self { true } else { false } }

  fileprivate var words: String {
    switch self {
    case .running: "running"
    case .paused: "still paused"
    case .notStarted: "not started"
    case .exited(let code): "ended with code \(code)"
    case .signaled(let signal): "ended by signal \(signal)"
    }
  }
}
