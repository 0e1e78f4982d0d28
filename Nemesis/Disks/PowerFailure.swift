import Clusters
import Histories

/// Lets nodes lose power and proves, with a witness that another program wrote, that what was not synced is gone.
actor PowerFailureFault: Fault {
  private let search: PrimarySearch
  /// What survives of last writes.
  private let torn: @Sendable (FaultAction) -> TornWrite?
  private var outages: [PowerOutage] = []

  init(clock: NemesisClock, torn: @escaping @Sendable (FaultAction) -> TornWrite?) {
    search = PrimarySearch(clock: clock)
    self.torn = torn
  }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let processes = cluster.processes else { return .skipped(reason: Capability.processes.absence) }
    guard let disks = cluster.disks else { return .skipped(reason: Capability.disks.absence) }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let chosen):
      let running = try chosen.filter { try !processes.state($0).isDown }
      guard !running.isEmpty else { return .skipped(reason: "no process runs on \(words(chosen, in: cluster))") }
      let ordered = cluster.nodes.map(\.name).filter(running.contains)
      let torn = torn(action)
      if let problem = await Self.placeWitnesses(ordered, disks) { return .skipped(reason: problem.message) }
      // A task of its own: a cancelled run must not leave some of them without power and none remembered.
      outages = try await Task { try await Self.cutPower(of: ordered, torn, disks, processes) }.value
      return .injected(targets: words(running, in: cluster))
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let processes = cluster.processes else { throw FaultError(Capability.processes.absence) }
    try await startThoseDown(outages.map(\.node), processes)
    let deaths = try outages.map { Death(node: $0.node, ends: $0.ends, after: try processes.state($0.node)) }
    let evidence = powerEvidence(outages, deaths)
    outages = []
    return evidence
  }

  func restore(in cluster: any ClusterControl) async throws {
    guard let processes = cluster.processes else { return }
    let down = try cluster.nodes.map(\.name).filter { try processes.state($0).hasEnded }
    try await startThoseDown(down, processes)
    outages = []
  }

  /// Another fault may have filled a disk, or let its writes fail. A task of its own, as a cancelled one may do nothing.
  private static func placeWitnesses(_ nodes: [String], _ disks: any DiskControl) async -> FaultError? {
    await Task { failure(await onEach(nodes) { try await disks.placeWitness($0) }, "cannot be written to") }.value
  }

  private static func cutPower(
    of nodes: [String], _ torn: TornWrite?, _ disks: any DiskControl, _ processes: any ProcessControl
  ) async throws -> [PowerOutage] {
    let ends = try await killTogether(nodes, processes)
    let results = await onEach(nodes) { node in
      let losses = try await disks.losePower(node, torn: torn)
      return PowerOutage(
        node: node, ends: ends[node] ?? [], losses: losses, witness: try disks.readWitness(node), isTorn: torn != nil)
    }
    if let failure = failure(results, "cannot lose what it had not synced") {
      try await startThoseDown(nodes, processes)
      throw failure
    }
    return try results.map { try $0.1.get() }
  }
}

/// How one node lost power.
struct PowerOutage: Sendable {
  var node: String
  var ends: [ProcessEnd]
  /// Of the node's own files, by the word of the layer that took it back: for the report, no proof.
  var losses: [DiskLoss]
  /// What was read beneath the layer afterwards: the proof.
  var witness: DiskWitness
  var isTorn: Bool

  /// Whether the disk kept all that was synced, and of the rest nothing or, torn, a part.
  var tookEffect: Bool {
    guard witness.syncedKept == DiskWitness.syncedBytes else { return false }
    return isTorn
      ? (1..<DiskWitness.unsyncedBytes).contains(witness.unsyncedKept) : witness.unsyncedKept == 0
  }

  var summary: String {
    let bytes = losses.reduce(0) { $0 + $1.lostBytes }
    return
      "\(node): \(bytes) unsynced bytes of \(losses.count) files gone; the witness kept \(witness.unsyncedKept) of "
      + "\(DiskWitness.unsyncedBytes) unsynced bytes and \(witness.syncedKept) of \(DiskWitness.syncedBytes) synced ones"
  }

  var detail: Value {
    let files = losses.map { loss -> Value in
      [
        "file": .string(loss.path), "lostBytes": .int(Int64(loss.lostBytes)),
        "survivingBytes": .int(Int64(loss.survivingBytes)), "sizeBefore": .int(Int64(loss.sizeBefore)),
        "sizeAfter": .int(Int64(loss.sizeAfter)),
      ]
    }
    return [
      "node": .string(node), "files": .list(files), "witnessSyncedKept": .int(Int64(witness.syncedKept)),
      "witnessUnsyncedKept": .int(Int64(witness.unsyncedKept)),
    ]
  }
}

/// Proof of a power failure: every node was ended by signal 9, and every disk forgot what was not synced.
func powerEvidence(_ outages: [PowerOutage], _ deaths: [Death]) -> FaultEvidence {
  let died = deathEvidence(deaths)
  return FaultEvidence(
    took: died.took && outages.allSatisfy(\.tookEffect),
    summary: ([died.summary] + outages.map(\.summary)).joined(separator: "; "),
    detail: ["deaths": died.detail, "disks": .list(outages.map(\.detail))])
}
