import Synchronization

/// Where rules of links live.
public enum CutPlacement: Hashable, Sendable {
  /// All in the controller's FORWARD chain, which bridged packets pass when bridge netfilter is on: one commit for all.
  case bridge
  /// Each link's in the INPUT chain of the node it leads to: a commit a node, side by side.
  case perNode
}

/// Cutting links between nodes with iptables.
struct NetworkCuts: NetworkControl {
  /// A network namespace with our chain in it.
  private struct Site: Sendable {
    /// Nil: the controller's.
    var network: Int32?
    /// The nodes whose incoming links it holds.
    var nodes: Set<String>
  }

  let tools: FilterTools
  let placement: CutPlacement
  private let sites: [Site]
  private let names: [String]
  private let addresses: [String: String]
  private let turn = AsyncLock()
  /// What was committed, by the place of the site.
  private let state: Cuts

  private final class Cuts: Sendable {
    let bySite: Mutex<[Set<Link>]>
    init(sites: Int) { bySite = Mutex(Array(repeating: [], count: sites)) }
  }

  private static func hook(_ placement: CutPlacement) -> String { placement == .bridge ? "FORWARD" : "INPUT" }

  /// Installs our chain, with the first family of tools that can.
  ///
  /// - Throws: `ClusterError.missingTool`, or the errors of every family that is installed.
  static func install(
    nodes: [Node], namespaces: [Int32], placement: CutPlacement, families: [String] = FilterTools.families
  ) async throws -> NetworkCuts {
    var problems: [String] = []
    for family in families {
      guard let tools = FilterTools.find(family) else { continue }
      let cuts = NetworkCuts(nodes: nodes, namespaces: namespaces, placement: placement, tools: tools)
      do {
        try await cuts.commitEverywhere(PacketFilter.install(hook: hook(placement)))
        return cuts
      } catch {
        problems.append("\(error)")
      }
    }
    if problems.isEmpty { throw ClusterError.missingTool("iptables-restore", package: "iptables") }
    throw ClusterError.toolFailed(command: "iptables-restore", reason: problems.joined(separator: "; "))
  }

  private init(nodes: [Node], namespaces: [Int32], placement: CutPlacement, tools: FilterTools) {
    self.tools = tools
    self.placement = placement
    names = nodes.map(\.name)
    addresses = Dictionary(uniqueKeysWithValues: nodes.map { ($0.name, $0.address) })
    switch placement {
    case .bridge: sites = [Site(network: nil, nodes: Set(names))]
    case .perNode: sites = zip(nodes, namespaces).map { Site(network: $1, nodes: [$0.name]) }
    }
    state = Cuts(sites: sites.count)
  }

  /// Takes our chain out of the controller's table. Those of the nodes end with their namespaces.
  func uninstall() async throws {
    guard placement == .bridge else { return }
    try await turn.with { try await commitEverywhere(PacketFilter.uninstall(hook: Self.hook(placement))) }
  }

  func cut(_ links: Set<Link>) async throws -> [Link: Drops] {
    try validate(links)
    return try await turn.with {
      let before = state.bySite.withLock { $0 }
      let healed = before.reduce(into: Set()) { $0.formUnion($1) }.subtracting(links)
      // Packets dropped between this reading and the commit are not counted: the figures are lower bounds.
      let counters = healed.isEmpty ? [:] : try await counters()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in sites.indices {
          let wanted = links.filter { sites[index].nodes.contains($0.to) }
          group.addTask { try await commit(wanted, at: index, before: before[index]) }
        }
        try await group.waitForAll()
      }
      return counters.filter { healed.contains($0.key) }
    }
  }

  func drops() async throws -> [Link: Drops] { try await turn.with { try await counters() } }

  // MARK: - Inside a turn

  private func commit(_ wanted: Set<Link>, at index: Int, before: Set<Link>) async throws {
    if wanted == before { return }
    let rules = PacketFilter.change(
      remove: before.subtracting(wanted).map(pair), add: wanted.subtracting(before).map(pair))
    try await tools.commit(rules, in: sites[index].network)
    state.bySite.withLock { $0[index] = wanted }
  }

  private func counters() async throws -> [Link: Drops] {
    let cut = state.bySite.withLock { $0 }
    return try await withThrowingTaskGroup(of: [Link: Drops].self) { group in
      for index in sites.indices where !cut[index].isEmpty {
        group.addTask {
          let found = try await tools.counters(in: sites[index].network)
          return cut[index].reduce(into: [:]) { $0[$1] = found[pair($1)] ?? Drops(packets: 0, bytes: 0) }
        }
      }
      return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }
  }

  private func commitEverywhere(_ rules: String) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for site in sites { group.addTask { try await tools.commit(rules, in: site.network) } }
      try await group.waitForAll()
    }
  }

  private func validate(_ links: Set<Link>) throws {
    for link in links.sorted() {
      for name in [link.from, link.to] where addresses[name] == nil {
        throw ClusterError.unknownNode(name, known: names)
      }
      if link.from == link.to { throw ClusterError.linkToItself(link.from) }
    }
  }

  /// Names were validated; an unknown one would give a rule that no packet matches.
  private func pair(_ link: Link) -> AddressPair {
    AddressPair(from: addresses[link.from] ?? link.from, to: addresses[link.to] ?? link.to)
  }
}
