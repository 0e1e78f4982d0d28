import ArgumentParser
import Logging
import NodeKit
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

  @Option(help: "This server's number, one of those in --peers.")
  var id: UInt32

  @Option(help: ArgumentHelp("Where clients connect.", valueName: "addr:port"))
  var listen: Endpoint

  @Option(help: ArgumentHelp("Where the other servers connect.", valueName: "addr:port"))
  var peerListen: Endpoint

  @Option(help: ArgumentHelp("All servers, this one included: 1=ADDR:PORT,2=ADDR:PORT,…", valueName: "list"))
  var peers: PeerList

  @Option(
    help: ArgumentHelp(
      "The servers of --peers that are members when the cluster starts for the first time; all, if not given. Others "
        + "may be added later.", valueName: "list"))
  var members: MemberList?

  @Option(
    help: ArgumentHelp("Directory of the write-ahead log and the snapshot; made if it is missing.", valueName: "dir"))
  var data: String

  @Option(help: "A protocol step to get wrong on purpose.")
  var bug = PlantedBug(bug: nil)

  @Option(name: .customLong("election-timeout-ms"), help: "Range of the election time-outs.")
  var electionTimeout = MillisecondRange(low: 150, high: 300)

  @Option(name: .customLong("heartbeat-ms"), help: "Time between heartbeats.")
  var heartbeatMilliseconds: UInt32 = 50

  @Option(name: .customLong("request-timeout-ms"), help: "Time after which a request is answered with an error.")
  var requestTimeoutMilliseconds: UInt32 = 1000

  @Option(help: "A snapshot is taken after so many entries of the log.")
  var snapshotEntries: UInt64 = 100_000

  @Option(help: "A snapshot is taken after so many bytes of the log, if the last one was not larger.")
  var snapshotBytes: UInt32 = 32 << 20

  @Option(help: "Seed of the election time-outs.")
  var seed: UInt64 = 0

  /// The flags as the core wants them, in nanoseconds.
  private var raftConfiguration: Configuration {
    let servers = peers.endpoints.keys.sorted()
    var configuration = Configuration(id: id, members: members?.ids ?? servers, servers: servers)
    configuration.snapshotEntries = snapshotEntries
    configuration.snapshotLogBytes = Int(snapshotBytes)
    configuration.electionTimeoutMin = electionTimeout.low * 1_000_000
    configuration.electionTimeoutMax = electionTimeout.high * 1_000_000
    configuration.heartbeatInterval = UInt64(heartbeatMilliseconds) * 1_000_000
    configuration.requestTimeout = UInt64(requestTimeoutMilliseconds) * 1_000_000
    configuration.seed = seed
    configuration.bug = bug.bug
    return configuration
  }

  /// Exit code 64 with everything that is wrong, before anything is touched.
  func validate() throws {
    var problems = raftConfiguration.problems()
    if data.isEmpty { problems.append("--data is empty") }
    if requestTimeoutMilliseconds == 0 { problems.append("--request-timeout-ms must be at least 1") }
    guard problems.isEmpty else { throw ValidationError(problems.joined(separator: "; ")) }
  }

  /// Exit code 1 when the server cannot start, 70 when it has to stop.
  func run() throws {
    LoggingSystem.bootstrap { _ in JSONLineLogHandler() }
    var logger = Logger(label: "raft-kv")
    logger[metadataKey: "node"] = "\(id)"
    let options = RaftServer.Options(
      raft: raftConfiguration, listen: listen, peerListen: peerListen, peers: peers.endpoints, dataDirectory: data)
    do {
      try RaftServer.runUntilItFails(options, logger: logger)
    } catch let failure as ServerFailure {
      logger.critical("fatal: \(failure)")
      throw ExitCode(70)
    } catch {
      logger.critical("cannot start: \(error)")
      throw ExitCode(1)
    }
  }
}

/// `1=ADDR:PORT,2=ADDR:PORT,…`
struct PeerList: ExpressibleByArgument {
  let endpoints: [UInt32: Endpoint]

  init?(argument: String) {
    var endpoints: [UInt32: Endpoint] = [:]
    for item in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = item.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let id = UInt32(parts[0]), id > 0, let endpoint = Endpoint(String(parts[1])),
        endpoints.updateValue(endpoint, forKey: id) == nil
      else { return nil }
    }
    self.endpoints = endpoints
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

/// `LOW..HIGH`
struct MillisecondRange: ExpressibleByArgument, CustomStringConvertible {
  let low: UInt64
  let high: UInt64

  init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  init?(argument: String) {
    guard let dots = argument.firstRange(of: ".."), let low = UInt32(argument[..<dots.lowerBound]),
      let high = UInt32(argument[dots.upperBound...])
    else { return nil }
    self.init(low: UInt64(low), high: UInt64(high))
  }

  var description: String { "\(low)..\(high)" }
  var defaultValueDescription: String { description }
}

extension Endpoint: ExpressibleByArgument {
  /// As ``Endpoint/init(_:)``; nil makes the parser name the flag and show usage.
  public init?(argument: String) { self.init(argument) }
}

/// A named bug, or `none`.
struct PlantedBug: ExpressibleByArgument {
  let bug: RaftBug?

  static let allValueStrings = ["none"] + RaftBug.allCases.map(\.rawValue)

  init(bug: RaftBug?) { self.bug = bug }

  init?(argument: String) {
    guard Self.allValueStrings.contains(argument) else { return nil }
    bug = RaftBug(rawValue: argument)
  }

  var defaultValueDescription: String { bug?.rawValue ?? "none" }
}
