import ArgumentParser
import NodeArguments
import PaxosLog

/// One node of a replicated log.
@main
struct PaxosLogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paxos-log",
    abstract: "One node of a log, and of registers, replicated with Multi-Paxos.",
    discussion: """
      Clients speak HTTP to any node: POST and GET /logs/LOG, GET /logs/LOG/INDEX, GET /logs/LOG/FROM/TO, \
      GET and PUT /registers/KEY, POST /registers/KEY/cas, GET /local/…, GET /health, GET /status. The node keeps its \
      data in --data and continues from it after any crash.
      """)

  @OptionGroup var node: NodeOptions

  @Option(help: "A protocol step to get wrong on purpose.")
  var bug = PlantedBug<PaxosBug>()

  @Option(name: .customLong("election-timeout-ms"), help: "Range of the election time-outs.")
  var electionTimeout = MillisecondRange(low: 150, high: 300)

  @Option(name: .customLong("heartbeat-ms"), help: "Time between heartbeats.")
  var heartbeatMilliseconds: UInt32 = 50

  @Option(help: "Slots between two snapshots.")
  var snapshotInterval: UInt64 = 10_000

  /// The flags as the core wants them, in nanoseconds.
  private var paxosConfiguration: Configuration {
    var configuration = Configuration(id: node.id, members: node.peers.endpoints.keys.sorted())
    configuration.electionTimeoutMin = electionTimeout.nanoseconds.low
    configuration.electionTimeoutMax = electionTimeout.nanoseconds.high
    configuration.heartbeatInterval = UInt64(heartbeatMilliseconds) * 1_000_000
    configuration.requestTimeout = node.requestTimeout
    configuration.seed = node.seed
    configuration.snapshotInterval = snapshotInterval
    configuration.logTailSlots = min(configuration.logTailSlots, snapshotInterval / 4)
    configuration.bug = bug.bug
    return configuration
  }

  /// Exit code 64 with everything that is wrong, before anything is touched.
  func validate() throws { try node.validate(and: paxosConfiguration.problems()) }

  /// Exit code 1 when the server cannot start, 70 when it has to stop.
  func run() throws {
    try node.serve("paxos-log", PaxosRecovery(paxosConfiguration))
  }
}

extension PaxosBug: NamedBug {}
