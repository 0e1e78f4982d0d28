import Clusters
import Histories

/// What one packet fault is: what it does with the packets, and what proves it.
struct PacketRecipe: Sendable {
  var change: @Sendable (FaultAction) -> PacketChange
  /// What the kernel's count says: `packets delayed`.
  var counted: String
  /// What something that does not know of the rule must have seen besides; nil: it has not.
  var witness: @Sendable (PacketEffects, PacketChange) -> String?
}

extension FaultPackage {
  /// A package of the family: they differ in name, measures and proof.
  static func packets(
    _ name: String, _ summary: String, parameters: [FaultParameter], _ recipe: PacketRecipe
  ) -> FaultPackage {
    FaultPackage(
      name: name, summary: summary, targets: PacketTargets.all, defaultTargets: PacketTargets.defaults,
      parameters: parameters + [PacketTargets.direction, PacketTargets.clients, PacketTargets.seed],
      requires: [.packets], nodesMin: 2,
      make: { PacketFault(recipe: recipe, clock: .startingNow()) })
  }
}

/// Has a rule imposed on links, and proves with the kernel's counters and with a witness that packets met it.
actor PacketFault: Fault {
  private let recipe: PacketRecipe
  private let search: PrimarySearch
  /// What the last injection imposed; nil when it is healed.
  private var rule: PacketRule?

  init(recipe: PacketRecipe, clock: NemesisClock) {
    self.recipe = recipe
    search = PrimarySearch(clock: clock)
  }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let packets = cluster.packets else { return .skipped(reason: Capability.packets.absence) }
    switch try await PacketTargets.choose(action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .chosen(let nodes, let links):
      let rule = PacketRule(recipe.change(action), on: links, seed: UInt64(action.number(PacketTargets.seed.name) ?? 0))
      // A task of its own: a cancelled run must not leave a rule that nobody remembers.
      try await Task {
        do {
          try await packets.impose(rule)
        } catch {
          // It may have failed after its work was done. Where this fails as well, the final heal comes back to it.
          _ = try? await packets.lift(rule.change.kind)
          throw error
        }
      }.value
      self.rule = rule
      return .injected(targets: words(nodes, in: cluster))
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let packets = cluster.packets else { throw FaultError(Capability.packets.absence) }
    guard let rule else { return FaultEvidence(took: false, summary: "no rule was in force", detail: .null) }
    let effects = try await Task { try await packets.lift(rule.change.kind) }.value
    self.rule = nil
    return packetEvidence(effects, of: rule, recipe)
  }

  func restore(in cluster: any ClusterControl) async throws {
    // The kind is the same for every action of the package.
    let kind = recipe.change(FaultAction(id: 0, fault: "", target: "", at: 0, hold: 0, order: [])).kind
    _ = try await Task { try await cluster.packets?.lift(kind) }.value
    rule = nil
  }
}
