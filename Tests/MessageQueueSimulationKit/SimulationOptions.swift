import MessageQueue

/// Proof that the invariants bite: ways to break what safety rests on.
public enum Canary: String, CaseIterable, Sendable {
  /// The disk confirms at once and writes later; a crash loses what it confirmed.
  case lyingDisk = "lying-disk"
  /// A restarted node has its logs, but not its registers.
  case forgottenRegister = "forgotten-register"
}

/// Everything that shapes one simulated cluster besides its seed. Times are simulated nanoseconds.
public struct SimulationOptions: Sendable {
  public var nodes = 5
  public var clients = 10
  public var bug: MessageQueueBug?
  public var canary: Canary?
  /// Faults strike during this time; then everything heals.
  public var faultTime: Nanoseconds = 3_500_000_000
  /// After the heal, all replicas must have the same logs within this time, while clients go on for the first half of it.
  public var recoveryTime: Nanoseconds = 3_000_000_000
  /// How often the shell of a node lets it look at the time.
  public var tickInterval: Nanoseconds = 10_000_000
  /// A client gives up on an answer after this time.
  public var clientTimeout: Nanoseconds = 700_000_000
  /// The size of the log on disk at which a snapshot is taken; small, so that they are part of every seed.
  public var snapshotBytes = 20_000
  /// Whether each message and each record travels as bytes, to test the codecs along the way.
  public var encodes = false

  public init() {}
}

let microsecond: Nanoseconds = 1_000
let millisecond: Nanoseconds = 1_000_000

/// The one topic, which has ``partitionCount`` partitions, the one queue, and the one group of consumers.
let topic = Bytes("t".utf8)
let queue = PartitionID(.queue, Bytes("q".utf8))
let group = Bytes("g".utf8)
let partitionCount: UInt32 = 3
/// How long messages are lent, by the clock of the queue's leader.
let visibility: Nanoseconds = 250 * millisecond
/// A message is dead after so many deliveries.
let deliveriesMax: UInt32 = 3
