import Glibc

/// Boot times of the nodes' processes.
struct NodeBoots: BootControl {
  private let names: [String]
  private let runtimes: [String: NodeRuntime]

  /// Nil where the kernel has no time namespaces.
  init?(_ runtimes: [NodeRuntime]) {
    guard access("/proc/self/timens_offsets", R_OK) == 0 else { return nil }
    names = runtimes.map(\.spec.node.name)
    self.runtimes = Dictionary(uniqueKeysWithValues: runtimes.map { ($0.spec.node.name, $0) })
  }

  func boot(_ node: String, uptimeNanoseconds: Int64) throws {
    try runtime(node).boot.begin(uptimeNanoseconds: uptimeNanoseconds)
  }

  func uptime(_ node: String) throws -> Int64? {
    let runtime = try runtime(node)
    for pid in ProcFS.processes(inNetwork: runtime.inode) {
      guard let text = SmallFile.text("/proc/\(pid)/timens_offsets"),
        let offset = ClockOffsets(kernel: text)?.monotonic
      else { continue }
      return NodeBoot.now(CLOCK_MONOTONIC) + offset
    }
    return nil
  }

  private func runtime(_ node: String) throws -> NodeRuntime {
    guard let runtime = runtimes[node] else { throw ClusterError.unknownNode(node, known: names) }
    return runtime
  }
}
