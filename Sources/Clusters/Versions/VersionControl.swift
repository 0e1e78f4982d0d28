/// What one process of a node runs, as the kernel tells it.
public struct RunningProgram: Hashable, Sendable {
  public var pid: Int32
  /// The file that it was started from.
  public var executable: String
  /// Its own name included.
  public var commandLine: [String]

  public init(pid: Int32, executable: String, commandLine: [String]) {
    self.pid = pid
    self.executable = executable
    self.commandLine = commandLine
  }

  /// The same program with the same arguments, whatever its number.
  public func isSame(as other: RunningProgram) -> Bool {
    executable == other.executable && commandLine == other.commandLine
  }
}

/// Choosing what a node runs at its next start: another build of the system, or the same with other parameters.
public protocol VersionControl: Sendable {
  /// Names of the versions besides the one that the cluster began with, in order.
  var versions: [String] { get }
  /// What the node runs from its next start on; nil is what it began with. What runs goes on.
  ///
  /// - Throws: `ClusterError.unknownNode`, `ClusterError.unknownVersion`.
  func choose(_ version: String?, for node: String) throws
  /// What runs now, in order of the numbers: empty where nothing does.
  func running(_ node: String) throws -> [RunningProgram]
}
