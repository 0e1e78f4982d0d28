import RaftKV

/// Proof that the invariants bite: ways to break the simulated disk, on which the protocol relies.
public enum Canary: String, CaseIterable, Sendable {
  /// The disk confirms at once and writes later; a crash loses what it confirmed.
  case lyingDisk = "lying-disk"
  /// A restarted server remembers its log, but neither its term nor its vote.
  case forgottenTerm = "forgotten-term"
}

/// Everything that shapes one simulated cluster besides its seed. Times are simulated nanoseconds.
public struct SimulationOptions: Sendable {
  public var nodes = 5
  public var clients = 4
  public var keys = 3
  public var bug: RaftBug?
  public var canary: Canary?
  /// Faults strike during this time; then everything heals.
  public var faultTime: Nanoseconds = 3_500_000_000
  /// After the heal, all servers must have the same log within this time, while clients go on for the first half of it.
  public var recoveryTime: Nanoseconds = 3_000_000_000
  /// How often the shell of a server lets it look at the time.
  public var tickInterval: Nanoseconds = 10_000_000
  /// A client gives up on an answer after this time.
  public var clientTimeout: Nanoseconds = 1_500_000_000
  /// Whether each message travels as bytes, to test the codec along the way.
  public var encodesMessages = false

  public init() {}
}

let microsecond: Nanoseconds = 1_000
let millisecond: Nanoseconds = 1_000_000
