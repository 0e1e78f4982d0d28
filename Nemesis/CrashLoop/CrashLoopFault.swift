import Clusters
import Histories

extension FaultPackage {
  /// Nodes die again and again (SIGKILL), each some moments after it was started.
  ///
  /// It finds what a node forgets or breaks when it dies at the wrong moment: a vote or promise that it gives twice in one
  /// term, a log that is torn, a recovery that does not survive being interrupted. These need elections under way while
  /// nodes die, so `majority` is one of the defaults; `all` leaves no node that remembers, and a plan asks for it by name.
  public static let crashLoop = FaultPackage(
    name: "crash-loop",
    summary: "kills the chosen nodes with SIGKILL and starts them at once, over and over until healed",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority", "majority"],
    parameters: [
      FaultParameter(
        "uptime", "how long a node runs before its next death, on average; each time from half of it to one and a half",
        .seconds, initial: .range(0.05, 0.6), limits: 0.01...60)
    ],
    requires: [.processes], nodesMin: 1, toll: NodeChoice.toll, make: { CrashLoopFault(clock: .startingNow()) })
}

/// Keeps a loop at work for each chosen node, and proves with the kernel's reports how often each of them died.
actor CrashLoopFault: Fault {
  /// What holds for an action that has no `uptime`.
  static let uptimeSeconds = 0.3

  private let search: PrimarySearch
  /// What the last injection keeps at work; empty when it is healed.
  private var loops: [Task<CrashRecord, Never>] = []
  /// What the ended loops did, until healing is complete.
  private var records: [CrashRecord] = []
  /// How often each node must have died.
  private var deathsMin = 1

  init(clock: NemesisClock) { search = PrimarySearch(clock: clock) }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let processes = cluster.processes else { return .skipped(reason: Capability.processes.absence) }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let chosen):
      // Another fault may keep some of them down.
      let running = try chosen.filter { try !processes.state($0).isDown }
      guard !running.isEmpty else { return .skipped(reason: "no process runs on \(words(chosen, in: cluster))") }
      begin(action, running, processes)
      return .injected(targets: words(running, in: cluster))
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let processes = cluster.processes else { throw FaultError(Capability.processes.absence) }
    await end()
    // A loop leaves its node down only when it fails, or when another fault keeps it down: then it is that fault's.
    let ours = try records.filter { try $0.problem != nil || !processes.state($0.node).isKilled }
    try await startThoseDown(ours.map(\.node).sorted(), processes)
    let ordered = cluster.nodes.map(\.name).compactMap { name in records.first { $0.node == name } }
    let evidence = crashEvidence(
      try ordered.map { Crashes(record: $0, after: try processes.state($0.node)) }, deathsMin: deathsMin)
    records = []
    return evidence
  }

  func restore(in cluster: any ClusterControl) async throws {
    await end()
    guard let processes = cluster.processes else { return }
    let down = try cluster.nodes.map(\.name).filter { try processes.state($0).hasEnded }
    try await startThoseDown(down, processes)
    records = []
  }

  private func begin(_ action: FaultAction, _ nodes: [String], _ processes: any ProcessControl) {
    let uptime = action.number("uptime") ?? Self.uptimeSeconds
    // Two deaths take three times the uptime at most, and what the starts take.
    deathsMin = Double(action.hold) >= 4e9 * uptime ? 2 : 1
    loops = nodes.map { node in
      let loop = CrashLoop(
        node: node, processes: processes, clock: search.clock, uptimeSeconds: uptime, stream: action.stream(node))
      return Task { await loop.run() }
    }
  }

  /// Ends the loops, each after its turn.
  private func end() async {
    for loop in loops { loop.cancel() }
    for loop in loops { records.append(await loop.value) }
    loops = []
  }
}
