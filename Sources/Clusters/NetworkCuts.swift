import Synchronization

/// Where rules of links live.
public enum CutPlacement: Hashable, Sendable {
  /// All in the controller's FORWARD chain, which bridged packets pass when bridge netfilter is on: one commit for all.
  case bridge
  /// Each link's in the INPUT chain of the node it leads to: a commit a node, side by side.
  case perNode
}

/// Cutting links with iptables: between nodes as placed, to the controller in its INPUT chain, from it in that of the node.
///
/// A packet that is dropped where it leaves would be an error of the sender's system call, which no network gives: packets
/// are dropped on their way, or where they arrive.
struct NetworkCuts: NetworkControl {
  /// A network namespace in which rules may live.
  private struct Site: Sendable {
    /// Nil: the controller's.
    var network: Int32?
    /// The built-in chains that lead into ours.
    var hooks: [String]
  }

  /// What was committed to a site.
  private struct Committed: Sendable {
    var isInstalled = false
    var links: Set<Link> = []
    /// Healed links whose rules are still there, with counters that stand still.
    var passing: Set<Link> = []
  }

  let tools: FilterTools
  private let ready: ReadyTool
  let placement: CutPlacement
  /// The controller's, then each node's.
  private let sites: [Site]
  private let names: [String]
  private let addresses: [String: String]
  private let siteIndices: [String: Int]
  private let turn = AsyncLock()
  private let state: State

  private final class State: Sendable {
    let bySite: Mutex<[Committed]>
    init(sites: Int) { bySite = Mutex(Array(repeating: Committed(), count: sites)) }
  }

  /// Installs our chain where links between nodes are cut, with the first family of tools that can.
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
        try await cuts.installChains()
        if placement == .bridge { cuts.ready.prepare() }
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
    ready = tools.readyCommit()
    self.placement = placement
    names = nodes.map(\.name)
    let controller = (Link.controller, SandboxLayout.controllerAddress)
    addresses = Dictionary(uniqueKeysWithValues: [controller] + nodes.map { ($0.name, $0.address) })
    siteIndices = Dictionary(uniqueKeysWithValues: zip([Link.controller] + names, 0...))
    let bridged = placement == .bridge ? ["FORWARD"] : []
    sites = [Site(network: nil, hooks: bridged + ["INPUT"])] + namespaces.map { Site(network: $0, hooks: ["INPUT"]) }
    state = State(sites: sites.count)
  }

  private func installChains() async throws {
    let indices = placement == .bridge ? 0..<1 : 1..<sites.count
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in indices {
        group.addTask {
          try await tools.commit(PacketFilter.install(hooks: sites[index].hooks), in: sites[index].network)
          state.bySite.withLock { $0[index].isInstalled = true }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Takes our chain out of the controller's table. Those of the nodes end with their namespaces.
  func uninstall() async throws {
    try await turn.with {
      await ready.close()
      guard state.bySite.withLock({ $0[0].isInstalled }) else { return }
      try await tools.commit(PacketFilter.uninstall(hooks: sites[0].hooks), in: nil)
      state.bySite.withLock { $0[0] = Committed() }
    }
  }

  func cut(_ links: Set<Link>) async throws -> [Link: Drops] {
    try validate(links)
    return try await turn.with {
      let wanted = Dictionary(grouping: links, by: site).mapValues(Set.init)
      try await atEverySite { index in try await change(to: wanted[index] ?? [], at: index) }
      let passing = state.bySite.withLock { $0.map(\.passing) }
      guard passing.contains(where: { !$0.isEmpty }) else { return [:] }
      let dropped = await Result { try await counters(of: passing) }
      // Tried even when the counters could not be read: rules must not pile up.
      try await atEverySite { index in try await clean(index) }
      return try dropped.get()
    }
  }

  func drops() async throws -> [Link: Drops] {
    try await turn.with { try await counters(of: state.bySite.withLock { $0.map(\.links) }) }
  }

  // MARK: - Inside a turn

  private func atEverySite(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in sites.indices { group.addTask { try await body(index) } }
      try await group.waitForAll()
    }
  }

  /// Cuts and heals in one commit.
  private func change(to wanted: Set<Link>, at index: Int) async throws {
    let before = state.bySite.withLock { $0[index] }
    if wanted == before.links && before.passing.isEmpty { return }
    // Rules that could not be cleaned away may be there or not.
    let isUncertain = !before.passing.isEmpty
    let healed = isUncertain ? [] : before.links.subtracting(wanted)
    let rules =
      isUncertain
      ? PacketFilter.replace(with: wanted.map(pair))
      : PacketFilter.change(
        install: before.isInstalled ? [] : sites[index].hooks, pass: healed.map(pair),
        add: wanted.subtracting(before.links).map(pair))
    try await commit(rules, at: index)
    state.bySite.withLock { $0[index] = Committed(isInstalled: true, links: wanted, passing: healed) }
  }

  /// Takes the rules of healed links away.
  private func clean(_ index: Int) async throws {
    let passing = state.bySite.withLock { $0[index].passing }
    guard !passing.isEmpty else { return }
    try await commit(PacketFilter.clean(passing.map(pair)), at: index)
    state.bySite.withLock { $0[index].passing = [] }
  }

  private func commit(_ rules: String, at index: Int) async throws {
    if let network = sites[index].network {
      try await tools.commit(rules, in: network)
    } else {
      _ = try await ready.run(rules)
    }
  }

  private func counters(of links: [Set<Link>]) async throws -> [Link: Drops] {
    try await withThrowingTaskGroup(of: [Link: Drops].self) { group in
      for index in sites.indices where !links[index].isEmpty {
        group.addTask {
          let found = try await tools.counters(in: sites[index].network)
          return links[index].reduce(into: [:]) { $0[$1] = found[pair($1)] ?? Drops(packets: 0, bytes: 0) }
        }
      }
      return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }
  }

  /// Where the rule of a link lives.
  private func site(_ link: Link) -> Int {
    let isBetweenNodes = link.from != Link.controller && link.to != Link.controller
    return isBetweenNodes && placement == .bridge ? 0 : siteIndices[link.to] ?? 0
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
