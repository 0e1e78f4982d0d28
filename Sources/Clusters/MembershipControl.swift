/// One node more or less among a system's members.
public enum MemberChange: Hashable, Sendable {
  case add(String)
  case remove(String)

  /// The name of the node that it is about.
  public var node: String {
    switch self {
    case .add(let node), .remove(let node): node
    }
  }
}

/// What the system said to the request for a change.
public enum ChangeAnswer: Hashable, Sendable {
  /// It says that the change is made.
  case accepted
  /// The change was certainly not made and will not be; with the reason: `change-in-progress`.
  case refused(String)
  /// It may be made now, later or never; with the reason: `timeout`.
  case unknown(String)
}

/// Whom one node takes for the system's members. Nodes may differ: one that was cut off knows of no change since.
public struct MembersAnswer: Hashable, Sendable {
  public var node: String
  /// Names in the order of the nodes; nil where the node did not answer, or not with a list of nodes.
  public var members: [String]?
  /// What it gave in place of a list: `timeout`.
  public var problem: String?

  /// A list, in the order of the nodes.
  public init(node: String, members: [String]) {
    self.node = node
    self.members = members
  }

  /// No list, and why.
  public init(node: String, problem: String) {
    self.node = node
    self.problem = problem
  }
}

/// Asking the system who its members are, and asking it to change that.
///
/// Nodes are named. What makes a node a member is the system's: its process runs on when it is none.
public protocol MembershipControl: Sendable {
  /// The answer of every node, in order. Nodes are asked side by side, and waited for in bounded time.
  func members() async -> [MembersAnswer]
  /// Asks the node `via` for a change; returns when it has answered, or has taken too long.
  func request(_ change: MemberChange, via: String) async -> ChangeAnswer
}
