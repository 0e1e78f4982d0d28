import Clusters

extension ClusterControl {
  /// What this cluster can do, as far as faults ask for it.
  public var capabilities: Set<Capability> {
    var result: Set<Capability> = []
    if processes != nil { result.insert(.processes) }
    if network != nil { result.insert(.network) }
    if primaries != nil { result.insert(.primaries) }
    if membership != nil { result.insert(.membership) }
    if clocks != nil { result.insert(.clocks) }
    if versions?.versions.isEmpty == false { result.insert(.versions) }
    if boots != nil { result.insert(.boots) }
    if processors != nil { result.insert(.processors) }
    if packets != nil { result.insert(.packets) }
    if disks != nil { result.insert(.disks) }
    return result
  }
}

extension Capability {
  /// Why a fault that needs it cannot be injected.
  var absence: String {
    switch self {
    case .processes: "this kind of cluster cannot start and kill processes"
    case .network: "this kind of cluster cannot cut its network"
    case .primaries: "the system's description has no `primary` probe"
    case .membership: "the system's description has no `membership` requests"
    case .versions: "the system's description has no `versions`"
    case .boots: "the kernel has no time namespaces: that needs Linux 6.3 with CONFIG_TIME_NS"
    case .processors: "this kind of cluster cannot take processor time away from a node"
    case .clocks:
      "clocks of single processes cannot be set here: that needs an x86-64 processor, and a kernel that lets the memory of "
        + "processes be written (proc_mem.force_override=always on its command line)"
    case .packets:
      "packets cannot be queued here: that takes iptables, and a kernel with nfnetlink_queue and xt_NFQUEUE (`modprobe -a "
        + "nfnetlink_queue xt_NFQUEUE` as root)"
    case .disks:
      "no layer over the data directories: it needs /dev/fuse (sudo modprobe fuse) that this user may open "
        + "(sudo chmod 666 /dev/fuse, or run as root)"
    }
  }
}

extension FaultPackage {
  /// Why this fault cannot be injected with that target on that cluster; nil: it can.
  public func unavailability(target: String, in cluster: any ClusterControl) -> String? {
    guard let offered = targets.first(where: { $0.name == target }) else {
      let names = targets.map(\.name).joined(separator: ", ")
      return "\(name) has no target `\(target)`; it has \(names)"
    }
    if let missing = missing(target: target, in: cluster) { return missing.absence }
    let needed = max(nodesMin, offered.nodesMin)
    guard cluster.nodes.count >= needed else {
      let subject = offered.nodesMin > nodesMin ? "\(name) (\(target))" : name
      return "\(subject) needs at least \(needed) nodes; the cluster has \(cluster.nodes.count)"
    }
    return nil
  }

  /// The first capability that the fault lacks there; nil: it has all.
  public func missing(target: String, in cluster: any ClusterControl) -> Capability? {
    let capabilities = cluster.capabilities
    let needed = requires + (targets.first { $0.name == target }?.requires ?? [])
    return needed.first { !capabilities.contains($0) }
  }

  /// The settings of a plan that names this fault and nothing else, for a load phase of `durationSeconds`.
  ///
  /// A fifth of the load phase from one injection to the next, within 2.5…10 s, and half of it broken: even the 15 s of
  /// a first try see every package several times, and each healing gets the time that elections and TCP back-off need.
  public func defaultSettings(durationSeconds: Double) -> FaultSettings {
    let every = min(max(durationSeconds / 5, 2.5), 10)
    let targets = defaultTargets(every: every, hold: every / 2, durationSeconds: durationSeconds) { _ in true }
    return FaultSettings(name: name, targets: targets, every: every, hold: every / 2)
  }

  /// The first of the default targets that a cluster can have: as many as a run is sure to see, and `targetsMin`.
  ///
  /// Targets that a short run may see or not would take the place of those that are worth most.
  public func defaultTargets(
    every: Double, hold: Double, durationSeconds: Double, where isPossible: (FaultTarget) -> Bool
  ) -> [String] {
    // Offset, jitter and the quiet at the end at their largest: see `FaultSchedule.plan`.
    let tail = Double(FaultSchedule.tailNanoseconds) / 1e9
    let room = durationSeconds - tail - hold - every / 2 - max(0, min(every / 4, (every - hold) / 2))
    let injections = Int(min(max(0, room / every), 1_000)) + 1
    let possible = targets.filter { defaultTargets.contains($0.name) && isPossible($0) }.map(\.name)
    return Array(possible.prefix(max(Self.targetsMin, injections)))
  }

  /// Even the shortest run has so many default targets, and sees some of them.
  static let targetsMin = 4
}

/// The environment could not do what a fault asked of it.
public struct FaultError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and with which node.
  public let message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}
