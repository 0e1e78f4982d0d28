/// How a run was asked for: `invocation.json`. With `plan.yaml` beside it, what its plan is made of again.
public struct Invocation: Codable, Sendable, Hashable {
  /// Of the file format; later versions only add fields.
  public var schema = 1
  /// The plan's file as it was named, or `raft-kv.yaml (bundled)`.
  public var file: String
  /// What the plan's relative file names start from.
  public var directory: String
  /// As they were typed; the seed is filled in.
  public var overrides: PlanOverrides

  public init(of plan: Plan) {
    file = plan.source.file
    directory = plan.source.directory
    overrides = plan.overrides
    overrides.seed = "\(plan.seed)"
  }

  /// The plan once more.
  ///
  /// - Parameters:
  ///   - text: of the run's `plan.yaml`.
  ///   - time: another length of the load, as `--time` has it. The plan's faults need not fit into it: what is injected is
  ///     in a schedule.
  ///   - change: what else is to be otherwise than in the run.
  /// - Throws: where this version does not understand the plan, or the change does not fit it.
  public func plan(
    _ text: String, time: String? = nil, changed change: (inout PlanOverrides) -> Void = { _ in }
  ) throws(PlanProblems) -> Plan {
    var overrides = overrides
    change(&overrides)
    var plan = try PlanDecoder.decode(
      PlanSource(file: file, directory: directory, text: text), overrides: overrides, defaultSeed: 0)
    guard let time else { return plan }
    do {
      plan.durationSeconds = try Units.duration(time, max: PlanLimits.durationSecondsMax)
    } catch {
      throw PlanProblems([Diagnostic(.option("--time"), error.message)])
    }
    return plan
  }
}
