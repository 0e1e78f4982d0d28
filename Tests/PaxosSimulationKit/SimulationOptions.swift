import PaxosLog

/// Proof that the invariants bite: ways to break what safety rests on.
public enum Canary: String, CaseIterable, Sendable {
  /// The disk confirms at once and writes later; a crash loses what it confirmed.
  case lyingDisk = "lying-disk"
  /// A restarted node remembers what it accepted, but not what it promised.
  case forgottenPromise = "forgotten-promise"
}

/// Everything that shapes one simulated cluster besides its seed. Times are simulated nanoseconds.
public struct SimulationOptions: Sendable {
  public var nodes = 5
  public var clients = 10
  /// How many logs, and how many registers.
  public var names = 2
  public var bug: PaxosBug?
  public var canary: Canary?
  /// Faults strike during this time; then everything heals.
  public var faultTime: Nanoseconds = 3_500_000_000
  /// After the heal, all nodes must have the same log within this time, while clients go on for the first half of it.
  public var recoveryTime: Nanoseconds = 3_000_000_000
  /// How often the shell of a node lets it look at the time.
  public var tickInterval: Nanoseconds = 10_000_000
  /// A client gives up on an answer after this time.
  public var clientTimeout: Nanoseconds = 1_200_000_000
  /// How often, in percent, a node that becomes leader crashes within ``newLeaderLifeMax``.
  public var newLeaderCrashPercent = 0
  /// Whether only what can be seen from outside is checked: answers to clients, states of nodes, and recovery.
  public var isBlackBox = false
  /// Slots between snapshots; small, so that they are part of every seed.
  public var snapshotInterval: Slot = 40
  /// Slots that stay in the log behind a snapshot.
  public var logTailSlots: Slot = 10
  /// Whether each message and each record travels as bytes, to test the codecs along the way.
  public var encodes = false

  public init() {}
}

/// A new leader that is to crash does so within this time: a few message delays.
let newLeaderLifeMax: Nanoseconds = 6 * millisecond

let microsecond: Nanoseconds = 1_000
let millisecond: Nanoseconds = 1_000_000
