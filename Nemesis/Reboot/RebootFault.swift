import Clusters
import Histories

extension FaultPackage {
  /// Nodes die as their machines do, and come back on ones that have just been started: the monotonic clock and the one
  /// since boot begin anew.
  ///
  /// Whoever wrote a reading of the monotonic clock to its disk, or sent it to others, finds it hours in the future: leases
  /// that never end, time-outs that never come, timestamps that go back. Nothing is lost of what was written: for that
  /// there is `disk-lose-unsynced`.
  public static let reboot = FaultPackage(
    name: "reboot",
    summary:
      "kills the chosen nodes and starts them, when healed, with a monotonic clock as after a boot of the machine",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority", "primary"],
    parameters: [
      FaultParameter(
        "uptime", "what the monotonic clock shows at the start", .seconds, initial: .range(1, 60),
        limits: 0.001...1_000_000)
    ],
    requires: [.processes, .boots], nodesMin: 1, toll: NodeChoice.toll, make: { RebootFault(clock: .startingNow()) })
}

/// Kills nodes, starts them in time namespaces of their own, and proves with the kernel's word on both.
actor RebootFault: Fault {
  /// What holds for an action that has no `uptime`.
  static let uptimeSeconds = 10.0

  private let search: PrimarySearch
  /// By node that the last injection killed and that is not healed yet.
  private var killed: [String: [ProcessEnd]] = [:]
  /// What their clocks showed before.
  private var before: [String: Int64] = [:]

  init(clock: NemesisClock) { search = PrimarySearch(clock: clock) }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let processes = cluster.processes else { return .skipped(reason: Capability.processes.absence) }
    guard let boots = cluster.boots else { return .skipped(reason: Capability.boots.absence) }
    let uptime = Int64((action.number("uptime") ?? Self.uptimeSeconds) * 1e9)
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let targets):
      // A task of its own: a cancelled run must not leave some of them killed and none remembered.
      try await Task { try await end(targets, uptime, boots, processes) }.value
      return .injected(targets: words(targets, in: cluster))
    }
  }

  private func end(
    _ nodes: [String], _ uptime: Int64, _ boots: any BootControl, _ processes: any ProcessControl
  ) async throws {
    for node in nodes { before[node] = try boots.uptime(node) }
    // Whoever starts one of them from now on starts it after the boot.
    for node in nodes { try boots.boot(node, uptimeNanoseconds: uptime) }
    killed.merge(try await killTogether(nodes, processes)) { $1 }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let processes = cluster.processes else { throw FaultError(Capability.processes.absence) }
    let ends = killed
    try await startThoseDown(ends.keys.sorted(), processes)
    let deaths = try deaths(ends, processes, in: cluster)
    let evidence = rebootEvidence(
      try deaths.map { death in
        Reboot(death: death, uptimeBefore: before[death.node], uptimeAfter: try cluster.boots?.uptime(death.node))
      })
    forget()
    return evidence
  }

  func restore(in cluster: any ClusterControl) async throws {
    guard let processes = cluster.processes else { return }
    let down = try cluster.nodes.map(\.name).filter { try killed[$0] != nil || processes.state($0).hasEnded }
    try await startThoseDown(down, processes)
    forget()
  }

  private func forget() {
    killed = [:]
    before = [:]
  }
}
