import Clusters
import Histories

extension FaultPackage {
  /// Nodes are restarted as another version of the system, and as their own again when healed: an upgrade, perhaps rolling,
  /// and its way back.
  ///
  /// For as long as it lasts the versions run side by side, on data and messages that the other one wrote: where formats
  /// and protocols meet is where upgrades break.
  public static let version = FaultPackage(
    name: "version",
    summary: "restarts the chosen nodes as another version of the system (system.versions), and back when healed",
    targets: NodeChoice.all.map(\.target) + [Rolling.target], defaultTargets: ["one", "minority", "rolling"],
    parameters: [
      FaultParameter(
        "to", "the version's name; empty: the first of system.versions", .text(choices: []), initial: .text("")),
      FaultParameter(
        "grace", "how long a node may take to end before it is killed", .seconds, initial: .number(5),
        limits: 0.01...600),
    ],
    requires: [.processes, .versions], nodesMin: 1, toll: NodeChoice.toll,
    make: { VersionFault(clock: .startingNow()) })
}

/// Changes what nodes run, and proves with the kernel's word on their programs that it was something else.
actor VersionFault: Fault {
  /// What holds for an action that has no `grace`.
  static let graceSeconds = 5.0

  /// How long a program may take to be loaded: until then it has no command line.
  private static let loadingNanoseconds: Int64 = 2_000_000_000

  private let clock: NemesisClock
  private let search: PrimarySearch
  private let rolling: Rolling
  /// By node that the last injection changed and that is not changed back yet.
  private var changes: [String: VersionChange] = [:]
  private var grace = VersionFault.graceSeconds

  init(clock: NemesisClock) {
    self.clock = clock
    search = PrimarySearch(clock: clock)
    rolling = Rolling(clock: clock)
  }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let processes = cluster.processes else { return .skipped(reason: Capability.processes.absence) }
    guard let versions = cluster.versions, let first = versions.versions.first else {
      return .skipped(reason: Capability.versions.absence)
    }
    let wanted = action.text("to") ?? ""
    let version = wanted.isEmpty ? first : wanted
    grace = action.number("grace") ?? Self.graceSeconds
    if action.target == Rolling.target.name {
      await rolling.begin(action) { node in
        guard try !processes.state(node).isDown else { return false }
        try await self.change([node], to: version, versions, processes)
        return true
      }
      return .injected(targets: "\(action.order.joined(separator: " ")) to \(version)")
    }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let chosen):
      // Another fault may have ended some of them.
      let running = try chosen.filter { try !processes.state($0).isDown }
      guard !running.isEmpty else { return .skipped(reason: "no process runs on \(words(chosen, in: cluster))") }
      // A task of its own: a cancelled run must not leave some of them down.
      try await Task { try await change(running, to: version, versions, processes) }.value
      return .injected(targets: "\(words(running, in: cluster)) to \(version)")
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let processes = cluster.processes else { throw FaultError(Capability.processes.absence) }
    guard let versions = cluster.versions else { throw FaultError(Capability.versions.absence) }
    let rolled = await rolling.end()
    let ordered = cluster.nodes.compactMap { changes[$0.name] }
    try await changeBack(ordered.map(\.node), versions, processes)
    let evidence = versionEvidence(ordered).rolled(rolled)
    changes = [:]
    await rolling.forget()
    return evidence
  }

  func restore(in cluster: any ClusterControl) async throws {
    _ = await rolling.end()
    guard let processes = cluster.processes, let versions = cluster.versions else { return }
    try await changeBack(cluster.nodes.map(\.name).filter { changes[$0] != nil }, versions, processes)
    try await startThoseDown(cluster.nodes.map(\.name).filter { try processes.state($0).hasEnded }, processes)
    changes = [:]
    await rolling.forget()
  }

  /// All at once; when one cannot be changed all of them go back.
  private func change(
    _ nodes: [String], to version: String, _ versions: any VersionControl, _ processes: any ProcessControl
  ) async throws {
    let grace = grace
    let results = await onEach(nodes) { node in
      let before = try await self.running(node, versions, processes)
      try versions.choose(version, for: node)
      _ = try await processes.stop(node, graceSeconds: grace)
      try await startIfDown(node, processes)
      let after = try await self.running(node, versions, processes)
      return VersionChange(node: node, version: version, before: before, after: after)
    }
    for case (let node, .success(let change)) in results { changes[node] = change }
    guard let failure = failure(results, "cannot be given the version \(version)") else { return }
    // Where this fails too, the final heal comes back to it.
    try await changeBack(nodes, versions, processes)
    for node in nodes { changes[node] = nil }
    throw failure
  }

  /// What a node runs, when that is loaded; nothing where nothing is, or where another fault ends it first.
  private func running(
    _ node: String, _ versions: any VersionControl, _ processes: any ProcessControl
  ) async throws -> [RunningProgram] {
    let deadline = clock.now() + Self.loadingNanoseconds
    while true {
      let programs = try versions.running(node)
      let now = clock.now()
      guard programs.isEmpty, now < deadline, try !processes.state(node).isDown else { return programs }
      try await clock.sleep(now + 1_000_000)
    }
  }

  /// A node that another fault keeps down has its own version when that fault starts it.
  private func changeBack(
    _ nodes: [String], _ versions: any VersionControl, _ processes: any ProcessControl
  ) async throws {
    let grace = grace
    let results = await onEach(nodes) { node in
      try versions.choose(nil, for: node)
      guard try !processes.state(node).isDown else { return }
      _ = try await processes.stop(node, graceSeconds: grace)
      try await startIfDown(node, processes)
    }
    if let failure = failure(results, "cannot be given its own version again") { throw failure }
  }
}
