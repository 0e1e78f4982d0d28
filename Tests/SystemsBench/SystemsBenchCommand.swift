import ArgumentParser
import Foundation
import ServerTestKit

/// Acknowledged writes per second of the bundled systems, and how long a node takes to come back.
@main
struct SystemsBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "systems-bench",
    abstract: "Measure the bundled systems: three nodes on loopback, every write on disk before it is answered.",
    discussion: """
      Writes: a closed loop of writes of small values over --connections, spread over the nodes. Restart: writes of 1 KB \
      until a node's log without snapshots has --log-megabytes, then kill -9 of that node, and the time until it answers \
      /health again.
      """)

  @Argument(help: "Systems; all without any.")
  var systems: [String] = []

  @Option(help: "Seconds of writing.")
  var seconds = 10.0

  @Option(help: "Connections of the load.")
  var connections = 64

  @Option(help: "Size of the log that a node restarts from; 0: no restart.")
  var logMegabytes = 100

  func validate() throws {
    let known = BenchedSystem.all.map(\.program)
    for name in systems where !known.contains(name) {
      throw ValidationError("unknown system '\(name)'; known: \(known.joined(separator: ", "))")
    }
    guard seconds > 0, connections > 0, logMegabytes >= 0 else {
      throw ValidationError("--seconds and --connections must be above 0, --log-megabytes not below")
    }
  }

  func run() async throws {
    for system in BenchedSystem.all where systems.isEmpty || systems.contains(system.program) {
      try await measureWrites(system)
      if logMegabytes > 0 { try await measureRestart(system) }
    }
  }

  private func measureWrites(_ system: BenchedSystem) async throws {
    let cluster = try TestCluster(of: system.program, members: 3, flags: [])
    try await cluster.startAll()
    let load = Load(
      system: system, servers: cluster.servers.map(\.clients), connections: connections, value: "12345")
    _ = try load.run(seconds: 1)
    let result = try load.run(seconds: seconds, from: 1_000_000)
    print(
      "\(system.program): \(Int(result.perSecond)) acknowledged writes/s (target \(system.target)), median "
        + "\(milliseconds(result.latency(percentile: 50))), 99 % \(milliseconds(result.latency(percentile: 99))), "
        + "\(result.refused) refused or unanswered of \(result.acknowledged + result.refused)")
  }

  private func measureRestart(_ system: BenchedSystem) async throws {
    let cluster = try TestCluster(of: system.program, members: 3, flags: system.noSnapshots)
    try await cluster.startAll()
    let node = cluster.servers[0]
    let load = Load(
      system: system, servers: cluster.servers.map(\.clients), connections: connections,
      value: "\"\(String(repeating: "x", count: 1_000))\"")
    var written = 0
    while try size(of: node.walPath) < logMegabytes << 20 {
      let result = try load.run(count: 5_000, seconds: 60, from: written)
      guard result.acknowledged > 0 else { throw TookTooLong(description: "\(system.program) takes no writes") }
      written += result.acknowledged
    }
    let bytes = try size(of: node.walPath)
    await node.crash()
    let begin = monotonic()
    try cluster.start(node)
    try await cluster.becomeHealthy([node])
    let taken = Double(monotonic() - begin) / 1e9
    print(
      "\(system.program): back \(String(format: "%.2f", taken)) s after its start on a log of "
        + "\(String(format: "%.1f", Double(bytes) / 1e6)) MB without a snapshot, \(written) writes of 1 KB (target 5 s)"
    )
  }

  private func size(of path: String) throws -> Int {
    (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }

  private func milliseconds(_ value: Double) -> String { String(format: "%.1f ms", value) }
}
