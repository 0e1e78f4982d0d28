import ArgumentParser
import NodeArguments
import RaftKV

/// One server of a replicated key-value store.
@main
struct RaftKVCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "raft-kv",
    abstract: "One server of a key-value store that is replicated with Raft.",
    discussion: """
      Clients speak HTTP to any server: GET and PUT /kv/KEY, POST /kv/KEY/cas, POST /txn, GET /bank/KEY,KEY,…, \
      POST /bank/transfer, GET /health, GET /status. The server keeps its data in --data and continues from it after any \
      crash.
      """)

  @OptionGroup var node: NodeOptions

  @Option(help: "A protocol step to get wrong on purpose.")
  var bug = PlantedBug<RaftBug>()

  @Option(name: .customLong("election-timeout-ms"), help: "Range of the election time-outs.")
  var electionTimeout = MillisecondRange(low: 150, high: 300)

  @Option(name: .customLong("heartbeat-ms"), help: "Time between heartbeats.")
  var heartbeatMilliseconds: UInt32 = 50

  /// The flags as the core wants them, in nanoseconds.
  private var raftConfiguration: Configuration {
    var configuration = Configuration(id: node.id, members: node.peers.endpoints.keys.sorted())
    configuration.electionTimeoutMin = electionTimeout.nanoseconds.low
    configuration.electionTimeoutMax = electionTimeout.nanoseconds.high
    configuration.heartbeatInterval = UInt64(heartbeatMilliseconds) * 1_000_000
    configuration.requestTimeout = node.requestTimeout
    configuration.seed = node.seed
    configuration.bug = bug.bug
    return configuration
  }

  /// Exit code 64 with everything that is wrong, before anything is touched.
  func validate() throws { try node.validate(and: raftConfiguration.problems()) }

  /// Exit code 1 when the server cannot start, 70 when it has to stop.
  func run() throws {
    try node.serve("raft-kv") { logger in
      try RaftServer.runUntilItFails(raftConfiguration, node, logger: logger)
    }
  }
}

extension RaftBug: NamedBug {}
