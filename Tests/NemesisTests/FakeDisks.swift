import Clusters
import Synchronization

/// Disks in memory: files with digests, a witness, and probes that meet whatever the trouble is.
final class FakeDisks: DiskControl {
  struct State {
    /// By node and path.
    var files: [String: [String: (size: Int, digest: UInt64)]] = [:]
    var saved: [String: [String: (size: Int, digest: UInt64)]] = [:]
    var troubles: [String: DiskTrouble] = [:]
    var witnesses: [String: DiskWitness] = [:]
    /// `lose n1`, `flip n2 wal 3`, …
    var calls: [String] = []
    /// Answers as if all were well, and does nothing.
    var ignores = false
    /// Nodes whose disks throw.
    var fails: Set<String> = []
    /// Nodes whose disks take no witness.
    var full: Set<String> = []
    /// Probes until one meets an error.
    var probesUntilError = 1
    var probes = 0
  }

  let state = Mutex(State())

  init(_ nodes: [String]) {
    state.withLock { state in
      for node in nodes { state.files[node] = ["wal": (1000, 1), "snap/1": (500, 2), "empty": (0, 3)] }
    }
  }

  var calls: [String] { state.withLock { $0.calls } }
  var troubled: [String] { state.withLock { $0.troubles.filter { $0.value != DiskTrouble() }.keys.sorted() } }
  func configure(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }
  /// The node writes to its log.
  func append(_ node: String) { configure { $0.files[node]?["wal"] = (2000, 77) } }

  private func act(_ node: String, _ call: String, _ body: (inout State) -> Void) throws {
    try Task.checkCancellation()
    try state.withLock { state in
      state.calls.append("\(call)")
      if state.fails.contains(node) { throw Planned() }
      if !state.ignores { body(&state) }
    }
  }

  func losePower(_ node: String, torn: TornWrite?) async throws -> [DiskLoss] {
    try act(node, "lose \(node)\(torn.map { " \($0.shape.rawValue) \($0.sectorBytes)" } ?? "")") {
      $0.witnesses[node]?.unsyncedKept = torn == nil ? 0 : 512
    }
    return [DiskLoss(path: "wal", lostBytes: 30, survivingBytes: 0, sizeBefore: 1030, sizeAfter: 1000)]
  }

  func trouble(_ node: String, _ trouble: DiskTrouble) async throws {
    try act(node, "trouble \(node)") { $0.troubles[node] = trouble }
  }

  func counts(_ node: String) async throws -> DiskCounts { DiskCounts() }

  func files(_ node: String) throws -> [DiskFile] {
    state.withLock { ($0.files[node] ?? [:]).filter { $0.value.size > 0 }.map { DiskFile(path: $0, size: $1.size) } }
      .sorted { $0.path < $1.path }
  }

  func digest(_ node: String, _ path: String) throws -> UInt64 { state.withLock { $0.files[node]?[path]?.digest ?? 0 } }

  func flip(_ node: String, _ path: String, bits: [DiskBit]) async throws {
    try act(node, "flip \(node) \(path) \(bits.count)") { $0.files[node]?[path]?.digest ^= 0xFF }
  }

  func cut(_ node: String, _ path: String, toBytes size: Int) async throws {
    try act(node, "cut \(node) \(path) \(size)") { $0.files[node]?[path] = (size, 99) }
  }

  func save(_ node: String) async throws { try act(node, "save \(node)") { $0.saved[node] = $0.files[node] } }

  func restore(_ node: String) async throws {
    try act(node, "restore \(node)") { $0.files[node] = $0.saved[node] }
  }

  func placeWitness(_ node: String) async throws {
    if state.withLock({ $0.full.contains(node) }) { throw Planned() }
    configure {
      $0.calls.append("witness \(node)")
      $0.witnesses[node] = DiskWitness(
        syncedKept: DiskWitness.syncedBytes, unsyncedKept: DiskWitness.unsyncedBytes)
    }
  }

  func readWitness(_ node: String) throws -> DiskWitness {
    state.withLock { $0.witnesses[node] ?? DiskWitness(syncedKept: 0, unsyncedKept: 0) }
  }

  func probe(_ node: String, reads: Bool) async throws -> DiskProbe {
    state.withLock { state in
      let trouble = state.troubles[node] ?? DiskTrouble()
      state.probes += 1
      var probe = DiskProbe(nanoseconds: 2_000_000, complaint: nil)
      if trouble.isFull { probe.complaint = "dd: No space left on device" }
      let fails = reads ? trouble.readErrorPercent > 0 : trouble.writeErrorPercent + trouble.syncErrorPercent > 0
      if fails && state.probes > state.probesUntilError { probe.complaint = "dd: Input/output error" }
      if !reads { probe.nanoseconds += Int64(trouble.syncDelayNanoseconds + trouble.writeDelayNanoseconds) }
      return probe
    }
  }
}
