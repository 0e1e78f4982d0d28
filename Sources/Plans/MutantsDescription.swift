import Histories
import Nemesis
import Systems

/// How a system is told to get a protocol step wrong on purpose: the `mutants:` block of a plan.
public struct MutantsDescription: Sendable, Hashable {
  /// The parameter of the system whose choices name the bugs; its default names none.
  public var parameter: String
  /// By bug: the workload that can show it, where the plan's own cannot.
  public var workloads: [String: String]
  /// By bug: names of the faults, with their usual settings, that can show it, where the plan's own cannot.
  public var faults: [String: [String]]

  public init(parameter: String, workloads: [String: String] = [:], faults: [String: [String]] = [:]) {
    self.parameter = parameter
    self.workloads = workloads
    self.faults = faults
  }
}

extension Plan {
  /// The bug that the system is told to have; nil where there is none, and where the plan does not say what bugs are.
  public var bug: String? {
    guard let parameter = system.parameters.first(where: { $0.name == mutants?.parameter }),
      let chosen = parameters[parameter.name], chosen != parameter.defaultValue
    else { return nil }
    return chosen.string
  }

  /// That another workload, or other faults, are known to show the bug; nil where none are.
  public var misplacedBug: String? {
    guard let bug, let mutants else { return nil }
    if let other = mutants.workloads[bug], other != workload.name {
      return "bug '\(bug)' is shown by --workload \(other), not by \(workload.name)"
    }
    let present = Set(faults.map(\.name))
    guard let wanted = mutants.faults[bug], !present.isSuperset(of: wanted) else { return nil }
    return "bug '\(bug)' is shown by --faults \(wanted.joined(separator: ",")), not by the faults of this run"
  }
}
