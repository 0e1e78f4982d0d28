/// The servers whose votes and logs count: one configuration of the cluster (§6, thesis §4).
public struct Membership: Hashable, Sendable {
  /// Ascending, each once.
  public let voters: [NodeID]

  /// A configuration of these servers, in any order.
  public init(_ voters: some Sequence<NodeID>) { self.voters = Set(voters).sorted() }

  /// Whether a server's vote counts.
  public func contains(_ node: NodeID) -> Bool { voters.contains(node) }

  /// How many servers make a quorum. Two majorities always share a server, which is what safety rests on.
  public func quorum(_ bug: RaftBug? = nil) -> Int {
    bug == .shortQuorum ? max(1, voters.count / 2) : voters.count / 2 + 1
  }

  /// This configuration with one server more or less; the same if it is so already.
  func applying(_ change: MembershipChange) -> Membership {
    switch change {
    case .add(let node): Membership(voters + [node])
    case .remove(let node): Membership(voters.filter { $0 != node })
    }
  }
}

/// One server more or less: of two configurations that differ by so little, any majority of the one shares a server with
/// any majority of the other (thesis §4.1, figure 4.3).
public enum MembershipChange: Hashable, Sendable {
  /// AddServer of figure 4.1.
  case add(NodeID)
  /// RemoveServer of figure 4.1.
  case remove(NodeID)

  /// The server that it is about.
  public var node: NodeID {
    switch self {
    case .add(let node), .remove(let node): node
    }
  }
}

/// Why a change of the membership was certainly not proposed.
public enum ChangeRefusal: UInt8, Hashable, Sendable, CaseIterable {
  /// The change before is not committed yet, or its server still catches up (figure 4.1, step 3). Later it may go.
  case inProgress = 0
  /// The leader has committed nothing in its term yet, so it may not know the latest configuration. Later it may go.
  case notReady = 1
  /// The server is not among ``Configuration/servers``.
  case unknownServer = 2
  /// The last server cannot go.
  case lastMember = 3
  /// The new server was out of reach, or did not catch up in ten rounds (figure 4.1, step 2).
  case notCaughtUp = 4
}

/// The configurations in one server's log. "A server always uses the latest configuration in its log, regardless of
/// whether the entry is committed" (thesis §4.1).
struct Memberships: Sendable {
  /// Ascending by index. The first is that at the beginning of the log: of the snapshot, or of the cluster's start.
  private var known: [(index: LogIndex, membership: Membership)]

  init(_ first: Membership, at index: LogIndex) { known = [(index, first)] }

  var latest: Membership { known[known.count - 1].membership }
  /// The entry that holds the latest; 0, or that of the snapshot, for the first.
  var latestIndex: LogIndex { known[known.count - 1].index }

  /// The latest at or before entry `index`.
  func latest(through index: LogIndex) -> Membership {
    known.last { $0.index <= index }?.membership ?? known[0].membership
  }

  /// The log has a further entry with a configuration.
  mutating func append(_ membership: Membership, at index: LogIndex) { known.append((index, membership)) }

  /// The log lost its entries from `index` on; the first configuration is always committed and stays.
  mutating func truncate(from index: LogIndex) {
    while known.count > 1, latestIndex >= index { known.removeLast() }
  }

  /// The log begins behind `index`.
  mutating func compact(through index: LogIndex) {
    while known.count > 1, known[1].index <= index { known.removeFirst() }
  }
}
