import DynamoRing

/// Proof that the invariants bite: ways to break what safety rests on.
public enum Canary: String, CaseIterable, Sendable {
  /// The disk confirms at once and writes later; a crash loses what it confirmed.
  case lyingDisk = "lying-disk"
}

/// Everything that shapes one simulated cluster besides its seed. Times are simulated nanoseconds.
public struct SimulationOptions: Sendable {
  public var nodes = 5
  public var clients = 12
  /// How many keys of each type are in use at one time.
  public var names = 2
  /// After this time other keys are used, so that what went wrong with a key is not healed by its next updates.
  public var namesLife: Nanoseconds = 500 * millisecond
  public var bug: DynamoBug?
  public var canary: Canary?
  /// Faults strike during this time; then everything heals.
  public var faultTime: Nanoseconds = 3_000 * millisecond
  /// After the heal, all replicas of each key must be equal within this time, while clients go on for a tenth of it.
  public var recoveryTime: Nanoseconds = 4_000 * millisecond
  /// How often the shell of a node lets it look at the time.
  public var tickInterval: Nanoseconds = 10 * millisecond
  /// A client gives up on an answer after this time.
  public var clientTimeout: Nanoseconds = 800 * millisecond
  /// Whether each message and each record travels as bytes, to test the codecs along the way.
  public var encodes = false

  public init() {}

  /// The configuration of a node: seeds with even numbers have sloppy quorums; most have (N, R, W) = (3, 2, 2).
  func configuration(of node: NodeID, seed: UInt64, life: Int) -> Configuration {
    var configuration = Configuration(id: node, members: (1...nodes).map { NodeID($0) })
    configuration.seed = seed &+ UInt64(life) << 32
    configuration.bug = bug
    configuration.virtualNodes = 4
    configuration.isSloppy = seed.isMultiple(of: 2)
    (configuration.readQuorum, configuration.writeQuorum) = quorums(seed)
    configuration.requestTimeout = 400 * millisecond
    configuration.gossipInterval = 30 * millisecond
    configuration.antiEntropyInterval = 60 * millisecond
    configuration.snapshotBytes = 4_000
    configuration.limits.wholeBatchBytesMax = seed % 8 < 2 ? 500 : 64 << 20
    configuration.limits.handoffsInFlightMax = 4
    return configuration
  }

  private func quorums(_ seed: UInt64) -> (read: Int, write: Int) {
    guard nodes >= 3 else { return (1, nodes) }
    return switch seed / 2 % 8 {
    case 0: (1, 1)
    case 1: (1, 3)
    case 2: (3, 1)
    default: (2, 2)
    }
  }
}

let microsecond: Nanoseconds = 1_000
let millisecond: Nanoseconds = 1_000_000
