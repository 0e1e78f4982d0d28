import RaftKV
import SimulationKit

/// What the whole cluster has committed, in order, as seen from above: the yardstick of several invariants.
struct CommittedLog {
  struct Position {
    var entry: Entry
    /// Term of the server that committed it first.
    var commitTerm: Term
  }

  /// Position 0 is index 1.
  private(set) var positions: [Position] = []
  /// As of the last entry, ascending.
  private(set) var members: [NodeID]
  /// Changes that made no difference any more, or did when they were committed.
  private var added: Set<NodeID>
  private var removed: Set<NodeID> = []

  init(members: [NodeID]) {
    self.members = members
    added = Set(members)
  }

  /// Whether a server was a member, or was none, at some time.
  func hasMadeTrue(_ change: MembershipChange) -> Bool {
    switch change {
    case .add(let node): added.contains(node)
    case .remove(let node): removed.contains(node) || !added.contains(node)
    }
  }

  var lastIndex: LogIndex { LogIndex(positions.count) }

  subscript(index: LogIndex) -> Position { positions[Int(index - 1)] }

  mutating func append(_ position: Position) {
    positions.append(position)
    guard case .configuration(let membership) = position.entry.payload else { return }
    removed.formUnion(members.filter { !membership.contains($0) })
    added.formUnion(membership.voters)
    members = membership.voters
  }
}
