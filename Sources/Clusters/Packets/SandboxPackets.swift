import CLinux
import Glibc
import Synchronization

/// Bad links by NFQUEUE: the kernel shows us the packets of the links that rules are about, and a thread of ours decides
/// when, and as what, each goes on. Nothing is there before the first rule.
final class SandboxPackets: PacketControl {
  /// What is there from the first rule on.
  private struct Works: Sendable {
    var daemon: PacketDaemon
    var stacks: [String: StackWatch]
  }

  /// A rule in force, and how counters were when it began.
  private struct InForce: Sendable {
    var rule: PacketRule
    var counted: PacketCount
    var stacks: [String: StackCounters]
    /// Packets that went around the rules, so far.
    var passed: Int
    /// Nil until the rule is in force.
    var probe: LinkProbe?
    /// What it did, once the daemon has let go of it.
    var tallies: [Flow: PacketTally]?
  }

  private struct State: Sendable {
    var works: Works?
    var rules: [PacketChange.Kind: InForce] = [:]
    /// The links whose packets are queued.
    var queued: Set<Link> = []
    /// Packets that were to be shown to us on links that are queued no more.
    var offered = 0
  }

  private let ends: PacketEnds
  private let sites: PacketSites
  private let turn = AsyncLock()
  private let state = Mutex(State())

  init(nodes: [Node], namespaces: [Int32], placement: CutPlacement, tools: FilterTools) throws {
    ends = try PacketEnds(nodes, namespaces)
    sites = PacketSites(nodes: nodes, namespaces: namespaces, placement: placement, tools: tools)
  }

  func impose(_ rule: PacketRule) async throws {
    try ends.validate(rule)
    try await turn.with { [self] in
      _ = try await end(rule.change.kind)
      let works = try await start()
      let counts = works.daemon.counts
      let counters = try await sites.counters()
      let flows = ends.flows(rule.links)
      let began = InForce(
        rule: rule, counted: counters.count(rule.change.kind.counted), stacks: works.stacks.mapValues { $0.read() },
        passed: passed(counters, counts))
      works.daemon.impose(rule.change, on: Set(flows), seed: rule.seed)
      state.withLock { $0.rules[rule.change.kind] = began }
      do {
        try await commit(counters)
        let probe = try LinkProbe.start(flows, ends: ends.all)
        state.withLock { $0.rules[rule.change.kind]?.probe = probe }
      } catch {
        _ = try? await end(rule.change.kind)
        throw error
      }
    }
  }

  func lift(_ kind: PacketChange.Kind) async throws -> PacketEffects? {
    try await turn.with { [self] in try await end(kind) }
  }

  /// Ends everything: the thread, and our chains in the controller's table.
  func uninstall() async throws {
    try await turn.with { [self] in
      guard let works = state.withLock({ $0.works }) else { return }
      for kind in PacketChange.Kind.allCases { _ = try? await end(kind) }
      state.withLock { $0.works = nil }
      works.daemon.end()
      for stack in works.stacks.values { stack.close() }
      try await sites.uninstall()
    }
  }

  // MARK: - Inside a turn

  private func start() async throws -> Works {
    if let works = state.withLock({ $0.works }) { return works }
    var queues: [PacketQueue] = []
    var stacks: [String: StackWatch] = [:]
    do {
      for site in sites.all { queues.append(try PacketQueue.open(in: site.network)) }
      for (name, end) in ends.byName { stacks[name] = try StackWatch.open(in: end.network) }
      try await sites.install()
      let works = Works(daemon: try PacketDaemon.start(queues), stacks: stacks)
      state.withLock { $0.works = works }
      return works
    } catch {
      for queue in queues { queue.close() }
      for stack in stacks.values { stack.close() }
      await sites.abandon()
      throw error
    }
  }

  private func end(_ kind: PacketChange.Kind) async throws -> PacketEffects? {
    let found = state.withLock { ($0.works, $0.rules[kind]) }
    guard let works = found.0, var rule = found.1 else { return nil }
    if rule.tallies == nil {
      rule.probe?.stopSending()
      rule.tallies = works.daemon.lift(kind)
      state.withLock { [rule] in $0.rules[kind] = rule }
    }
    let probe = rule.probe
    async let probed = probe?.report()
    let counters = try await sites.counters()
    let missed = passed(counters, works.daemon.counts)
    try await commit(counters)
    let affected = try await sites.counters().count(kind.counted).since(rule.counted)
    state.withLock { $0.rules[kind] = nil }
    return PacketEffects(
      affected: affected, links: ends.links(rule.tallies ?? [:]), probe: await probed ?? ProbeReport(),
      stacks: rule.stacks.reduce(into: [:]) { $0[$1.key] = works.stacks[$1.key]?.read().since($1.value) },
      passed: max(0, missed - rule.passed))
  }

  /// Packets of queued links that went around the rules since the start: the kernel let them pass, or the daemon did.
  ///
  /// A lower bound: the kernel counts segments that were handed over as one block as one packet, and shows us each. At
  /// the end of a rule its counters were read before the daemon's, at the beginning after them: packets that wait in
  /// between are not taken for missed ones.
  private func passed(_ counters: QueueCounters, _ counts: (taken: Int, passed: Int)) -> Int {
    state.withLock { $0.offered } + counters.offered.values.reduce(0, +) - counts.taken + counts.passed
  }

  /// Has the packets queued that the rules in force are about.
  private func commit(_ counters: QueueCounters) async throws {
    let (before, wanted) = state.withLock { state in
      let active = state.rules.values.filter { $0.tallies == nil }
      return (state.queued, active.reduce(into: Set<Link>()) { $0.formUnion($1.rule.watched) })
    }
    try await sites.queue(wanted, before: before) { [ends] in
      ends.pair($0)
    } changed: { [self] added, removed in
      // Counters end with their rules.
      let gone = removed.reduce(0) { $0 + (counters.offered[ends.pair($1)] ?? 0) }
      state.withLock { state in
        state.queued = state.queued.union(added).subtracting(removed)
        state.offered += gone
      }
    }
  }
}

extension PacketRule {
  /// The links whose packets it must see: a connection is reset at a packet of either end.
  fileprivate var watched: Set<Link> {
    guard change.kind == .reset else { return links }
    return links.union(links.map { Link(from: $0.to, to: $0.from) })
  }
}

extension PacketChange.Kind {
  /// The counters of the kernel that prove it.
  fileprivate var counted: PacketFates {
    self == .rate ? [PacketFates(.rate), .overflow] : PacketFates(self)
  }
}
