import DynamoRing
import SimulationKit

/// What shapes a simulated cluster of dynamo-ring besides its seed.
public struct DynamoOptions: SimulationOptions {
  public var cluster = ClusterOptions()
  public var bug: DynamoBug?
  public var canary: Canary?
  /// How many keys of each type are in use at one time.
  public var names = 2
  /// After this time other keys are used, so that what went wrong with a key is not healed by its next updates.
  public var namesLife: Nanoseconds = 500 * millisecond

  public init() {
    cluster.clients = 12
    cluster.clientTimeout = 800 * millisecond
    cluster.faultTime = 3_000 * millisecond
    // All replicas of a key must be equal in the end, which needs several rounds of anti-entropy without updates.
    cluster.recoveryTime = 4_000 * millisecond
    cluster.closingTime = 400 * millisecond
    cluster.progressMin = 100
  }

  public enum Canary: String, SimulationCanary {
    case lyingDisk = "lying-disk"
  }

  /// The configuration of a node: seeds with even numbers have sloppy quorums; most have (N, R, W) = (3, 2, 2).
  func configuration(of node: Int, in cluster: SimulatedCluster<DynamoSimulation>) -> Configuration {
    let seed = cluster.seed
    var configuration = Configuration(id: cluster.nodes[node].id, members: cluster.nodes.map(\.id))
    configuration.seed = cluster.coreSeed(of: node)
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
    guard nodeCount >= 3 else { return (1, nodeCount) }
    return switch seed / 2 % 8 {
    case 0: (1, 1)
    case 1: (1, 3)
    case 2: (3, 1)
    default: (2, 2)
    }
  }
}

/// What the Dynamo simulation counts.
public enum DynamoCounter: Int, CounterName {
  /// Acknowledged ones.
  case updates
  case reads
  /// Reads that showed siblings.
  case siblings
  case keys
  /// Logs that began anew behind a snapshot.
  case newLogs
  case hints, handoffs, repairs
  /// Objects that anti-entropy sent.
  case exchanged
  case forwards
}
