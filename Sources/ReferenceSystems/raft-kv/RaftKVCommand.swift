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
      POST /bank/transfer, POST /members, GET /health, GET /status. The server keeps its data in --data and continues from it after any \
      crash.
      """)

  @OptionGroup var node: NodeOptions

  @Option(
    help: ArgumentHelp(
      "The servers of --peers that are members when the cluster starts for the first time; all, if not given. Others "
        + "may be added later.", valueName: "list"))
  var members: MemberList?

  @Option(help: "A protocol step to get wrong on purpose.")
  var bug = PlantedBug<RaftBug>()

  @Option(name: .customLong("election-timeout-ms"), help: "Range of the election time-outs.")
  var electionTimeout = MillisecondRange(low: 150, high: 300)

  @Option(name: .customLong("heartbeat-ms"), help: "Time between heartbeats.")
  var heartbeatMilliseconds: UInt32 = 50

  @Option(help: "A snapshot is taken after so many entries of the log.")
  var snapshotEntries: UInt64 = 100_000

  @Option(help: "A snapshot is taken after so many bytes of the log, if the last one was not larger.")
  var snapshotBytes: UInt32 = 32 << 20

  /// The flags as the core wants them, in nanoseconds.
  private var raftConfiguration: Configuration {
    let servers = node.peers.endpoints.keys.sorted()
    var configuration = Configuration(id: node.id, members: members?.ids ?? servers, servers: servers)
    configuration.snapshotEntries = snapshotEntries
    configuration.logTailEntries = min(configuration.logTailEntries, Int(clamping: snapshotEntries / 4))
    configuration.snapshotLogBytes = Int(snapshotBytes)
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
    try node.serve("raft-kv", RaftRecovery(raftConfiguration), syncsLog: bug.bug?.syncsLog ?? true)
  }
}

/// `1,2,…`
struct MemberList: ExpressibleByArgument {
  let ids: [UInt32]

  init?(argument: String) {
    let items = argument.split(separator: ",", omittingEmptySubsequences: false)
    ids = items.compactMap { UInt32($0) }
    guard ids.count == items.count else { return nil }
  }
}

extension RaftBug: NamedBug {}
