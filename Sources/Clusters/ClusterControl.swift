/// What the harness may do to a running cluster. What a kind of cluster cannot do is nil, and is reported as skipped.
public protocol ClusterControl: Sendable {
  /// In order of their numbers.
  var nodes: [Node] { get }
  var processes: (any ProcessControl)? { get }
  var network: (any NetworkControl)? { get }
  var primaries: (any PrimaryControl)? { get }
  var membership: (any MembershipControl)? { get }
  var clocks: (any ClockControl)? { get }
  var versions: (any VersionControl)? { get }
  var boots: (any BootControl)? { get }
  var processors: (any ProcessorControl)? { get }
  var packets: (any PacketControl)? { get }
  var disks: (any DiskControl)? { get }
}

extension ClusterControl {
  public var clocks: (any ClockControl)? { nil }
  public var versions: (any VersionControl)? { nil }
  public var boots: (any BootControl)? { nil }
  public var processors: (any ProcessorControl)? { nil }
  public var packets: (any PacketControl)? { nil }
  /// Only where a run asks for it: a layer over the data directories has its price.
  public var disks: (any DiskControl)? { nil }
}

/// How a node's processes are, as the kernel tells it.
public enum ProcessState: Hashable, Sendable {
  case notStarted
  case running(pid: Int32)
  /// State T of every process of the node's groups.
  case paused(pid: Int32)
  case exited(code: Int32)
  case signaled(signal: Int32)
}

/// How a process ended, from `waitid`.
public struct ProcessEnd: Hashable, Sendable {
  public var pid: Int32
  /// The signal that ended it; nil when it exited by itself.
  public var signal: Int32?
  /// The exit code, when it exited by itself.
  public var code: Int32?

  public init(pid: Int32, signal: Int32?, code: Int32?) {
    self.pid = pid
    self.signal = signal
    self.code = code
  }
}

/// Starting, ending and freezing the processes of a node.
///
/// Nodes are named; a name that the cluster does not have throws `ClusterError.unknownNode`.
public protocol ProcessControl: Sendable {
  /// Starts all processes of a node that is not running.
  func start(_ node: String) async throws
  /// Asks with SIGTERM, then kills after `graceSeconds`.
  func stop(_ node: String, graceSeconds: Double) async throws -> [ProcessEnd]
  /// SIGKILL to every process group of the node; returns when the kernel has reported every end.
  func kill(_ node: String) async throws -> [ProcessEnd]
  /// SIGSTOP to every process group; returns when all are in state T.
  func pause(_ node: String) async throws
  /// SIGCONT.
  func resume(_ node: String) async throws
  func state(_ node: String) throws -> ProcessState
}

/// A direction between two nodes, or between a node and the clients.
public struct Link: Hashable, Sendable, Comparable, Codable {
  /// The name that stands for the controller, from where the clients talk (and the harness's probes). No node has it.
  public static let controller = "controller"

  public var from: String
  public var to: String

  public init(from: String, to: String) {
    self.from = from
    self.to = to
  }

  public static func < (left: Link, right: Link) -> Bool { (left.from, left.to) < (right.from, right.to) }
}

/// What the kernel counted on a cut link since it was cut.
public struct Drops: Hashable, Sendable, Codable {
  public var packets: Int
  public var bytes: Int

  public init(packets: Int, bytes: Int) {
    self.packets = packets
    self.bytes = bytes
  }
}

/// Cutting links between nodes, and between nodes and the clients.
public protocol NetworkControl: Sendable {
  /// Makes exactly these links cut, those between nodes atomically where the machine can; a link that stays cut keeps its counters. The empty set heals all.
  ///
  /// Returns the final counters of the links that were healed by this call.
  func cut(_ links: Set<Link>) async throws -> [Link: Drops]
  /// The counters of the links that are cut now.
  func drops() async throws -> [Link: Drops]
}

/// Asking the system who leads.
public protocol PrimaryControl: Sendable {
  /// Names of the nodes that say they are primary now, in order; may be none or several.
  func primaries() async -> [String]
}
