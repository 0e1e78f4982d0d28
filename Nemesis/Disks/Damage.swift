import Clusters
import Glibc
import Histories

/// Where a fault damages files: a node that is down.
struct DamageSite: Sendable {
  var node: String
  /// Those that match, not empty, in order of their paths; at least one.
  var files: [DiskFile]
  var disks: any DiskControl
}

/// Kills nodes, harms their files while nobody has them open, and proves it with the files' content before and after.
actor DamageFault: Fault {
  /// Does the harm; returns how much was done to which file.
  typealias Harm = @Sendable (FaultAction, DamageSite) async throws -> [String: Int]

  private let search: PrimarySearch
  private let harm: Harm
  private var killed: [String: [ProcessEnd]] = [:]
  private var damages: [Damage] = []
  private var harmed = HarmedNodes()

  init(clock: NemesisClock, harm: @escaping Harm) {
    search = PrimarySearch(clock: clock)
    self.harm = harm
  }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let processes = cluster.processes else { return .skipped(reason: Capability.processes.absence) }
    guard let disks = cluster.disks else { return .skipped(reason: Capability.disks.absence) }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let found):
      let chosen = harmed.choose(found, of: action.order)
      let pattern = action.text("files") ?? "*"
      let fit = try cluster.nodes.map(\.name).filter { node in
        try chosen.contains(node) && !processes.state(node).isDown && !matching(pattern, node, disks).isEmpty
      }
      guard !fit.isEmpty else {
        return .skipped(
          reason: "none of \(words(chosen, in: cluster)) runs and has a file that matches \(pattern) and is not empty")
      }
      // A task of its own: a cancelled run must not leave some of them killed and none remembered.
      try await Task { try await damage(fit, action, disks, processes) }.value
      return .injected(targets: words(fit, in: cluster))
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let processes = cluster.processes else { throw FaultError(Capability.processes.absence) }
    try await startThoseDown(killed.keys.sorted(), processes)
    let evidence = damageEvidence(damages, try deaths(killed, processes, in: cluster))
    (killed, damages) = ([:], [])
    return evidence
  }

  func restore(in cluster: any ClusterControl) async throws {
    guard let processes = cluster.processes else { return }
    let down = try cluster.nodes.map(\.name).filter { try processes.state($0).hasEnded }
    try await startThoseDown(down, processes)
    (killed, damages) = ([:], [])
  }

  private func damage(
    _ nodes: [String], _ action: FaultAction, _ disks: any DiskControl, _ processes: any ProcessControl
  ) async throws {
    killed = try await killTogether(nodes, processes)
    let results = await onEach(nodes) { [harm] node in
      let files = try matching(action.text("files") ?? "*", node, disks)
      let before = try files.map { try disks.digest(node, $0.path) }
      // Its files may have come and gone since they were looked at first.
      let amounts =
        files.isEmpty ? [:] : try await harm(action, DamageSite(node: node, files: files, disks: disks))
      return try zip(files, before).filter { amounts[$0.0.path] != nil }.map { file, digest in
        Damage(
          node: node, path: file.path, amount: amounts[file.path] ?? 0, before: digest,
          after: try disks.digest(node, file.path))
      }
    }
    if let failure = failure(results, "cannot be damaged") {
      try await startThoseDown(nodes, processes)
      killed = [:]
      throw failure
    }
    damages = try results.flatMap { try $0.1.get() }
  }
}

/// A node's files whose path matches, as a shell's `case` does: `*` stands for slashes, too.
func matching(_ pattern: String, _ node: String, _ disks: any DiskControl) throws -> [DiskFile] {
  try disks.files(node).filter { fnmatch(pattern, $0.path, 0) == 0 }
}

/// What was done to one file.
struct Damage: Sendable {
  var node: String
  var path: String
  /// Bits, or bytes.
  var amount: Int
  /// Digests of the content on the disk beneath.
  var before: UInt64
  var after: UInt64

  var tookEffect: Bool { before != after }

  var summary: String { "\(node): \(path) \(tookEffect ? "changed" : "did not change") (\(amount))" }

  var detail: Value {
    [
      "node": .string(node), "file": .string(path), "amount": .int(Int64(amount)),
      "before": .string(String(before, radix: 16)), "after": .string(String(after, radix: 16)),
    ]
  }
}

/// Proof of damage: every node was ended by signal 9, and a file of each has another content since.
func damageEvidence(_ damages: [Damage], _ deaths: [Death]) -> FaultEvidence {
  let died = deathEvidence(deaths)
  let harmed = Set(damages.filter(\.tookEffect).map(\.node))
  return FaultEvidence(
    took: died.took && deaths.allSatisfy { harmed.contains($0.node) },
    summary: ([died.summary] + damages.map(\.summary)).joined(separator: "; "),
    detail: ["deaths": died.detail, "files": .list(damages.map(\.detail))])
}

extension FaultParameter {
  static let diskFiles = FaultParameter(
    "files", "which files, by their paths in the data directory; * stands for anything", .text(choices: []),
    initial: .text("*"))
}
