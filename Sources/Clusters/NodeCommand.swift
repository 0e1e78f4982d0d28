import Glibc

extension Sandbox {
  /// Puts a file where a node's processes will look for it.
  public func write(_ file: NodeFile) throws { try file.write() }

  /// Runs a program on a node to its end, with its output in the node's log.
  ///
  /// What it leaves running belongs to the node, and ends when the node's processes are killed or started next.
  /// - Returns: how it ended; nil where it took longer and was killed.
  /// - Throws: where it cannot be started, and when the caller is cancelled, after it was killed.
  public func run(_ process: ProcessSpec, on node: String, withinSeconds seconds: Double) async throws -> ProcessEnd? {
    guard let processes = startedProcesses else { throw ClusterError.notInSandbox }
    return try await processes.run(process, on: node, withinSeconds: seconds)
  }
}

extension NodeRuntime {
  func run(_ process: ProcessSpec, withinSeconds seconds: Double) async throws -> ProcessEnd? {
    try await turn.with { [self] in
      let child = try await launch(process) { _, _ in }
      let end = await withTaskCancellationHandler {
        await child.end(withinSeconds: seconds)
      } onCancel: {
        child.signalGroup(SIGKILL)
      }
      try Task.checkCancellation()
      guard end == nil else { return end }
      child.signalGroup(SIGKILL)
      guard await child.end(withinSeconds: Self.settleSecondsMax) != nil else {
        throw ClusterError.stillAlive(node: spec.node.name, pids: [child.pid], seconds: Self.settleSecondsMax)
      }
      return nil
    }
  }
}
