import Glibc

/// A process of a node that has ended.
public struct ProcessExit: Hashable, Sendable {
  public var node: String
  /// Its place among the node's processes, from 0.
  public var process: Int
  public var end: ProcessEnd
  /// False: nobody asked for it, or not for such an end: it crashed or gave up.
  public var isExpected: Bool

  public init(node: String, process: Int, end: ProcessEnd, isExpected: Bool) {
    self.node = node
    self.process = process
    self.end = end
    self.isExpected = isExpected
  }
}

extension ProcessEnd {
  /// Signals that a program raises by its own mistake: of asked ends, too, one such is news.
  private static let signalsOfCrashes: Set<Int32> = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]

  /// Whether the program broke, whoever wanted it to end at that moment.
  var isCrash: Bool { signal.map(Self.signalsOfCrashes.contains) ?? false }
}

/// `ProcessControl` over the nodes' namespaces. Calls for one node take turns; different nodes go side by side.
struct NodeProcesses: ProcessControl {
  private let names: [String]
  private let runtimes: [String: NodeRuntime]

  init(_ runtimes: [NodeRuntime]) {
    names = runtimes.map(\.spec.node.name)
    self.runtimes = Dictionary(uniqueKeysWithValues: runtimes.map { ($0.spec.node.name, $0) })
  }

  func start(_ node: String) async throws { try await runtime(node).start() }

  func stop(_ node: String, graceSeconds: Double) async throws -> [ProcessEnd] {
    try await runtime(node).stop(graceSeconds: graceSeconds)
  }

  func run(_ process: ProcessSpec, on node: String, withinSeconds seconds: Double) async throws -> ProcessEnd? {
    try await runtime(node).run(process, withinSeconds: seconds)
  }

  func kill(_ node: String) async throws -> [ProcessEnd] { try await runtime(node).kill() }
  func pause(_ node: String) async throws { try await runtime(node).pause() }
  func resume(_ node: String) async throws { try await runtime(node).resume() }
  func state(_ node: String) throws -> ProcessState { try runtime(node).state() }

  /// Kills the node's processes and lets none be started while `body` is at work.
  func whileEnded<Result: Sendable>(
    _ node: String, _ body: @Sendable () async throws -> Result
  ) async throws -> Result {
    try await runtime(node).whileEnded(body)
  }

  private func runtime(_ node: String) throws -> NodeRuntime {
    guard let runtime = runtimes[node] else { throw ClusterError.unknownNode(node, known: names) }
    return runtime
  }

  /// Kills all nodes side by side. The first error is thrown after every node was tried.
  func killAll() async throws {
    let all = names.compactMap { runtimes[$0] }
    let results = await withTaskGroup(of: Result<Void, any Error>.self) { group in
      for runtime in all { group.addTask { await Result { _ = try await runtime.kill() } } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for result in results { try result.get() }
  }
}
