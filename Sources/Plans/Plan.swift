import Histories
import Nemesis
import Systems
import Workloads

/// Everything that a run needs to know: YAML files and the command line both build one of these, and nothing else.
public struct Plan: Sendable {
  public var name: String
  /// The plan as its author gave it, kept in the run directory.
  public var source: PlanSource
  public var system: SystemDescription
  /// Values of the system's parameters (`--set`), complete and validated.
  public var parameters: [String: Value]
  public var client: ClientDescription
  /// By function: as the workload is served, those that are described for it alone in place of general ones.
  public var operations: [String: OperationDescription]
  public var workload: WorkloadChoice
  public var faults: [FaultSettings]
  /// Whether faults that last at the same time must leave a majority of the nodes.
  public var keepsQuorum: Bool
  public var claims: [ClaimExpectation]
  /// The load phase, in seconds.
  public var durationSeconds: Double
  /// Client threads.
  public var concurrency: Int
  /// Operations a second over all threads; nil: as fast as the system answers.
  public var rate: Double?
  public var seed: UInt64
  public var minimums: Minimums
  /// Longest wait for every node to be healthy after the final heal, in seconds.
  public var recoverySeconds: Double
  public var online: OnlineSettings
  /// How bugs are planted; nil where the plan does not say.
  public var mutants: MutantsDescription?
  /// What the command line changed in the plan beyond what it says, in sentences.
  public var notices: [String]
  /// What the command line changed, as it was typed.
  public var overrides: PlanOverrides

  public init(
    name: String, source: PlanSource, system: SystemDescription, parameters: [String: Value],
    client: ClientDescription, operations: [String: OperationDescription], workload: WorkloadChoice,
    faults: [FaultSettings], keepsQuorum: Bool = false, claims: [ClaimExpectation], durationSeconds: Double,
    concurrency: Int, rate: Double?, seed: UInt64, minimums: Minimums, recoverySeconds: Double,
    online: OnlineSettings = OnlineSettings(),
    mutants: MutantsDescription? = nil, notices: [String] = [],
    overrides: PlanOverrides = PlanOverrides()
  ) {
    self.name = name
    self.source = source
    self.system = system
    self.parameters = parameters
    self.client = client
    self.operations = operations
    self.workload = workload
    self.faults = faults
    self.keepsQuorum = keepsQuorum
    self.claims = claims
    self.durationSeconds = durationSeconds
    self.concurrency = concurrency
    self.rate = rate
    self.seed = seed
    self.minimums = minimums
    self.recoverySeconds = recoverySeconds
    self.online = online
    self.mutants = mutants
    self.notices = notices
    self.overrides = overrides
  }
}

/// What is checked while a run goes on, and what becomes of the run when that finds a violation.
public struct OnlineSettings: Sendable, Hashable {
  /// Whether claims are checked while the run goes on, where their checkers can.
  public var isOn: Bool
  /// Whether the load ends at the first violation of a claim that is expected to hold.
  public var failFast: Bool
  /// How long the nodes are paused then for somebody to look at them, in seconds; nil: not at all.
  public var freezeSeconds: Double?

  public init(isOn: Bool = true, failFast: Bool = false, freezeSeconds: Double? = nil) {
    self.isOn = isOn
    self.failFast = failFast
    self.freezeSeconds = freezeSeconds
  }
}

/// Where a plan came from.
public struct PlanSource: Sendable, Hashable {
  /// The file, or `raft-kv.yaml (bundled)`: the file part of every diagnostic.
  public var file: String
  /// The folder that relative programs and files start from.
  public var directory: String
  public var text: String

  public init(file: String, directory: String, text: String) {
    self.file = file
    self.directory = directory
    self.text = text
  }
}

/// The workload with its validated parameters.
public struct WorkloadChoice: Sendable, Hashable {
  public var name: String
  public var parameters: [String: Value]

  public init(name: String, parameters: [String: Value]) {
    self.name = name
    self.parameters = parameters
  }

  /// How long replicas may take to catch up at the end, where the workload asks: its parameter `settle`.
  public var settleSeconds: Double {
    if case .double(let seconds)? = parameters["settle"] { seconds } else { 0 }
  }

  /// Whether operations of this kind are invoked: all but optional ones without a share.
  public func uses(_ operation: WorkloadOperation) -> Bool {
    !operation.isOptional || parameters["mix"]?.map?[operation.name] != .double(0)
  }
}

/// A claim and what the plan's author expects of it.
public struct ClaimExpectation: Sendable, Hashable {
  public var claim: String
  /// `valid` or `invalid`.
  public var expect: Verdict
  /// Line of the plan that names it, for annotations; nil where it is a default.
  public var line: Int?

  public init(claim: String, expect: Verdict, line: Int?) {
    self.claim = claim
    self.expect = expect
    self.line = line
  }
}

/// What a run must reach before it may call anything valid (DESIGN 3, anti-vacuity).
public struct Minimums: Sendable, Hashable {
  /// `ok` operations of every function of the workload.
  public var okPerFunction: Int
  /// Injections of every fault with evidence.
  public var evidencePerFault: Int
  /// Invocations inside at least one window of every fault.
  public var invocationsPerFault: Int
  /// `ok` operations after the final heal.
  public var okAfterHeal: Int
  /// Of each hundred completions of a function, those whose response a rule of the plan understood.
  public var understoodPercent: Int

  public init(
    okPerFunction: Int = 1, evidencePerFault: Int = 1, invocationsPerFault: Int = 10, okAfterHeal: Int = 10,
    understoodPercent: Int = 50
  ) {
    self.okPerFunction = okPerFunction
    self.evidencePerFault = evidencePerFault
    self.invocationsPerFault = invocationsPerFault
    self.okAfterHeal = okAfterHeal
    self.understoodPercent = understoodPercent
  }
}
