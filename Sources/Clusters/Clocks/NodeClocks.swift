import Synchronization

/// `ClockControl` over the processes of the nodes' network namespaces.
///
/// Programs that the harness starts get the node's clock before their first instruction. A program that one of them
/// starts (exec) gets it when it is found, within some milliseconds: while a clock is off, `/proc` is looked at so often.
/// Following every exec with ptrace would be exact, at the price of a stop for each signal of each thread.
final class NodeClocks: ClockControl {
  /// From one look for new programs to the next. A look costs some 70 µs.
  static let lookMilliseconds = 2

  private let names: [String]
  private let runtimes: [String: NodeRuntime]
  private let following = Mutex<Task<Void, Never>?>(nil)

  init(_ runtimes: [NodeRuntime]) {
    names = runtimes.map(\.spec.node.name)
    self.runtimes = Dictionary(uniqueKeysWithValues: runtimes.map { ($0.spec.node.name, $0) })
  }

  deinit { following.withLock { $0?.cancel() } }

  func set(_ node: String, _ skew: ClockSkew, by owner: String) async throws -> [ClockStep] {
    let runtime = try runtime(node)
    let offsets = -ClockSkew.offsetNanosecondsMax...ClockSkew.offsetNanosecondsMax
    guard offsets.contains(skew.offsetNanoseconds), ClockSkew.ratePPMLimits.contains(skew.ratePPM) else {
      throw ClusterError.badSkew(skew)
    }
    defer { followAsNeeded() }
    return try await runtime.setClock(skew, by: owner)
  }

  func measure(_ node: String) async throws -> [ClockReading] { try await runtime(node).measureClock() }

  private func runtime(_ node: String) throws -> NodeRuntime {
    guard let runtime = runtimes[node] else { throw ClusterError.unknownNode(node, known: names) }
    return runtime
  }

  private func followAsNeeded() {
    let isSkewed = runtimes.values.contains { $0.clock.isSkewed }
    following.withLock { task in
      if isSkewed && task == nil {
        task = Task { [all = names.compactMap { runtimes[$0] }] in await Self.follow(all) }
      } else if !isSkewed {
        task?.cancel()
        task = nil
      }
    }
  }

  private static func follow(_ runtimes: [NodeRuntime]) async {
    var seen: [String]?
    while !Task.isCancelled {
      let skewed = runtimes.filter { $0.clock.isSkewed }
      let now = SmallFile.names(in: "/proc")
      if now != seen || skewed.contains(where: { $0.clock.hasLostOne }) {
        seen = now
        // A failure shows at the healing, which tries the same and measures what came of it.
        for runtime in skewed { try? await runtime.spreadClock() }
      }
      try? await Task.sleep(for: .milliseconds(lookMilliseconds))
    }
  }
}
