import Clusters
import Histories

/// The run as templates see it: `run.id` and `run.dir`.
public struct RunIdentity: Hashable, Sendable {
  /// Different for every run: a prefix for keys on a system that outlives the run.
  public var id: String
  /// The absolute path of the run directory.
  public var directory: String

  public init(id: String, directory: String) {
    self.id = id
    self.directory = directory
  }
}

/// One operation that a client is about to send.
public struct PendingOperation: Hashable, Sendable {
  /// Unique in the run, from 1 on, growing: `op.id`, for idempotency keys and request ids.
  public var id: Int
  /// The operation's name: Jepsen's `f`.
  public var function: String
  /// The whole value of the invocation event, wrapped as `[key, value]` where `keyed`.
  public var value: Value
  public var keyed: Bool

  public init(id: Int, function: String, value: Value, keyed: Bool) {
    self.id = id
    self.function = function
    self.value = value
    self.keyed = keyed
  }

  /// `op.key`: null where the workload has no keys.
  public var key: Value { keyed ? value.keyedPair?.key ?? .null : .null }

  /// `op.value`: what is left of the value without its key.
  public var payload: Value { keyed ? value.keyedPair?.value ?? value : value }

  /// `payload` in place of this invocation's own, wrapped alike.
  public func wrapping(_ payload: Value) -> Value {
    guard keyed, let pair = value.keyedPair else { return payload }
    return .keyed(pair.key, payload)
  }
}

/// All that a template may refer to. What is nil is not known where the template is used: referring to it is an error.
public struct TemplateScope: Sendable {
  public var node: Node?
  /// All nodes in order of their numbers.
  public var nodes: [Node]
  public var parameters: [String: Value]
  public var run: RunIdentity?
  public var invocation: PendingOperation?
  /// The node that a change of the membership is about.
  public var target: Node?

  public init(
    node: Node? = nil, nodes: [Node] = [], parameters: [String: Value] = [:], run: RunIdentity? = nil,
    invocation: PendingOperation? = nil, target: Node? = nil
  ) {
    self.node = node
    self.nodes = nodes
    self.parameters = parameters
    self.run = run
    self.invocation = invocation
    self.target = target
  }
}
