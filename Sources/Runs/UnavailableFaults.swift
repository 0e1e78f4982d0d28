import Clusters
import Nemesis
import Plans

/// The faults of a plan, parted by whether the cluster at hand allows them.
struct UnavailableFaults {
  /// Those that can be injected, with the targets that can be hit.
  private(set) var available: [FaultSettings] = []
  /// Why not the others, in sentences.
  private(set) var reasons: [String] = []

  init(_ faults: [FaultSettings], on cluster: Sandbox) {
    self.init(faults, on: cluster) { cluster.refusal($0).map { "\($0)" } }
  }

  /// - Parameter said: what the machine said when a capability was tried.
  init(
    _ faults: [FaultSettings], on cluster: any ClusterControl, packages: [FaultPackage] = FaultCatalogue.all,
    said: (Capability) -> String?
  ) {
    for settings in faults {
      guard let package = packages.first(where: { $0.name == settings.name }) else { continue }
      var possible = settings
      possible.targets = []
      for target in settings.targets {
        guard let reason = package.unavailability(target: target, in: cluster) else {
          possible.targets.append(target)
          continue
        }
        let detail = package.missing(target: target, in: cluster).flatMap(said)
        let sentence = "\(settings.name) (\(target)): \(detail ?? reason)"
        if !reasons.contains(sentence) { reasons.append(sentence) }
      }
      if !possible.targets.isEmpty { available.append(possible) }
    }
  }

  /// For whoever asked for them.
  var refusal: String {
    (["this machine cannot do what the plan asks for:"] + reasons.map { "  \($0)" }
      + ["--skip-unavailable runs without it; `faultline doctor` tells what this machine can do"])
      .joined(separator: "\n")
  }
}

extension Sandbox {
  /// What this machine said when the capability was tried; nil where it said nothing.
  fileprivate func refusal(_ capability: Capability) -> ClusterError? {
    switch capability {
    case .network: networkUnavailable
    case .packets: packetsUnavailable
    case .clocks: clocksUnavailable
    case .disks: disksUnavailable
    case .processes, .processors, .primaries, .membership, .versions, .boots: nil
    }
  }
}
