import Glibc

/// Versions of what the nodes' processes are started from.
struct NodeVersions: VersionControl {
  let versions: [String]
  private let names: [String]
  private let runtimes: [String: NodeRuntime]
  /// By version, then by node.
  private let specs: [String: [String: NodeSpec]]

  init(_ runtimes: [NodeRuntime], _ versions: [NodeVersion]) {
    names = runtimes.map(\.spec.node.name)
    self.runtimes = Dictionary(uniqueKeysWithValues: runtimes.map { ($0.spec.node.name, $0) })
    self.versions = versions.map(\.name)
    specs = versions.reduce(into: [:]) { result, version in
      result[version.name] = version.nodes.reduce(into: [:]) { $0[$1.node.name] = $1 }
    }
  }

  func choose(_ version: String?, for node: String) throws {
    guard let runtime = runtimes[node] else { throw ClusterError.unknownNode(node, known: names) }
    guard let version else { return runtime.choose(runtime.spec.processes) }
    guard let spec = specs[version]?[node] else { throw ClusterError.unknownVersion(version, known: versions) }
    runtime.choose(spec.processes)
  }

  func running(_ node: String) throws -> [RunningProgram] {
    guard let runtime = runtimes[node] else { throw ClusterError.unknownNode(node, known: names) }
    return ProcFS.processes(inNetwork: runtime.inode).compactMap { pid in
      guard let executable = ProcFS.executable(of: pid), let line = ProcFS.commandLine(of: pid) else { return nil }
      return RunningProgram(pid: pid, executable: executable, commandLine: line)
    }
  }
}

/// What every node is to run in one version of the system.
public struct NodeVersion: Hashable, Sendable {
  public var name: String
  public var nodes: [NodeSpec]

  public init(name: String, nodes: [NodeSpec]) {
    self.name = name
    self.nodes = nodes
  }
}
