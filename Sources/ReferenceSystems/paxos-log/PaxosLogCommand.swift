import ArgumentParser
import Logging
import NodeKit
import PaxosLog

/// One node of a replicated log.
@main
struct PaxosLogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paxos-log",
    abstract: "One node of a log, and of registers, replicated with Multi-Paxos.",
    discussion: """
      Clients speak HTTP to any node: POST and GET /logs/LOG, GET /logs/LOG/INDEX, GET /logs/LOG/FROM/THROUGH, \
      GET and PUT /registers/KEY, POST /registers/KEY/cas, GET /local/…, GET /health, GET /status. The node keeps its \
      data in --data and continues from it after any crash.
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

  @Option(help: "Slots between two snapshots.")
  var snapshotInterval: UInt64 = 10_000

  @Option(help: "Seed of the election time-outs.")
  var seed: UInt64 = 0

  /// The flags as the core wants them, in nanoseconds.
  private var paxosConfiguration: Configuration {
    var configuration = Configuration(id: id, members: peers.endpoints.keys.sorted())
    configuration.electionTimeoutMin = electionTimeout.low * 1_000_000
    configuration.electionTimeoutMax = electionTimeout.high * 1_000_000
    configuration.heartbeatInterval = UInt64(heartbeatMilliseconds) * 1_000_000
    configuration.requestTimeout = UInt64(requestTimeoutMilliseconds) * 1_000_000
    configuration.seed = seed
    configuration.snapshotInterval = snapshotInterval
    configuration.logTailSlots = min(configuration.logTailSlots, snapshotInterval / 4)
    configuration.bug = bug.bug
    return configuration
  }

  /// Exit code 64 with everything that is wrong, before anything is touched.
  func validate() throws {
    var problems = paxosConfiguration.problems()
    if data.isEmpty { problems.append("--data is empty") }
    if requestTimeoutMilliseconds == 0 { problems.append("--request-timeout-ms must be at least 1") }
    guard problems.isEmpty else { throw ValidationError(problems.joined(separator: "; ")) }
  }

  /// Exit code 1 when the server cannot start, 70 when it has to stop.
  func run() throws {
    LoggingSystem.bootstrap { _ in JSONLineLogHandler() }
    var logger = Logger(label: "paxos-log")
    logger[metadataKey: "node"] = "\(id)"
    let options = PaxosServer.Options(
      core: paxosConfiguration, listen: listen, peerListen: peerListen, peers: peers.endpoints, dataDirectory: data)
    do {
      try PaxosServer.runUntilItFails(options, logger: logger)
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
  let bug: PaxosBug?

  static let allValueStrings = ["none"] + PaxosBug.allCases.map(\.rawValue)

  init(bug: PaxosBug?) { self.bug = bug }

  init?(argument: String) {
    guard Self.allValueStrings.contains(argument) else { return nil }
    bug = PaxosBug(rawValue: argument)
  }

  var defaultValueDescription: String { bug?.rawValue ?? "none" }
}
