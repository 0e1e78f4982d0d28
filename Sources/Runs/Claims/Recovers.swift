import Histories

/// The claim `recovers`: after the final heal every node becomes healthy and operations succeed again, in time.
public struct Recovers {
  /// What was seen between the final heal and the end of the recovery phase.
  public struct Observation: Sendable, Hashable {
    /// Nodes that never answered their ready probe as they should, each with the last answer.
    public var unhealthy: [String]
    public var okAfterHeal: Int
    public var okWanted: Int
    /// Seconds from the final heal until both were reached, or until waiting ended.
    public var seconds: Double
    public var deadlineSeconds: Double

    public init(unhealthy: [String], okAfterHeal: Int, okWanted: Int, seconds: Double, deadlineSeconds: Double) {
      self.unhealthy = unhealthy
      self.okAfterHeal = okAfterHeal
      self.okWanted = okWanted
      self.seconds = seconds
      self.deadlineSeconds = deadlineSeconds
    }

    public var recovered: Bool { unhealthy.isEmpty && okAfterHeal >= okWanted }
  }

  /// - Parameter observation: nil when the run ended before its final heal.
  public static func check(_ observation: Observation?) -> CheckResult {
    let algorithm = "ready probes and progress after the final heal"
    guard let observation else {
      return CheckResult(verdict: .unknown, algorithm: algorithm, reason: "the run ended before the final heal")
    }
    if observation.recovered { return CheckResult(verdict: .valid, algorithm: algorithm) }
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
