import Synchronization

/// `ProcessorControl` over the processes of the nodes' network namespaces.
struct NodeProcessors: ProcessorControl {
  /// Less is a pause, more is none.
  static let shareLimits = 0.01...0.99

  private let names: [String]
  private let runtimes: [String: NodeRuntime]

  init(_ runtimes: [NodeRuntime]) {
    names = runtimes.map(\.spec.node.name)
    self.runtimes = Dictionary(uniqueKeysWithValues: runtimes.map { ($0.spec.node.name, $0) })
  }

  func squeeze(_ node: String, share: Double) async throws {
    guard Self.shareLimits.contains(share) else { throw ClusterError.badShare(share) }
    try await runtime(node).squeeze(share)
  }

  func release(_ node: String) async throws -> SqueezeReport? { try await runtime(node).endSqueeze() }

  private func runtime(_ node: String) throws -> NodeRuntime {
    guard let runtime = runtimes[node] else { throw ClusterError.unknownNode(node, known: names) }
    return runtime
  }
}

extension NodeRuntime {
  func squeeze(_ share: Double) async {
    await turn.with { [self] in
      squeeze.withLock { current in
        if let current { return current.setShare(share) }
        let begun = NodeSqueeze(inode: inode, stillness: stillness, share: share)
        begun.begin()
        current = begun
      }
    }
  }

  func endSqueeze() async -> SqueezeReport? {
    await turn.with { [self] in
      let ending = squeeze.withLock { current in
        defer { current = nil }
        return current
      }
      return await ending?.end()
    }
  }
}
