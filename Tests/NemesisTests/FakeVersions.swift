import Clusters
import Synchronization

@testable import Nemesis

/// Programs of the fake nodes: what a node was told to run is what it runs from its next start on.
final class FakeVersions: VersionControl {
  struct State {
    var chosen: [String: String] = [:]
    /// Nodes that go on running what they ran, whatever they are told.
    var deaf: Set<String> = []
    var fails: Set<String> = []
    /// How often a node that was started shows no program yet.
    var loading: [String: Int] = [:]
    var calls: [String] = []
  }

  let versions = ["new", "newer"]
  let state = Mutex(State())
  private let processes: FakeProcesses

  init(_ processes: FakeProcesses) { self.processes = processes }

  func configure(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  func choose(_ version: String?, for node: String) throws {
    try state.withLock { state in
      state.calls.append("\(node) \(version ?? "own")")
      if state.fails.contains(node) { throw ClusterError.unknownVersion(version ?? "own", known: versions) }
      if !state.deaf.contains(node) { state.chosen[node] = version }
    }
  }

  func running(_ node: String) throws -> [RunningProgram] {
    guard let pid = try processes.state(node).pid else { return [] }
    let left = state.withLock { state in
      let left = state.loading[node] ?? 0
      state.loading[node] = left - 1
      return left
    }
    guard left <= 0 else { return [] }
    let version = state.withLock { $0.chosen[node] ?? "own" }
    return [RunningProgram(pid: pid, executable: "/bin/kvd", commandLine: ["kvd", "--build", version])]
  }
}
