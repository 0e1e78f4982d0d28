import Clusters
import Generators
import Histories

/// One injection that the schedule asks for: every random choice of the nemesis is in it, and in `schedule.json`.
public struct FaultAction: Codable, Sendable, Hashable {
  /// Position in the schedule.
  public var id: Int
  /// The package's name.
  public var fault: String
  /// The kind of target: `halves`, `one`, …
  public var target: String
  /// When to inject, in nanoseconds since the run's start.
  public var at: Int64
  /// How long until it is healed, in nanoseconds.
  public var hold: Int64
  /// All nodes in a random order: a target kind takes the first, the first half, … of it.
  public var order: [String]
  /// Every parameter of the package by its name, ranges drawn: numbers and texts only.
  public var parameters: [String: FaultArgument]

  public init(
    id: Int, fault: String, target: String, at: Int64, hold: Int64, order: [String],
    parameters: [String: FaultArgument] = [:]
  ) {
    self.id = id
    self.fault = fault
    self.target = target
    self.at = at
    self.hold = hold
    self.order = order
    self.parameters = parameters
  }

  /// Schedules from before faults had parameters lack them.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    id = try fields.decode(Int.self, forKey: .id)
    fault = try fields.decode(String.self, forKey: .fault)
    target = try fields.decode(String.self, forKey: .target)
    at = try fields.decode(Int64.self, forKey: .at)
    hold = try fields.decode(Int64.self, forKey: .hold)
    order = try fields.decode([String].self, forKey: .order)
    parameters = try fields.decodeIfPresent([String: FaultArgument].self, forKey: .parameters) ?? [:]
  }
}

/// What an injection did.
public enum Injection: Sendable, Hashable {
  /// In words for the history, the report and the terminal: `n1 n2 | n3 n4 n5`.
  case injected(targets: String)
  /// Not done, and why: `no node says it is primary`.
  case skipped(reason: String)
}

/// A fault at work on one cluster, stateful from injection to healing. One at a time of each package is active.
public protocol Fault: Actor {
  /// Breaks something. Throws only when the environment fails; then nothing stays broken.
  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection
  /// Undoes the last injection and says what proves that it took effect.
  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence
  /// Undoes whatever this package may have left broken, injected or not: the final heal. Idempotent.
  func restore(in cluster: any ClusterControl) async throws
}

/// A kind of target that a fault package offers.
public struct FaultTarget: Sendable, Hashable {
  public var name: String
  public var summary: String
  /// Capabilities that this target needs beyond its package's.
  public var requires: [Capability]
  /// Fewest nodes for this target to be anything, where it needs more than its package.
  public var nodesMin: Int

  public init(_ name: String, _ summary: String, requires: [Capability] = [], nodesMin: Int = 1) {
    self.name = name
    self.summary = summary
    self.requires = requires
    self.nodesMin = nodesMin
  }
}

/// What a fault needs of the cluster.
public enum Capability: String, Sendable, Hashable, CaseIterable {
  case processes
  case network
  case primaries
  case membership
  case clocks
  case versions
  case boots
  case processors
  case packets
  case disks
}

/// A fault package: all that the schedule, the run, the report and `faultline list faults` need to know of one fault.
public struct FaultPackage: Sendable {
  public var name: String
  /// One sentence for `list faults`.
  public var summary: String
  /// In order of preference; a plan that names none gets `defaultTargets`, or the first of them: a short run.
  public var targets: [FaultTarget]
  public var defaultTargets: [String]
  /// What a plan may choose besides targets and times, in order of importance.
  public var parameters: [FaultParameter]
  /// Capabilities that every target needs; without them the fault is skipped visibly.
  public var requires: [Capability]
  /// Fewest nodes for the fault to make sense.
  public var nodesMin: Int
  /// Whether healing needs the system's help: the final heal then undoes the other faults first.
  public var healsLast: Bool
  /// What an action of this package takes from a cluster's majority: for schedules that must leave one.
  public var toll: @Sendable (FaultAction) -> QuorumToll
  public var make: @Sendable () -> any Fault

  public init(
    name: String, summary: String, targets: [FaultTarget], defaultTargets: [String],
    parameters: [FaultParameter] = [], requires: [Capability], nodesMin: Int, healsLast: Bool = false,
    toll: @escaping @Sendable (FaultAction) -> QuorumToll = { _ in .none }, make: @escaping @Sendable () -> any Fault
  ) {
    self.name = name
    self.summary = summary
    self.targets = targets
    self.defaultTargets = defaultTargets
    self.parameters = parameters
    self.requires = requires
    self.nodesMin = nodesMin
    self.healsLast = healsLast
    self.toll = toll
    self.make = make
  }
}

/// A fault as a plan asks for it.
public struct FaultSettings: Codable, Sendable, Hashable {
  public var name: String
  public var targets: [String]
  /// Seconds from one injection to the next.
  public var every: Double
  /// Seconds from injection to healing; less than `every`.
  public var hold: Double
  /// When the phase of the run begins in which it is injected, in seconds of the load phase.
  public var from: Double
  /// When that phase ends, and everything is healed, in seconds; nil: with the load phase.
  public var until: Double?
  /// Parameters by name; those that are not there have their initial values.
  public var arguments: [String: FaultArgument]

  public init(
    name: String, targets: [String], every: Double, hold: Double, from: Double = 0, until: Double? = nil,
    arguments: [String: FaultArgument] = [:]
  ) {
    self.name = name
    self.targets = targets
    self.every = every
    self.hold = hold
    self.from = from
    self.until = until
    self.arguments = arguments
  }
}
