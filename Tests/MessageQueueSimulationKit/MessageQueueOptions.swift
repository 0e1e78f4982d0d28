import MessageQueue
import SimulationKit

/// What shapes a simulated cluster of message-queue besides its seed.
public struct MessageQueueOptions: SimulationOptions {
  public static let nodesAllowed = 3...9
  public var cluster = ClusterOptions()
  public var bug: MessageQueueBug?
  public var canary: Canary?
  /// The size of the log on disk at which a snapshot is taken; small, so that they are part of every seed.
  public var snapshotBytes = 20_000

  public init() {
    cluster.clientTimeout = 700 * millisecond
    cluster.progressMin = 100
  }

  public enum Canary: String, SimulationCanary {
    case lyingDisk = "lying-disk"
    /// A restarted node has its logs, but not its registers.
    case forgottenRegister = "forgotten-register"
  }

  func configuration(of node: Int, in cluster: SimulatedCluster<MessageQueueSimulation>) -> Configuration {
    var configuration = Configuration(id: cluster.nodes[node].id, members: cluster.nodes.map(\.id))
    configuration.seed = cluster.coreSeed(of: node)
    configuration.bug = bug
    configuration.replicas = min(3, nodeCount)
    configuration.minInsync = min(2, nodeCount)
    configuration.partitions = partitionCount
    configuration.electionTimeoutMin = 150 * millisecond
    configuration.electionTimeoutMax = 300 * millisecond
    configuration.replicaLag = 150 * millisecond
    configuration.fetchWait = 40 * millisecond
    configuration.retryInterval = 25 * millisecond
    configuration.requestTimeout = 500 * millisecond
    configuration.groupSession = 300 * millisecond
    configuration.snapshotBytes = snapshotBytes
    // In some seeds each message travels alone, so that one is lost and the next is not; and records a few at a time.
    configuration.limits.envelopeMessagesMax = cluster.seed.isMultiple(of: 2) ? 1 : 64
    configuration.limits.fetchRecordsMax = cluster.seed.isMultiple(of: 3) ? 3 : 100
    return configuration
  }
}

/// What the message queue's simulation counts.
public enum MessageQueueCounter: Int, CounterName {
  case committed, elections, isrChanges
  /// Logs that a follower had to cut (KIP-101), and that it had to replace.
  case divergences, installs
  /// Messages that were delivered more than once, or became dead letters.
  case redeliveries, deadLetters
  /// Generations of the group, and what its members got.
  case rebalances, consumed
}

/// The one topic, which has ``partitionCount`` partitions, the one queue, and the one group of consumers.
let topic = Bytes("t".utf8)
let queue = PartitionID(.queue, Bytes("q".utf8))
let group = Bytes("g".utf8)
let partitionCount: UInt32 = 3
/// How long messages are lent, by the clock of the queue's leader.
let visibility: Nanoseconds = 250 * millisecond
/// A message is dead after so many deliveries.
let deliveriesMax: UInt32 = 3
