import Histories

/// The claim `recovers`: after the final heal every node becomes healthy and operations succeed again, in time.
public struct Recovers {
  /// What was seen between the final heal and the end of the recovery phase.
  public struct Observation: Sendable, Hashable {
    /// Nodes that never answered their ready probe as they should, each with the last answer.
    public var unhealthy: [String]
    public var okAfterHeal: Int
    /// Operations that were ok before the final heal.
    public var okBeforeHeal: Int
    /// Operations that ended in that time, whatever their outcome.
    public var endedAfterHeal: Int
    public var okWanted: Int
    /// Seconds from the final heal until both were reached, or until waiting ended.
    public var seconds: Double
    public var deadlineSeconds: Double

    public init(
      unhealthy: [String], okBeforeHeal: Int = .max, okAfterHeal: Int, endedAfterHeal: Int = .max, okWanted: Int,
      seconds: Double,
      deadlineSeconds: Double
    ) {
      self.unhealthy = unhealthy
      self.okBeforeHeal = okBeforeHeal
      self.okAfterHeal = okAfterHeal
      self.endedAfterHeal = endedAfterHeal
      self.okWanted = okWanted
      self.seconds = seconds
      self.deadlineSeconds = deadlineSeconds
    }

    /// So few operations were tried that they could not have been enough, and most of them were ok.
    var isTooSlowToTell: Bool { endedAfterHeal < okWanted && okAfterHeal * 2 > endedAfterHeal }

    public var recovered: Bool { unhealthy.isEmpty && okAfterHeal >= okWanted }
  }

  /// - Parameter observation: nil when the run ended before its final heal.
  public static func check(_ observation: Observation?) -> CheckResult {
    let algorithm = "ready probes and progress after the final heal"
    guard let observation else {
      return CheckResult(
        verdict: .unknown, algorithm: algorithm,
        reason:
          "the run did not reach its recovery phase: it was interrupted, ended at a violation, or the final heal failed"
      )
    }
    if observation.recovered { return CheckResult(verdict: .valid, algorithm: algorithm) }
    if observation.unhealthy.isEmpty, observation.okBeforeHeal == 0 {
      let reason = "no operation was ever ok, before the final heal or after it: does the plan understand its system?"
      return CheckResult(verdict: .unknown, algorithm: algorithm, reason: reason)
    }
    if observation.unhealthy.isEmpty, observation.isTooSlowToTell {
      let reason =
        "only \(observation.endedAfterHeal) operations ended within \(observation.deadlineSeconds) s of the final heal, "
        + "\(observation.okAfterHeal) of them ok: raise --rate or recovery"
      return CheckResult(verdict: .unknown, algorithm: algorithm, reason: reason)
    }
    return CheckResult(verdict: .invalid, algorithm: algorithm, findings: findings(observation))
  }

  private static func findings(_ observation: Observation) -> [Finding] {
    var findings: [Finding] = []
    let limit = "within \(observation.deadlineSeconds) s of the final heal"
    if !observation.unhealthy.isEmpty {
      findings.append(
        Finding(
          anomaly: "unhealthy", summary: "not healthy \(limit): \(observation.unhealthy.joined(separator: "; "))",
          operations: [], fingerprint: "unhealthy"))
    }
    if observation.okAfterHeal < observation.okWanted {
      findings.append(
        Finding(
          anomaly: "no-progress",
          summary: "only \(observation.okAfterHeal) of \(observation.okWanted) operations were ok \(limit)",
          operations: [], fingerprint: "no-progress"))
    }
    return findings
  }
}
