/// The monotonic and the boot clock of single nodes, which begin anew when a machine does: by the kernel's time namespaces.
public protocol BootControl: Sendable {
  /// From its next start on, the node's processes find that their machine was started `uptimeNanoseconds` ago, and later
  /// starts go on from there. What runs now keeps its clocks.
  ///
  /// - Throws: `ClusterError.unknownNode`.
  func boot(_ node: String, uptimeNanoseconds: Int64) throws
  /// What the monotonic clock shows to the node's processes, in nanoseconds, by the word of the kernel; nil where none
  /// runs.
  ///
  /// - Throws: `ClusterError.unknownNode`.
  func uptime(_ node: String) throws -> Int64?
}
