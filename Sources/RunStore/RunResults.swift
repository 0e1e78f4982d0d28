import Histories

/// What a run found out: `results.json`, the interface for every program that reads results (schema 1).
///
/// Later versions only add fields. Docs/results.md describes each.
public struct RunResults: Codable, Sendable, Hashable {
  public var schema = 1
  /// All claims and minimums together.
  public var verdict: Verdict
  /// The exit code of the run (DESIGN 3).
  public var exit: Int32
  public var seed: UInt64
  /// The plan's name.
  public var plan: String
  /// The system's name.
  public var system: String
  /// Of Faultline and of what it drove, by name.
  public var versions: [String: String]
  /// UTC, ISO 8601.
  public var started: String
  /// Seconds from the first operation to the last event.
  public var duration: Double
  /// Seconds of each phase: setup, load, recovery, final, checking.
  public var phases: [String: Double]
  /// The command that repeats the run.
  public var reproduce: String
  public var claims: [ClaimOutcome]
  public var vitals: Value
  public var faults: [FaultRecord]
  public var minimums: [Minimum]
  /// What a reader must know and no other field says: skipped faults, truncated lists.
  public var notices: [String]
  /// One for each claim that was checked while the run went on; nil in results of versions that could not.
  public var online: [OnlineRecord]?
  /// When a violation ended the load (`--fail-fast`), in nanoseconds since the run's start; nil where none did.
  public var stoppedAt: Int64?
  /// Of the system (`--set`), by name; nil in results of versions that did not say.
  public var parameters: [String: Value]?
  /// The named bug that the system was told to have; nil where there was none.
  public var bug: String?

  public init(
    verdict: Verdict, exit: Int32, seed: UInt64, plan: String, system: String, versions: [String: String],
    started: String, duration: Double, phases: [String: Double], reproduce: String, claims: [ClaimOutcome],
    vitals: Value, faults: [FaultRecord], minimums: [Minimum], notices: [String], online: [OnlineRecord]? = nil,
    stoppedAt: Int64? = nil, parameters: [String: Value]? = nil, bug: String? = nil
  ) {
    self.verdict = verdict
    self.exit = exit
    self.seed = seed
    self.plan = plan
    self.system = system
    self.versions = versions
    self.started = started
    self.duration = duration
    self.phases = phases
    self.reproduce = reproduce
    self.claims = claims
    self.vitals = vitals
    self.faults = faults
    self.minimums = minimums
    self.notices = notices
    self.online = online
    self.stoppedAt = stoppedAt
    self.parameters = parameters
    self.bug = bug
  }
}

/// One claim of the plan with its verdict.
public struct ClaimOutcome: Codable, Sendable, Hashable {
  /// Whether the claim's verdict is the one that the plan expects.
  public enum Outcome: String, Codable, Sendable, Hashable {
    case met
    case missed
    /// The verdict is neither what was expected nor its opposite: unknown or error.
    case undecided
  }

  public var claim: String
  public var checker: String
  public var algorithm: String
  public var verdict: Verdict
  public var expect: Verdict
  public var outcome: Outcome
  /// Time the checker took.
  public var seconds: Double
  /// Why the verdict is unknown or error.
  public var reason: String?
  public var findings: [Finding]
  /// File names in `counterexamples/`, in the order of `findings`.
  public var counterexamples: [String]
  /// Of a claim about transactions: every level, and what breaks some; nil of other claims.
  public var isolation: IsolationEvidence?

  public init(
    claim: String, checker: String, algorithm: String, verdict: Verdict, expect: Verdict, outcome: Outcome,
    seconds: Double, reason: String?, findings: [Finding], counterexamples: [String],
    isolation: IsolationEvidence? = nil
  ) {
    self.isolation = isolation
    self.claim = claim
    self.checker = checker
    self.algorithm = algorithm
    self.verdict = verdict
    self.expect = expect
    self.outcome = outcome
    self.seconds = seconds
    self.reason = reason
    self.findings = findings
    self.counterexamples = counterexamples
  }
}

/// One injection of a fault.
public struct FaultRecord: Codable, Sendable, Hashable {
  /// The action's number in `schedule.json`.
  public var id: Int
  /// The fault package: `partition`, `kill`, …
  public var fault: String
  /// The kind of target chosen: `halves`, `one`, …
  public var target: String
  /// What it was told, ranges drawn: a number or a text by the parameter's name. Nil where the fault has no parameters.
  public var parameters: [String: Value]?
  /// In words: `n1 n2 | n3 n4 n5`.
  public var targets: String
  /// Nanoseconds since the run's start; nil when it was never injected.
  public var from: Int64?
  /// Nil when it was never healed.
  public var to: Int64?
  public var evidence: FaultEvidence?
  /// Why it was not injected.
  public var skipped: String?
  /// Client operations invoked while it lasted.
  public var invocations: Int

  public init(
    id: Int, fault: String, target: String, parameters: [String: Value]? = nil, targets: String, from: Int64?,
    to: Int64?, evidence: FaultEvidence?, skipped: String?, invocations: Int
  ) {
    self.id = id
    self.fault = fault
    self.target = target
    self.parameters = parameters
    self.targets = targets
    self.from = from
    self.to = to
    self.evidence = evidence
    self.skipped = skipped
    self.invocations = invocations
  }
}

/// An anti-vacuity minimum that the run had to reach (DESIGN 3).
public struct Minimum: Codable, Sendable, Hashable {
  /// `ok{f=read}`, `evidence{fault=kill}`, `invocations{fault=kill}`, `ok-after-heal`; `run-ended` where a killed
  /// run is checked.
  public var name: String
  public var wanted: Int
  public var got: Int
  /// What is missing and what to do about it, when it was missed.
  public var hint: String?

  public var reached: Bool { got >= wanted }

  public init(name: String, wanted: Int, got: Int, hint: String? = nil) {
    self.name = name
    self.wanted = wanted
    self.got = got
    self.hint = hint
  }
}
