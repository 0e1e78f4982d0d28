import Clusters
import Histories

extension FaultPackage {
  /// Nodes leave the system by its own protocol, and join it again: the step of a system's life that is run least.
  ///
  /// Removed nodes run on. A correct system may refuse a change; what it accepts, it must carry out without losing
  /// anything, whatever other faults break meanwhile. `minority` is none of the default targets, as `shrink` asks for no
  /// less and more: four targets are all met in the fifteen seconds of a first try.
  public static let membership = FaultPackage(
    name: "membership",
    summary: "asks the system to remove nodes from its members, and to add them again when healed",
    targets: MemberChoice.all.map(\.target), defaultTargets: ["one", "primary", "shrink", "shrink-isolated"],
    requires: [.membership], nodesMin: 3, healsLast: true, toll: MemberChoice.toll,
    make: { MembershipFault(clock: .startingNow()) })
}

/// Has members removed and added, and proves with the lists that the nodes themselves give that they were.
actor MembershipFault: Fault {
  /// How long a refused removal is asked for again.
  static let injectNanosecondsMax: Int64 = 1_500_000_000
  /// The same of a node that is cut off: it does not believe for longer than this that it leads.
  static let isolatedNanosecondsMax: Int64 = 500_000_000
  /// How long members are asked back while other faults may be at work: what is missing then is left to the next heal.
  static let healNanosecondsMax: Int64 = 3_000_000_000
  /// How long members are asked back when all other faults are healed.
  static let restoreNanosecondsMax: Int64 = 10_000_000_000

  private let search: PrimarySearch
  /// The members at the first injection: what healing leads back to. Empty until then.
  private var home: Set<String> = []
  /// Those that were asked to leave, and whom the system has not taken back since.
  private var away: Set<String> = []
  /// What is known of the last injection; nil when it is healed.
  private var trial: MembershipTrial?
  /// What is cut by the last injection; empty when it is healed.
  private var links: Set<Link> = []

  init(clock: NemesisClock) { search = PrimarySearch(clock: clock) }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let membership = cluster.membership else { return .skipped(reason: Capability.membership.absence) }
    let departure: Departure
    switch try await MemberChoice.departure(of: action, search, membership, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .leave(let chosen): departure = chosen
    }
    if home.isEmpty { home = Set(departure.before.flatMap { $0.members ?? [] }) }
    try await isolate(departure, cluster)
    let asked = try await remove(departure, MemberRequests(cluster, membership, search.clock))
    let mayHaveLeft = asked.filter(\.mayBeMade).map(\.change.node)
    guard !mayHaveLeft.isEmpty else {
      _ = try await reconnect(cluster)
      return .skipped(reason: "no change was accepted: \(asked.lastWords(of: departure.leaving))")
    }
    trial = MembershipTrial(
      leaving: departure.leaving, before: departure.before, during: [await membership.members()], removals: asked,
      links: links)
    let targets = departure.cut?.groups ?? [mayHaveLeft]
    return .injected(targets: targets.map { words($0, in: cluster) }.joined(separator: " | "))
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let membership = cluster.membership else { throw FaultError(Capability.membership.absence) }
    let look = await membership.members()
    trial?.during.append(look)
    trial?.drops = try await reconnect(cluster)
    let begin = search.clock.now()
    let requests = MemberRequests(cluster, membership, search.clock)
    let homecoming = try await comeHome(requests, within: Self.healNanosecondsMax, looks: 1)
    defer { trial = nil }
    let known = trial ?? MembershipTrial()
    return known.evidence(homecoming, nanoseconds: search.clock.now() - begin, in: cluster)
  }

  func restore(in cluster: any ClusterControl) async throws {
    _ = try await reconnect(cluster)
    guard let membership = cluster.membership, !home.isEmpty else { return }
    // A removal of unknown outcome may be made as late as this: one look is not enough.
    let requests = MemberRequests(cluster, membership, search.clock)
    let homecoming = try await comeHome(requests, within: Self.restoreNanosecondsMax, looks: 3)
    trial = nil
    guard homecoming.missing.isEmpty else { throw FaultError(homecoming.missingWords) }
  }

  /// Cuts what the departure wants to be cut; where that fails, nothing is.
  private func isolate(_ departure: Departure, _ cluster: any ClusterControl) async throws {
    guard let division = departure.cut else { return }
    guard let network = cluster.network else { throw FaultError(Capability.network.absence) }
    links = division.links
    do {
      _ = try await network.cut(links)
    } catch {
      // It may have failed after its work was done. Where this fails as well, the final heal comes back to it.
      if (try? await network.cut([])) != nil { links = [] }
      throw error
    }
  }

  /// Heals what was cut; the kernel's counters of it.
  private func reconnect(_ cluster: any ClusterControl) async throws -> [Link: Drops] {
    guard !links.isEmpty, let network = cluster.network else { return [:] }
    let drops = try await network.cut([])
    links = []
    return drops
  }

  /// Asks for the removals, and remembers whom the system may have removed.
  private func remove(_ departure: Departure, _ requests: MemberRequests) async throws -> [AskedChange] {
    let awayBefore = away
    // Before anything is sent: whatever ends this early, they are asked back.
    away.formUnion(departure.leaving)
    let time = departure.cut == nil ? Self.injectNanosecondsMax : Self.isolatedNanosecondsMax
    let asked = try await requests.remove(departure, until: search.clock.now() + time)
    away = awayBefore.union(asked.filter(\.mayBeMade).map(\.change.node))
    return asked
  }

  private func comeHome(_ requests: MemberRequests, within nanoseconds: Int64, looks: Int) async throws -> Homecoming {
    var homecoming = Homecoming(home: home, away: away)
    try await homecoming.complete(requests, until: search.clock.now() + nanoseconds, looks: looks)
    away = homecoming.away
    return homecoming
  }
}
