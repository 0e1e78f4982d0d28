import ArgumentParser
import DynamoRing
import NodeArguments

/// One node of a key-value store without a leader.
@main
struct DynamoRingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dynamo-ring",
    abstract: "One node of a key-value store after the Dynamo paper: registers with siblings, counters, sets.",
    discussion: """
      Clients speak HTTP to any node: GET and PUT /kv/KEY, GET and PUT /lww/KEY, GET and POST /counters/KEY, \
      GET and POST /sets/KEY, GET /local/…, GET /ring/KEY, GET /health, GET /status. The node keeps its data in --data \
      and continues from it after any crash.
      """)

  @OptionGroup var node: NodeOptions

  @Option(help: "A protocol step to get wrong on purpose.")
  var bug = PlantedBug<DynamoBug>()

  @Option(help: "N: how many nodes keep a copy of each key.")
  var replicas = 3

  @Option(help: "R: how many of them answer a read.")
  var readQuorum = 2

  @Option(help: "W: how many have a write on disk before it is acknowledged.")
  var writeQuorum = 2

  @Option(help: "Places of each node on the ring.")
  var virtualNodes = 16

  @Option(
    help: ArgumentHelp("Whether nodes that stand in for replicas count towards quorums.", valueName: "true|false"))
  var sloppyQuorum = true

  @Option(name: .customLong("anti-entropy-ms"), help: "Time between two comparisons of hash trees.")
  var antiEntropyMilliseconds: UInt32 = 500

  @Option(name: .customLong("gossip-ms"), help: "Time between two rounds of gossip.")
  var gossipMilliseconds: UInt32 = 100

  @Option(help: "Growth of the write-ahead log, in bytes, after which a snapshot is taken.")
  var snapshotBytes = 16 << 20

  /// The flags as the core wants them, in nanoseconds.
  private var ringConfiguration: Configuration {
    var configuration = Configuration(id: node.id, members: node.peers.endpoints.keys.sorted())
    configuration.replicas = replicas
    configuration.readQuorum = readQuorum
    configuration.writeQuorum = writeQuorum
    configuration.virtualNodes = virtualNodes
    configuration.isSloppy = sloppyQuorum
    configuration.antiEntropyInterval = UInt64(antiEntropyMilliseconds) * 1_000_000
    configuration.gossipInterval = UInt64(gossipMilliseconds) * 1_000_000
    configuration.snapshotBytes = snapshotBytes
    configuration.requestTimeout = node.requestTimeout
    configuration.seed = node.seed
    configuration.bug = bug.bug
    return configuration
  }

  /// Exit code 64 with everything that is wrong, before anything is touched.
  func validate() throws { try node.validate(and: ringConfiguration.problems()) }

  /// Exit code 1 when the server cannot start, 70 when it has to stop.
  func run() throws { try node.serve("dynamo-ring", RingRecovery(ringConfiguration)) }
}

extension DynamoBug: NamedBug {}
