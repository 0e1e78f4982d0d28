import Clusters

/// Lets several fault packages cut links of one cluster without healing each other's.
///
/// `NetworkControl.cut` sets *all* cut links of a cluster. Each package gets a view of it (`view(of:)`) through which it
/// states only its own links; the ledger cuts the union. A link is healed when the last package lets go of it, and each
/// package is told of the packets dropped while *it* held the link, so that nobody's evidence counts another's time.
///
/// Calls run one after the other, and to their end even when the caller is cancelled: the ledger and the kernel must
/// not come to disagree about what is cut.
public actor CutLedger {
  private let network: any NetworkControl
  /// By package: its links, with the link's counters at the moment when the package cut it.
  private var held: [String: [Link: Drops]] = [:]
  /// Ends when all calls so far have ended.
  private var last: Task<Void, Never>?

  public init(_ network: any NetworkControl) { self.network = network }

  /// The network as the package `owner` sees it: as if it were alone.
  public nonisolated func view(of owner: String) -> any NetworkControl { CutView(ledger: self, owner: owner) }

  /// Makes exactly `links` the links that `owner` holds cut.
  ///
  /// Asks the cluster even when nothing changes: after a failed call the kernel may have more rules than we know of.
  /// Returns the packets dropped on the links that `owner` let go, since it cut them. Throws what the cluster throws;
  /// the owner then holds what it held before.
  func cut(_ links: Set<Link>, by owner: String) async throws -> [Link: Drops] {
    try await inTurn { try await self.apply(links, by: owner) }
  }

  /// The counters of the owner's links since it cut them.
  func drops(of owner: String) async throws -> [Link: Drops] {
    try await inTurn {
      let counters = try await self.network.drops()
      return await self.since(self.held[owner] ?? [:], counters)
    }
  }

  private func apply(_ links: Set<Link>, by owner: String) async throws -> [Link: Drops] {
    let before = held[owner] ?? [:]
    let others = held.filter { $0.key != owner }.values.reduce(into: Set<Link>()) { $0.formUnion($1.keys) }
    let changed = links.symmetricDifference(before.keys)
    // A link that somebody else holds too keeps its counters: remember where ours begin, and read where they end.
    let shared = changed.isDisjoint(with: others) ? [:] : try await network.drops()
    let healed = try await network.cut(links.union(others))
    held[owner] = Dictionary(
      uniqueKeysWithValues: links.map { ($0, before[$0] ?? shared[$0] ?? Drops(packets: 0, bytes: 0)) })
    return since(before.filter { !links.contains($0.key) }, healed.merging(shared) { final, _ in final })
  }

  /// What was counted on each link after `start`; links without a counter are left out.
  private func since(_ start: [Link: Drops], _ counters: [Link: Drops]) -> [Link: Drops] {
    var result: [Link: Drops] = [:]
    for (link, first) in start {
      guard let last = counters[link] else { continue }
      result[link] = Drops(packets: max(0, last.packets - first.packets), bytes: max(0, last.bytes - first.bytes))
    }
    return result
  }

  private func inTurn<Answer: Sendable>(_ body: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
    let previous = last
    let task = Task {
      await previous?.value
      return try await body()
    }
    last = Task { _ = await task.result }
    return try await task.value
  }
}

/// One package's share of a cluster's cut links.
private struct CutView: NetworkControl {
  let ledger: CutLedger
  let owner: String

  func cut(_ links: Set<Link>) async throws -> [Link: Drops] { try await ledger.cut(links, by: owner) }
  func drops() async throws -> [Link: Drops] { try await ledger.drops(of: owner) }
}

/// A cluster as one fault package sees it: everything is shared but the cut links.
struct PackageCluster: ClusterControl {
  let base: any ClusterControl
  let network: (any NetworkControl)?

  init(_ base: any ClusterControl, ledger: CutLedger?, owner: String) {
    self.base = base
    network = ledger?.view(of: owner)
  }

  var nodes: [Node] { base.nodes }
  var processes: (any ProcessControl)? { base.processes }
  var primaries: (any PrimaryControl)? { base.primaries }
  var membership: (any MembershipControl)? { base.membership }
  var clocks: (any ClockControl)? { base.clocks }
  var versions: (any VersionControl)? { base.versions }
  var boots: (any BootControl)? { base.boots }
  var processors: (any ProcessorControl)? { base.processors }
  var packets: (any PacketControl)? { base.packets }
  var disks: (any DiskControl)? { base.disks }
}
