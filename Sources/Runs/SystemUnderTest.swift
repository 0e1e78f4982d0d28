import Clusters
import Foundation
import Histories
import Nemesis
import Plans
import RunStore
import Synchronization
import Systems

/// The system that the run is about: its cluster, its probes, and what ended there without being asked to.
final class SystemUnderTest: Sendable {
  /// Lines of a node's log that an error shows.
  static let tailLines = 20
  /// Bytes of a node's log that are read for it.
  static let tailBytesMax = 16 << 10

  let cluster: Sandbox
  let nodes: [Node]
  let scope: TemplateScope
  let probes: HealthProbes
  private let preparation: SystemPreparation
  private let log: RunLog
  private let ends = Mutex<[UnexpectedEnd]>([])
  /// Finished at the first unexpected end.
  private let firstEnd = AsyncStream.makeStream(of: Never.self)

  /// A process that ended although nobody had asked for it.
  struct UnexpectedEnd: Sendable {
    var node: String
    var how: String
    /// CLOCK_MONOTONIC, nanoseconds.
    var at: Int64
  }

  private init(
    cluster: Sandbox, nodes: [Node], scope: TemplateScope, probes: HealthProbes, preparation: SystemPreparation,
    log: RunLog
  ) {
    self.cluster = cluster
    self.nodes = nodes
    self.scope = scope
    self.probes = probes
    self.preparation = preparation
    self.log = log
  }

  /// Starts every node and waits until the system says that it is ready.
  ///
  /// - Throws: `RunFailure.node`, with the tail of its log, where a node does not get there.
  static func setUp(
    plan: Plan, directory: RunDirectory, options: RunOptions, log: RunLog
  ) async throws -> SystemUnderTest {
    let identity = RunIdentity(
      id: URL(fileURLWithPath: directory.path).lastPathComponent.lowercased(), directory: directory.path)
    let launcher = launcher(plan, identity, options)
    let nodes = try launcher.nodes(addresses: SandboxLayout.addresses(count: plan.system.nodeCount))
    try nodes.forEach(mustBeginEmpty)
    let scope = TemplateScope(nodes: nodes, parameters: plan.parameters, run: identity)
    let probes = HealthProbes(
      service: ProbeService(), ready: try plan.system.ready.map { try NodeProbe.ready($0, scope) } ?? [],
      primary: try plan.system.primary.map { try NodeProbe.primary($0, scope) } ?? [])
    let membership = try plan.system.membership.map { description in
      MembershipProbes(
        service: probes.service, client: try MembershipClient(description, client: plan.client, scope: scope))
    }
    let specs = try launcher.specs(nodes)
    try mustBeAllowed(specs, directory)
    let cluster = Sandbox(
      nodes: specs, primaries: plan.system.primary == nil ? nil : probes, membership: membership,
      versions: try launcher.versions(nodes),
      breaksDisks: plan.faults.contains { FaultCatalogue.named($0.name)?.requires.contains(.disks) ?? false })
    let system = SystemUnderTest(
      cluster: cluster, nodes: nodes, scope: scope, probes: probes,
      preparation: try SystemPreparation(launcher, nodes, cluster, log), log: log)
    try await system.start(plan)
    return system
  }

  private static func mustBeAllowed(_ specs: [NodeSpec], _ directory: RunDirectory) throws {
    let users = specs.flatMap { $0.processes.compactMap(\.user) }
    guard !users.isEmpty else { return }
    let check = UserCheck.here()
    for user in users {
      if let problem = check.problem(user, reaching: directory.path) { throw RunFailure.environment(problem) }
    }
  }

  /// Data of another run would be read as if this one had written it.
  private static func mustBeginEmpty(_ node: Node) throws {
    let content = (try? FileManager.default.contentsOfDirectory(atPath: node.dataDirectory)) ?? []
    guard content.isEmpty else {
      throw RunFailure.environment(
        "\(node.name)'s dataDir \(node.dataDirectory) is not empty: a run begins with nothing; "
          + "use a folder below {{ run.dir }}, or leave dataDir out")
    }
  }

  private static func launcher(_ plan: Plan, _ identity: RunIdentity, _ options: RunOptions) -> SystemLauncher {
    let environment = ProcessInfo.processInfo.environment
    let lookup = ExecutableLookup(
      ownDirectory: options.programs, planDirectory: plan.source.directory,
      searchPath: (environment["PATH"] ?? "").split(separator: ":").map(String.init))
    return SystemLauncher(
      system: plan.system, parameters: plan.parameters, run: identity, lookup: lookup, environment: environment)
  }

  private func start(_ plan: Plan) async throws {
    try await cluster.setUp()
    if let problem = cluster.disksUnavailable { log.note("\(problem)") }
    watchEnds()
    try preparation.makeFiles()
    try await setUp(preparation.beforeStart)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for node in nodes { group.addTask { try await self.processes().start(node.name) } }
      try await group.waitForAll()
    }
    log.note("\(nodes.count) nodes started")
    try await untilReady(plan)
    guard !preparation.whenReady.isEmpty else { return }
    try await setUp(preparation.whenReady)
    try await untilReady(plan)
  }

  private func setUp(_ rounds: [SetupRound]) async throws {
    do {
      try await preparation.run(rounds)
    } catch let error as SystemPreparation.Failure {
      throw failure(error.node, error.problem)
    }
  }

  private func untilReady(_ plan: Plan) async throws {
    let timeout = plan.system.ready?.timeoutSeconds ?? 0
    let unready = await probes.untilReady(
      deadline: .now + .milliseconds(Int64(timeout * 1000)), giveUp: { !self.unexpectedEnds.isEmpty })
    try Task.checkCancellation()
    if let end = unexpectedEnds.first { throw failure(end.node, "ended by itself while starting (\(end.how))") }
    if let first = unready.first { throw failure(first.node, "is not ready after \(timeout) s (\(first.answer))") }
    log.note("all nodes ready")
  }

  private func failure(_ name: String, _ problem: String) -> RunFailure {
    let file = nodes.first { $0.name == name }?.logFile ?? ""
    let tail = (try? LogTail.lines(of: file, count: Self.tailLines, bytesMax: Self.tailBytesMax)) ?? []
    return .node(name: name, problem: problem, log: file, tail: tail)
  }

  private func watchEnds() {
    Task { [self] in
      for await exit in cluster.exits where !exit.isExpected {
        let how = exit.end.signal.map { "signal \($0)" } ?? "exit code \(exit.end.code ?? 0)"
        log.note("\(exit.node): pid \(exit.end.pid) ended by itself (\(how))")
        ends.withLock { $0.append(UnexpectedEnd(node: exit.node, how: how, at: RunClock.monotonic())) }
        firstEnd.continuation.finish()
      }
      firstEnd.continuation.finish()
    }
  }

  /// Returns when a process has ended although nobody had asked for it, or the cluster is gone. For one caller.
  ///
  /// - Returns: whether a process has.
  func untilUnexpectedEnd() async -> Bool {
    for await _ in firstEnd.stream {}
    return !unexpectedEnds.isEmpty
  }

  private func processes() throws -> any ProcessControl {
    guard let processes = cluster.processes else { throw RunFailure.environment("the cluster is not up") }
    return processes
  }

  var unexpectedEnds: [UnexpectedEnd] { ends.withLock { $0 } }

  /// Asks every node to stop, side by side, then removes the cluster.
  func tearDown(graceSeconds: Double) async {
    await withTaskGroup(of: Void.self) { group in
      for node in nodes {
        group.addTask { _ = try? await self.processes().stop(node.name, graceSeconds: graceSeconds) }
      }
    }
    probes.service.close()
    do { try await cluster.tearDown() } catch { log.note("the cluster could not be taken down: \(error)") }
  }
}
