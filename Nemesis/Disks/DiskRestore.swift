import Clusters
import Histories

extension FaultPackage {
  /// A node goes back in time: its files are copied at the injection, and put back in place of what came since when it is
  /// healed. A backup that was restored, a virtual machine's snapshot that was rolled back.
  ///
  /// The default targets hit a minority. A node that forgot what it promised can break consensus all the same: in Raft it may
  /// vote twice in a term and deny having entries that were counted on it. A system that is meant to survive it must know
  /// that its data is old, as one that gives each start a number that the others remember.
  public static let diskRestore = FaultPackage(
    name: "disk-restore",
    summary: "keeps a copy of the chosen nodes' files, and when healed kills the nodes and starts them on the copy",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority"],
    requires: [.processes, .disks], nodesMin: 1, toll: NodeChoice.toll,
    make: { DiskRestoreFault(clock: .startingNow()) })
}

/// Takes nodes back in time, and proves it with the files' content before, and after.
actor DiskRestoreFault: Fault {
  private let search: PrimarySearch
  /// By node: the files as they were when they were copied, with their digests.
  private var saved: [String: [String: UInt64]] = [:]
  private var harmed = HarmedNodes()

  init(clock: NemesisClock) { search = PrimarySearch(clock: clock) }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let processes = cluster.processes else { return .skipped(reason: Capability.processes.absence) }
    guard let disks = cluster.disks else { return .skipped(reason: Capability.disks.absence) }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let found):
      let chosen = harmed.choose(found, of: action.order)
      let running = try chosen.filter { try !processes.state($0).isDown }
      guard !running.isEmpty else { return .skipped(reason: "no process runs on \(words(chosen, in: cluster))") }
      // A task of its own: a cancelled run must not leave a node that stands still.
      saved = try await Task { try await Self.copy(running, disks, processes) }.value
      return .injected(targets: words(running, in: cluster))
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let processes = cluster.processes else { throw FaultError(Capability.processes.absence) }
    guard let disks = cluster.disks else { throw FaultError(Capability.disks.absence) }
    let saved = saved
    let nodes = cluster.nodes.map(\.name).filter { saved[$0] != nil }
    let killed = try await killTogether(nodes, processes)
    let results = await onEach(nodes) { node in
      let before = try digests(node, disks)
      try await disks.restore(node)
      return Rollback(node: node, saved: saved[node] ?? [:], before: before, after: try digests(node, disks))
    }
    try await startThoseDown(nodes, processes)
    if let failure = failure(results, "cannot be taken back") { throw failure }
    let evidence = rollbackEvidence(
      try results.map { try $0.1.get() }, try deaths(killed, processes, in: cluster))
    self.saved = [:]
    return evidence
  }

  func restore(in cluster: any ClusterControl) async throws {
    guard let processes = cluster.processes else { return }
    let down = try cluster.nodes.map(\.name).filter { try processes.state($0).hasEnded }
    try await startThoseDown(down, processes)
    saved = [:]
  }

  /// Copies files of nodes that stand still meanwhile: a copy of files that are being written is of no moment at all.
  private static func copy(
    _ nodes: [String], _ disks: any DiskControl, _ processes: any ProcessControl
  ) async throws -> [String: [String: UInt64]] {
    let results = await onEach(nodes) { node in
      try await processes.pause(node)
      do {
        try await disks.save(node)
        let digests = try digests(node, disks)
        try await processes.resume(node)
        return digests
      } catch {
        try await processes.resume(node)
        throw error
      }
    }
    if let failure = failure(results, "cannot be copied") { throw failure }
    return try Dictionary(uniqueKeysWithValues: results.map { ($0.0, try $0.1.get()) })
  }
}

/// By path.
private func digests(_ node: String, _ disks: any DiskControl) throws -> [String: UInt64] {
  try Dictionary(uniqueKeysWithValues: disks.files(node).map { ($0.path, try disks.digest(node, $0.path)) })
}

/// How one node went back in time: digests of its files by their paths.
struct Rollback: Sendable {
  var node: String
  var saved: [String: UInt64]
  var before: [String: UInt64]
  var after: [String: UInt64]

  /// Files that had changed since they were copied.
  var changed: [String] {
    Set(saved.keys).union(before.keys).filter { saved[$0] != before[$0] }.sorted()
  }
  var tookEffect: Bool { after == saved && !changed.isEmpty }

  var summary: String {
    let files = changed.isEmpty ? "no file had changed since" : "\(changed.joined(separator: ", ")) as before"
    return "\(node): \(after == saved ? files : "the files are not those that were copied")"
  }

  var detail: Value {
    [
      "node": .string(node), "changed": .list(changed.map { .string($0) }), "restored": .bool(after == saved),
    ]
  }
}

/// Proof of a way back: every node was ended by signal 9, had written something since, and has the old files again.
func rollbackEvidence(_ rollbacks: [Rollback], _ deaths: [Death]) -> FaultEvidence {
  let died = deathEvidence(deaths)
  return FaultEvidence(
    took: died.took && rollbacks.allSatisfy(\.tookEffect),
    summary: ([died.summary] + rollbacks.map(\.summary)).joined(separator: "; "),
    detail: ["deaths": died.detail, "disks": .list(rollbacks.map(\.detail))])
}
