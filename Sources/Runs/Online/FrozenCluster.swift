import Clusters
import Foundation

/// A cluster whose nodes are paused at a violation, for somebody to look at.
public struct FrozenCluster: Sendable, Hashable {
  public struct Node: Sendable, Hashable {
    public var name: String
    public var address: String
    /// By the names that the plan gives them.
    public var ports: [String: Int]
    public var dataDirectory: String
    public var logFile: String
    /// As processes inside the run's sandbox see it; nil where no process is left.
    public var pid: Int32?
    /// Inode of its network namespace, by which the host finds its processes; nil where no process is left.
    public var networkNamespace: UInt64?
    /// In words: `paused`, `killed by signal 9`.
    public var state: String
  }

  public var nodes: [Node]
  /// The faults that are in force, in words.
  public var faults: [String]
  /// How long it stays so at most.
  public var secondsMax: Double
}

/// Pauses every node, and lets all go on. Faults stay as they are.
struct Freeze {
  let system: SystemUnderTest
  let log: RunLog

  /// Nodes that are down stay so.
  func pause(faults: [String], secondsMax: Double) async -> FrozenCluster {
    await forEachNode("paused") { try await $0.pause($1) }
    return FrozenCluster(nodes: system.nodes.map(describe), faults: faults, secondsMax: secondsMax)
  }

  func resume() async { await forEachNode("resumed") { try await $0.resume($1) } }

  private func forEachNode(
    _ what: String, _ act: @escaping @Sendable (any ProcessControl, String) async throws -> Void
  ) async {
    guard let processes = system.cluster.processes else { return }
    await withTaskGroup(of: Void.self) { group in
      for name in system.nodes.map(\.name) {
        group.addTask {
          do {
            try await act(processes, name)
            log.note("freeze: \(name) \(what)")
          } catch {
            log.note("freeze: \(name) was not \(what): \(error)")
          }
        }
      }
    }
  }

  private func describe(_ node: Clusters.Node) -> FrozenCluster.Node {
    let state = try? system.cluster.processes?.state(node.name)
    var pid: Int32?
    switch state {
    case .paused(let number)?, .running(let number)?: pid = number
    default: break
    }
    return FrozenCluster.Node(
      name: node.name, address: node.address, ports: node.ports, dataDirectory: node.dataDirectory,
      logFile: node.logFile, pid: pid, networkNamespace: pid.flatMap(Self.networkNamespace),
      state: state.map(Self.words) ?? "unknown")
  }

  private static func networkNamespace(of pid: Int32) -> UInt64? {
    var info = stat()
    return stat("/proc/\(pid)/ns/net", &info) == 0 ? UInt64(info.st_ino) : nil
  }

  private static func words(_ state: ProcessState) -> String {
    switch state {
    case .notStarted: "not started"
    case .running: "running"
    case .paused: "paused"
    case .exited(let code): "exited with code \(code)"
    case .signaled(let signal): "ended by signal \(signal)"
    }
  }
}
