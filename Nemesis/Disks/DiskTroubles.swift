import Clusters
import Histories

/// How a fault of a running disk shows to a program that uses the disk.
struct TroubleTest: Sendable {
  /// Probes until one shows it.
  var probesMax = 3
  /// Whether probes read; otherwise they write and sync.
  var reads: @Sendable (FaultAction) -> Bool = { _ in false }
  /// Whether no probe of the healthy disk, just before, may have looked the same.
  var comparesToHealthy = false
  /// Whether it shows in a probe.
  var shows: @Sendable (FaultAction, DiskProbe) -> Bool
}

extension DiskProbe {
  /// Whether it complained with these words of the C library.
  func says(_ words: String) -> Bool { complaint?.contains(words) ?? false }
}

/// Troubles the disks of nodes that run, and proves it with programs that use these disks.
actor DiskTroubleFault: Fault {
  private let search: PrimarySearch
  private let trouble: @Sendable (FaultAction, _ node: String) -> DiskTrouble
  private let test: TroubleTest
  private var troubled: [TroubledDisk] = []

  init(
    clock: NemesisClock, trouble: @escaping @Sendable (FaultAction, _ node: String) -> DiskTrouble, test: TroubleTest
  ) {
    search = PrimarySearch(clock: clock)
    self.trouble = trouble
    self.test = test
  }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let disks = cluster.disks else { return .skipped(reason: Capability.disks.absence) }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let chosen):
      let ordered = cluster.nodes.map(\.name).filter(chosen.contains)
      // A task of its own: a cancelled run must not leave some of them troubled and none remembered.
      troubled = try await Task { [trouble, test] in
        let results = await onEach(ordered) { try await Self.begin(action, $0, trouble(action, $0), test, disks) }
        guard let failure = failure(results, "cannot be troubled") else { return try results.map { try $0.1.get() } }
        try await Self.end(ordered, disks)
        throw failure
      }.value
      return .injected(targets: words(chosen, in: cluster))
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let disks = cluster.disks else { throw FaultError(Capability.disks.absence) }
    let nodes = troubled.map(\.node)
    for index in troubled.indices { troubled[index].after = try await disks.counts(troubled[index].node) }
    try await Self.end(nodes, disks)
    if let processes = cluster.processes { try await startThoseEnded(nodes, processes) }
    let evidence = troubleEvidence(troubled)
    troubled = []
    return evidence
  }

  func restore(in cluster: any ClusterControl) async throws {
    guard let disks = cluster.disks else { return }
    let nodes = cluster.nodes.map(\.name)
    try await Self.end(nodes, disks)
    if let processes = cluster.processes { try await startThoseEnded(nodes, processes) }
    troubled = []
  }

  private static func begin(
    _ action: FaultAction, _ node: String, _ trouble: DiskTrouble, _ test: TroubleTest, _ disks: any DiskControl
  ) async throws -> TroubledDisk {
    let reads = test.reads(action)
    // Something to read.
    if reads { _ = try await disks.probe(node, reads: false) }
    let healthy = try await disks.probe(node, reads: reads)
    var disk = TroubledDisk(node: node, before: try await disks.counts(node), healthy: healthy)
    try await disks.trouble(node, trouble)
    let mayShow = !(test.comparesToHealthy && test.shows(action, healthy))
    while disk.probes.count < test.probesMax && !disk.shows {
      let probe = try await disks.probe(node, reads: reads)
      disk.probes.append(probe)
      disk.shows = mayShow && test.shows(action, probe)
    }
    return disk
  }

  private static func end(_ nodes: [String], _ disks: any DiskControl) async throws {
    let results = await onEach(nodes) { try await disks.trouble($0, DiskTrouble()) }
    if let failure = failure(results, "cannot be healed") { throw failure }
  }

  /// A node may stop at the first error that it gets: most should.
  private func startThoseEnded(_ nodes: [String], _ processes: any ProcessControl) async throws {
    try await startThoseDown(try nodes.filter { try processes.state($0).hasEnded }, processes)
  }
}

/// One disk in trouble.
struct TroubledDisk: Sendable {
  var node: String
  /// By the layer's own count, for the report: no proof.
  var before: DiskCounts
  var after = DiskCounts()
  /// What a program got before, and then.
  var healthy: DiskProbe
  var probes: [DiskProbe] = []
  /// Whether the last of them met the trouble.
  var shows = false

  init(node: String, before: DiskCounts, healthy: DiskProbe) {
    self.node = node
    self.before = before
    self.healthy = healthy
  }

  var summary: String {
    let last = probes.last.map { probe in
      "\(probe.complaint.map { "got '\($0)'" } ?? "took \(probe.nanoseconds / 1_000_000) ms")"
    }
    let counted = [
      ("EIO", after.inputOutputErrors - before.inputOutputErrors),
      ("ENOSPC", after.noSpaceErrors - before.noSpaceErrors), ("delays", after.delays - before.delays),
    ].filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
    let probe = "\(node): probe \(probes.count) \(last ?? "was not made")"
    return "\(probe), before \(healthy.nanoseconds / 1_000_000) ms; "
      + (counted.isEmpty ? "none" : counted.joined(separator: ", "))
      + " in all"
  }

  var detail: Value {
    [
      "node": .string(node), "shows": .bool(shows), "probes": .int(Int64(probes.count)),
      "probeNanoseconds": .int(probes.last?.nanoseconds ?? 0),
      "probeComplaint": probes.last?.complaint.map { .string($0) } ?? .null,
      "healthyNanoseconds": .int(healthy.nanoseconds),
      "errors": .int(Int64(after.inputOutputErrors - before.inputOutputErrors)),
      "noSpace": .int(Int64(after.noSpaceErrors - before.noSpaceErrors)),
      "delays": .int(Int64(after.delays - before.delays)),
      "operations": .int(
        Int64(after.reads + after.writes + after.syncs - before.reads - before.writes - before.syncs)),
    ]
  }
}

/// Proof of a disk's trouble: on each of them a program met it.
func troubleEvidence(_ disks: [TroubledDisk]) -> FaultEvidence {
  FaultEvidence(
    took: !disks.isEmpty && disks.allSatisfy(\.shows),
    summary: disks.isEmpty ? "no disk was to be troubled" : disks.map(\.summary).joined(separator: "; "),
    detail: ["disks": .list(disks.map(\.detail))])
}
