import Checkers
import Generators
import Histories

/// A kind of load with the claims that its histories can prove or break: one entry of the catalogue.
public struct Workload: Sendable {
  /// As plans and the command line name it.
  public var name: String
  /// One line for tables.
  public var summary: String
  /// What the system's description must say how to do.
  public var operations: [WorkloadOperation]
  /// What a plan may set.
  public var parameters: [Parameter]
  /// Ids of the claims (DESIGN 3) that it can check.
  public var claims: [String]
  /// Those of them that are checked where the plan names none.
  public var defaultClaims: [String]
  /// Whether operations are `[key, value]` on many independent objects: how the run's `History` must be made.
  public var keyed: Bool
  /// Throws `WorkloadError` when the settings are not as `parameters` describe them.
  public var build: @Sendable (WorkloadSettings) throws -> WorkloadInstance

  public init(
    name: String, summary: String, operations: [WorkloadOperation], parameters: [Parameter], claims: [String],
    defaultClaims: [String], keyed: Bool, build: @escaping @Sendable (WorkloadSettings) throws -> WorkloadInstance
  ) {
    self.name = name
    self.summary = summary
    self.operations = operations
    self.parameters = parameters
    self.claims = claims
    self.defaultClaims = defaultClaims
    self.keyed = keyed
    self.build = build
  }

  /// The checks of its claims, for a history that is there already: parameters alone decide how they judge, not who made
  /// the load.
  ///
  /// - Parameter parameters: complete and validated.
  /// - Throws: as `build`.
  public func checks(_ parameters: [String: Value]) throws -> [ClaimCheck] {
    try build(WorkloadSettings(parameters: parameters, threads: 1, streams: RandomStreams(seed: 0), nodes: ["n1"]))
      .checks
  }

  /// The claim as results have it, if the workload can check it: isolation levels have other names too, as `SSER`.
  public func claim(named name: String) -> String? {
    if claims.contains(name) { return name }
    let level = (try? IsolationLevel(claim: name))?.rawValue
    return level.flatMap { claims.contains($0) ? $0 : nil }
  }
}

/// A function that a workload invokes.
public struct WorkloadOperation: Hashable, Sendable {
  /// The event's `f`.
  public var name: String
  /// What its invocation and its completion hold, for tables: `[k, null] → [k, v]`.
  public var values: String
  /// Whether it changes nothing: then an unknown outcome may be recorded as `fail`.
  public var readOnly: Bool
  /// Whether a system may do without it: then it has no share in the workload's parameter `mix`.
  public var isOptional: Bool

  public init(_ name: String, _ values: String, readOnly: Bool = false, isOptional: Bool = false) {
    self.name = name
    self.values = values
    self.readOnly = readOnly
    self.isOptional = isOptional
  }
}

/// A workload made ready for one run.
public struct WorkloadInstance: Sendable {
  /// The load: without end, for the client threads alone. The run adds rate, time limit and the nemesis.
  public var generator: any Generator
  /// What to do after recovery, made from the history so far: every run ends by looking at what is left. nil: nothing.
  public var finalGenerator: (@Sendable (History) -> any Generator)?
  /// One for each claim that the workload can check.
  public var checks: [ClaimCheck]

  public init(
    generator: any Generator, finalGenerator: (@Sendable (History) -> any Generator)? = nil, checks: [ClaimCheck]
  ) {
    self.generator = generator
    self.finalGenerator = finalGenerator
    self.checks = checks
  }
}

/// How a claim is checked on a history of the workload.
public struct ClaimCheck: Sendable {
  /// The claim's id (DESIGN 3).
  public var claim: String
  /// The checker's name in `results.json`.
  public var checker: String
  public var run: @Sendable (History, CheckBudget) -> CheckResult
  /// How one object of a history is decided while the run goes on; nil: the claim is checked at the end only.
  public var online: OnlineDecider?

  public init(
    claim: String, checker: String, online: OnlineDecider? = nil,
    run: @escaping @Sendable (History, CheckBudget) -> CheckResult
  ) {
    self.claim = claim
    self.checker = checker
    self.online = online
    self.run = run
  }
}
