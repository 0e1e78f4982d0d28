import Clusters
import Histories

extension FaultPackage {
  /// The network falls apart: nodes of one side cannot reach nodes of the other, in either direction.
  public static let partition = FaultPackage(
    name: "partition",
    summary: "cuts the network between groups of nodes, both ways; established connections stall",
    targets: PartitionShape.all.map(\.target), defaultTargets: PartitionShape.all.map(\.target.name),
    requires: [.network], nodesMin: 2, make: { PartitionFault(clock: .startingNow()) })
}

/// A way to divide a cluster: one entry of the table of partition targets.
struct PartitionShape: Sendable {
  var target: FaultTarget
  /// Whether a node that says it is primary comes first in the order.
  var primaryFirst = false
  /// Divides the nodes, which come in a random order.
  var divide: @Sendable ([String]) -> Division

  static let all = [
    PartitionShape(target: FaultTarget("halves", "a random minority (half of an even number) against the rest")) {
      .sides(of: $0, first: $0.count / 2)
    },
    PartitionShape(target: FaultTarget("isolate-one", "one random node against all others")) {
      .sides(of: $0, first: 1)
    },
    PartitionShape(
      target: FaultTarget(
        "isolate-primary", "a node that says it is primary against all others", requires: [.primaries]),
      primaryFirst: true
    ) { .sides(of: $0, first: 1) },
  ]

  static func named(_ name: String) -> PartitionShape? { all.first { $0.target.name == name } }
}

/// What a partition cuts.
struct Division: Sendable {
  /// For people: `n1 n2 | n3 n4 n5`.
  var groups: [[String]]
  /// Empty where so few nodes cannot be divided that way.
  var links: Set<Link>

  /// The first nodes against the others, in both directions.
  static func sides(of order: [String], first count: Int) -> Division {
    let (left, right) = (Array(order.prefix(count)), Array(order.dropFirst(count)))
    let pairs = left.flatMap { here in right.map { Link(from: here, to: $0) } }
    return Division(groups: [left, right], links: Set(pairs + pairs.map { Link(from: $0.to, to: $0.from) }))
  }
}

/// Cuts links and proves with the kernel's counters that packets were dropped on them.
actor PartitionFault: Fault {
  private let search: PrimarySearch
  /// What the last injection cut; empty when it is healed.
  private var links: Set<Link> = []

  init(clock: NemesisClock) { search = PrimarySearch(clock: clock) }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let network = cluster.network else { return .skipped(reason: Capability.network.absence) }
    guard let shape = PartitionShape.named(action.target) else {
      return .skipped(reason: "partition has no target `\(action.target)`")
    }
    var order = action.order
    if shape.primaryFirst {
      guard let found = try await search.primaryFirst(order, in: cluster) else {
        return .skipped(reason: search.failure)
      }
      order = found
    }
    let division = shape.divide(order)
    guard !division.links.isEmpty else { return .skipped(reason: "\(order.count) nodes cannot be divided that way") }
    do {
      _ = try await network.cut(division.links)
    } catch {
      // It may have failed after its work was done. Where this fails as well, the final heal comes back to it.
      _ = try? await network.cut([])
      throw error
    }
    links = division.links
    return .injected(targets: division.groups.map { words($0, in: cluster) }.joined(separator: " | "))
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let network = cluster.network else { throw FaultError(Capability.network.absence) }
    let drops = try await network.cut([])
    let healed = links
    links = []
    return dropEvidence(drops, on: healed)
  }

  func restore(in cluster: any ClusterControl) async throws {
    _ = try await cluster.network?.cut([])
    links = []
  }
}
