import CLinux
import Glibc

/// A network namespace in which packets are queued for us, and by which of its built-in chains.
struct PacketSite: Sendable {
  /// Nil: the controller's.
  var network: Int32?
  /// With the conditions of each.
  var hooks: [String]
  /// The ends of links that it serves: nil all, otherwise those that lead to this one.
  var destination: String?

  func serves(_ link: Link) -> Bool { destination == nil || destination == link.to }
}

/// All the places where the packets of a cluster's links pass.
struct PacketSites: Sendable {
  let all: [PacketSite]
  private let tools: FilterTools

  init(nodes: [Node], namespaces: [Int32], placement: CutPlacement, tools: FilterTools) {
    self.tools = tools
    switch placement {
    case .bridge:
      // Copies for our own clients go out by loopback: there they were counted already when they come in.
      let hooks = ["FORWARD", "INPUT", "OUTPUT -o \(SandboxNetwork.bridge)"]
      all = [PacketSite(network: nil, hooks: hooks, destination: nil)]
    case .perNode:
      let ends = zip(nodes, namespaces).map { PacketSite(network: $1, hooks: ["INPUT"], destination: $0.name) }
      all = ends + [PacketSite(network: nil, hooks: ["INPUT"], destination: Link.controller)]
    }
  }

  func install() async throws {
    try await onAll { try await tools.commit(QueueRules.install(hooks: $0.hooks), in: $0.network) }
  }

  /// Takes our chains out of the controller's table. Those of the nodes end with their namespaces.
  func uninstall() async throws {
    for site in all where site.network == nil {
      try await tools.commit(QueueRules.uninstall(hooks: site.hooks), in: nil)
    }
  }

  /// Takes out what an installation that failed has left.
  func abandon() async {
    for site in all { try? await tools.commit(QueueRules.uninstall(hooks: site.hooks), in: site.network) }
  }

  /// Queues the packets of exactly these links, where those were queued before.
  ///
  /// - Parameter changed: told of each place's links when they were committed: of several one may fail.
  func queue(
    _ links: Set<Link>, before: Set<Link>, _ pair: @escaping @Sendable (Link) -> AddressPair,
    changed: @escaping @Sendable (_ added: Set<Link>, _ removed: Set<Link>) -> Void
  ) async throws {
    try await onAll { site in
      let added = links.subtracting(before).filter(site.serves)
      let removed = before.subtracting(links).filter(site.serves)
      if added.isEmpty && removed.isEmpty { return }
      try await tools.commit(QueueRules.change(remove: removed.map(pair), add: added.map(pair)), in: site.network)
      changed(added, removed)
    }
  }

  /// What the kernel counted, in all places together.
  func counters() async throws -> QueueCounters {
    try await withThrowingTaskGroup(of: QueueCounters.self) { group in
      for site in all {
        group.addTask {
          try QueueCounters(saved: try await tools.saved(in: site.network), tool: tools.save.path)
        }
      }
      return try await group.reduce(into: QueueCounters()) { $0.add($1) }
    }
  }

  private func onAll(_ body: @escaping @Sendable (PacketSite) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for site in all { group.addTask { try await body(site) } }
      // All of them, even where one fails: what is then committed is known.
      var failure: (any Error)?
      while let result = await group.nextResult() { if case .failure(let error) = result { failure = error } }
      if let failure { throw failure }
    }
  }

  /// Tries in a network namespace that is thrown away whether packets can be queued here.
  ///
  /// - Throws: what the kernel or the tools refused.
  static func tryOut(_ tools: FilterTools) async throws {
    let scratch = fl_scratch_network()
    guard scratch >= 0 else { throw ClusterError.system("making a network namespace", errno: errno) }
    defer { close(scratch) }
    let pair = AddressPair(from: "198.18.0.2", to: "198.18.0.3")
    try await tools.commit(QueueRules.install(hooks: ["INPUT"], queueing: [pair]), in: scratch)
    try PacketQueue.open(in: scratch).close()
  }
}
