import Clusters
import Histories

extension FaultPackage {
  /// The network falls apart: nodes of one side cannot reach nodes of the other.
  ///
  /// Among the default targets are those that divide the nodes' opinions on who is alive: each side may be right.
  public static let partition = FaultPackage(
    name: "partition",
    summary: "cuts the network between groups of nodes, or between nodes and clients; established connections stall",
    targets: PartitionShape.all.map(\.target),
    defaultTargets: [
      "halves", "isolate-one", "isolate-primary", "majorities-ring", "bridge", "one-way-in", "one-way-out",
    ],
    parameters: [
      FaultParameter(
        "period", "of flapping: from one cut to the next; each lasts for half of it", .seconds,
        initial: .range(0.2, 1), limits: 0.02...60)
    ],
    requires: [.network], nodesMin: 2, toll: PartitionShape.toll, make: { PartitionFault(clock: .startingNow()) })
}

/// Cuts links and proves with the kernel's counters that packets were dropped on them.
actor PartitionFault: Fault {
  /// What holds for an action that has no `period`.
  static let periodSeconds = 0.5

  private let search: PrimarySearch
  /// What the last injection cut; empty when it is healed.
  private var links: Set<Link> = []
  /// Heals and cuts them all the time, where that was asked for.
  private var flapping: Task<Flapping.Record, Never>?
  /// What it did, until healing is complete.
  private var flapped: Flapping.Record?

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
    var asked = action
    asked.order = order
    let division = shape.division(of: asked)
    guard !division.links.isEmpty else { return .skipped(reason: "\(order.count) nodes cannot be divided that way") }
    do {
      _ = try await network.cut(division.links)
    } catch {
      // It may have failed after its work was done. Where this fails as well, the final heal comes back to it.
      _ = try? await network.cut([])
      throw error
    }
    links = division.links
    if shape.flaps { flap(action, network) }
    return .injected(targets: division.words(in: cluster))
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let network = cluster.network else { throw FaultError(Capability.network.absence) }
    await endFlapping()
    let drops = try await network.cut([])
    defer { (links, flapped) = ([], nil) }
    return dropEvidence(drops, on: links, flapped)
  }

  func restore(in cluster: any ClusterControl) async throws {
    await endFlapping()
    _ = try await cluster.network?.cut([])
    (links, flapped) = ([], nil)
  }

  private func flap(_ action: FaultAction, _ network: any NetworkControl) {
    let period = action.number("period") ?? Self.periodSeconds
    let flapping = Flapping(
      links: links, network: network, clock: search.clock, periodNanoseconds: Int64(period * 1e9))
    self.flapping = Task { await flapping.run() }
  }

  private func endFlapping() async {
    guard let flapping else { return }
    flapping.cancel()
    flapped = await flapping.value
    self.flapping = nil
  }
}
