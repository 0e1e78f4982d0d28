import ArgumentParser
import Logging
import NodeKit

/// What every bundled server is told on its command line.
public struct NodeOptions: ParsableArguments, Sendable {
  @Option(help: "This server's number, one of those in --peers.")
  public var id: UInt32

  @Option(help: ArgumentHelp("Where clients connect.", valueName: "addr:port"))
  public var listen: Endpoint

  @Option(help: ArgumentHelp("Where the other servers connect.", valueName: "addr:port"))
  public var peerListen: Endpoint

  @Option(help: ArgumentHelp("All servers, this one included: 1=ADDR:PORT,2=ADDR:PORT,…", valueName: "list"))
  public var peers: PeerList

  @Option(help: ArgumentHelp("Directory of all that outlives the process; made if it is missing.", valueName: "dir"))
  public var data: String

  @Option(name: .customLong("request-timeout-ms"), help: "Time after which a request is answered with an error.")
  public var requestTimeoutMilliseconds: UInt32 = 1000

  @Option(help: "Seed of what the server draws at random, such as its election time-outs.")
  public var seed: UInt64 = 0

  @Option(help: "The clock by which it measures time-outs and leases.")
  public var clock: NodeClock = .monotonic

  /// For the parser.
  public init() {}

  /// In nanoseconds.
  public var requestTimeout: UInt64 { UInt64(requestTimeoutMilliseconds) * 1_000_000 }

  /// Exit code 64 with everything that is wrong, before anything is touched.
  ///
  /// - Parameter problems: what the system itself finds wrong.
  /// - Throws: `ValidationError` where there is a problem.
  public func validate(and problems: [String]) throws {
    var problems = problems
    if data.isEmpty { problems.append("--data is empty") }
    if requestTimeoutMilliseconds == 0 { problems.append("--request-timeout-ms must be at least 1") }
    guard problems.isEmpty else { throw ValidationError(problems.joined(separator: "; ")) }
  }

  /// Where a server of this system is, and who its peers are.
  private func place(of system: String, syncsLog: Bool) -> NodePlace {
    NodePlace(
      system: system, id: id, listen: listen, peerListen: peerListen, peers: peers.endpoints, data: data,
      clock: clock, syncsLog: syncsLog)
  }

  /// Runs the server with what it finds on its disk until it fails, and logs as lines of JSON.
  ///
  /// - Parameters:
  ///   - label: the system's name, in the log and in the data's directory.
  ///   - syncsLog: false only for a planted bug: records count as durable when they are written.
  /// - Throws: exit code 1 when the server cannot start, 70 when it has to stop.
  public func serve<Recovery: NodeRecovery & Sendable>(
    _ label: String, _ recovery: Recovery, syncsLog: Bool = true
  ) throws {
    LoggingSystem.bootstrap { _ in JSONLineLogHandler() }
    var logger = Logger(label: label)
    logger[metadataKey: "node"] = "\(id)"
    do {
      try NodeShell<Recovery.Program>.runUntilItFails(
        recovery, at: place(of: label, syncsLog: syncsLog), logger: logger)
    } catch let failure as ServerFailure {
      logger.critical("fatal: \(failure)")
      throw ExitCode(70)
    } catch {
      logger.critical("cannot start: \(error)")
      throw ExitCode(1)
    }
  }
}

extension NodeClock: ExpressibleByArgument {}
