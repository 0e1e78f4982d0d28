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
