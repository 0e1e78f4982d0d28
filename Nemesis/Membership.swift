import Clusters
import Histories

extension FaultPackage {
  /// Nodes leave the system by its own protocol, and join it again: the step of a system's life that is run least.
  ///
  /// At least two members are left, and removed nodes run on. A correct system may refuse a change; what it accepts, it
  /// must carry out without losing anything, whatever other faults break meanwhile.
  public static let membership = FaultPackage(
    name: "membership",
    summary: "asks the system to remove nodes from its members, and to add them again when healed",
    targets: MemberChoice.all.map(\.target), defaultTargets: MemberChoice.all.map(\.target.name),
    requires: [.membership], nodesMin: 3, healsLast: true, make: { MembershipFault(clock: .startingNow()) })
}

/// Has members removed and added, and proves with the lists that the nodes themselves give that they were.
actor MembershipFault: Fault {
  /// How long a refused removal is asked for again.
  static let injectNanosecondsMax: Int64 = 1_500_000_000
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

  init(clock: NemesisClock) { search = PrimarySearch(clock: clock) }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let membership = cluster.membership else { return .skipped(reason: Capability.membership.absence) }
    let departure: Departure
    switch try await MemberChoice.departure(of: action, search, membership, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .leave(let chosen): departure = chosen
    }
    if home.isEmpty { home = Set(departure.before.flatMap { $0.members ?? [] }) }
    let awayBefore = away
    // Before anything is sent: whatever ends this early, they are asked back.
    away.formUnion(departure.leaving)
    let requests = MemberRequests(cluster: cluster, membership: membership, clock: search.clock)
    let asked = try await requests.remove(departure, until: search.clock.now() + Self.injectNanosecondsMax)
    let mayHaveLeft = departure.leaving.filter { node in asked.contains { $0.change.node == node && $0.mayBeMade } }
    away = awayBefore.union(mayHaveLeft)
    guard !mayHaveLeft.isEmpty else {
      return .skipped(reason: "no change was accepted: \(asked.lastWords(of: departure.leaving))")
    }
    trial = MembershipTrial(
      leaving: departure.leaving, before: departure.before, during: [await membership.members()], removals: asked)
    return .injected(targets: words(mayHaveLeft, in: cluster))
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let membership = cluster.membership else { throw FaultError(Capability.membership.absence) }
    let look = await membership.members()
    trial?.during.append(look)
    let begin = search.clock.now()
    let homecoming = try await comeHome(membership, cluster, within: Self.healNanosecondsMax, looks: 1)
    defer { trial = nil }
    let known = trial ?? MembershipTrial()
    return known.evidence(homecoming, nanoseconds: search.clock.now() - begin, in: cluster)
  }

  func restore(in cluster: any ClusterControl) async throws {
    guard let membership = cluster.membership, !home.isEmpty else { return }
    // A removal of unknown outcome may be made as late as this: one look is not enough.
    let homecoming = try await comeHome(membership, cluster, within: Self.restoreNanosecondsMax, looks: 3)
    trial = nil
    guard homecoming.missing.isEmpty else { throw FaultError(homecoming.missingWords) }
  }

  private func comeHome(
    _ membership: any MembershipControl, _ cluster: any ClusterControl, within nanoseconds: Int64, looks: Int
  ) async throws -> Homecoming {
    let requests = MemberRequests(cluster: cluster, membership: membership, clock: search.clock)
    var homecoming = Homecoming(home: home, away: away)
    try await homecoming.complete(requests, until: search.clock.now() + nanoseconds, looks: looks)
    away = homecoming.away
    return homecoming
  }
}
