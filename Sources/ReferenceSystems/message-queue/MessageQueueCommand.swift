import ArgumentParser
import MessageQueue
import NodeArguments

/// One broker of a message queue.
@main
struct MessageQueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "message-queue",
    abstract: "One broker of partitioned, replicated logs with consumer groups, and of work queues.",
    discussion: """
      Clients speak HTTP to any broker: POST /topics/TOPIC/PARTITION, GET /topics/TOPIC/PARTITION/FROM/MAX, \
      GET /local/topics/TOPIC/PARTITION; POST /groups/GROUP/poll, commit, leave, drain; POST /queues/QUEUE, \
      POST /queues/QUEUE/receive, ack, nack, drain, GET /queues/QUEUE/dead; GET /health, GET /status. The broker keeps \
      its data in --data and continues from it after any crash.
      """)

  @OptionGroup var node: NodeOptions

  @Option(help: "A protocol step to get wrong on purpose.")
  var bug = PlantedBug<MessageQueueBug>()

  @Option(help: "Copies of each partition.")
  var replicas = 3

  @Option(help: "Copies that a record needs before it is acknowledged; with fewer in reach none is taken.")
  var minInsync = 2

  @Option(help: "Partitions of each topic.")
  var partitions: UInt32 = 8

  @Option(name: .customLong("visibility-ms"), help: "How long a received message is lent.")
  var visibilityMilliseconds: UInt32 = 10_000

  @Option(help: "Deliveries that fail before a message is a dead letter; 0 for no end.")
  var maxDeliveries: UInt32 = 100

  @Option(name: .customLong("group-session-ms"), help: "A member of a group that does not poll for so long is out.")
  var groupSessionMilliseconds: UInt32 = 3_000

  @Option(name: .customLong("replica-lag-ms"), help: "A replica that was not caught up for so long is not in sync.")
  var replicaLagMilliseconds: UInt32 = 400

  @Option(name: .customLong("election-timeout-ms"), help: "Range of the time without a leader before an election.")
  var electionTimeout = MillisecondRange(low: 400, high: 800)

  @Option(help: "Records that a topic's partition keeps at least; 0 keeps all.")
  var retainedRecords: UInt64 = 0

  @Option(help: "Growth of the write-ahead log, in bytes, after which a snapshot is taken.")
  var snapshotBytes: UInt32 = 32 << 20

  /// The flags as the core wants them, in nanoseconds and bytes.
  private var brokerConfiguration: Configuration {
    var configuration = Configuration(id: node.id, members: node.peers.endpoints.keys.sorted())
    configuration.replicas = replicas
    configuration.minInsync = minInsync
    configuration.partitions = partitions
    configuration.visibility = UInt64(visibilityMilliseconds) * 1_000_000
    configuration.deliveriesMax = maxDeliveries
    configuration.groupSession = UInt64(groupSessionMilliseconds) * 1_000_000
    configuration.replicaLag = UInt64(replicaLagMilliseconds) * 1_000_000
    configuration.electionTimeoutMin = electionTimeout.nanoseconds.low
    configuration.electionTimeoutMax = electionTimeout.nanoseconds.high
    configuration.retainedRecords = retainedRecords == 0 ? nil : retainedRecords
    configuration.snapshotBytes = Int(snapshotBytes)
    configuration.requestTimeout = node.requestTimeout
    configuration.seed = node.seed
    configuration.bug = bug.bug
    return configuration
  }

  /// Exit code 64 with everything that is wrong, before anything is touched.
  func validate() throws { try node.validate(and: brokerConfiguration.problems()) }

  /// Exit code 1 when the server cannot start, 70 when it has to stop.
  func run() throws {
    try node.serve("message-queue", BrokerRecovery(brokerConfiguration))
  }
}

extension MessageQueueBug: NamedBug {}
