import Clusters
import Histories
import Nemesis

/// What a scripted fault does, set from outside its actor.
final class FaultScript: Sendable {
  let injects: @Sendable (FaultAction) async throws -> Injection
  let heals: @Sendable () async throws -> FaultEvidence
  let restores: @Sendable () async throws -> Void

  init(
    injects: @escaping @Sendable (FaultAction) async throws -> Injection = { _ in .injected(targets: "x") },
    heals: @escaping @Sendable () async throws -> FaultEvidence = {
      FaultEvidence(took: true, summary: "", detail: nil)
    },
    restores: @escaping @Sendable () async throws -> Void = {}
  ) {
    self.injects = injects
    self.heals = heals
    self.restores = restores
  }

  /// A package of this script with the one target `any`.
  func package(_ name: String) -> FaultPackage {
    FaultPackage(
      name: name, summary: "scripted", targets: [FaultTarget("any", "any")], defaultTargets: ["any"], requires: [],
      nodesMin: 1, make: { ScriptedFault(script: self) })
  }
}

actor ScriptedFault: Fault {
  private let script: FaultScript

  init(script: FaultScript) { self.script = script }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    try await script.injects(action)
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence { try await script.heals() }

  func restore(in cluster: any ClusterControl) async throws { try await script.restores() }
}

/// A door that stays shut until a test opens it.
actor Gate {
  private var isOpen = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func pass() async {
    if isOpen { return }
    await withCheckedContinuation { waiting.append($0) }
  }

  func open() {
    isOpen = true
    for continuation in waiting { continuation.resume() }
    waiting = []
  }
}
