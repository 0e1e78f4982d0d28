/// A member's number; small and stable for the life of the cluster.
public typealias NodeID = UInt32

/// A position in the replicated sequence of values, each decided by an instance of the synod protocol of its own. The
/// first is 1; 0 means "before the first".
public typealias Slot = UInt64

/// A point on the shell's monotonic clock, or a length of time, in nanoseconds. The core never reads a clock itself.
public typealias Nanoseconds = UInt64

/// Opaque bytes of a name, a key or a value.
public typealias Bytes = [UInt8]

/// The number by which the shell knows a request of one of its own clients.
public typealias RequestID = UInt64

/// Numbers the batches that the core asked the shell to persist: 1, 2, 3, ….
public typealias PersistSequence = UInt64

/// The number of a proposal. "Different proposers choose their numbers from disjoint sets of numbers, so two different
/// proposers never issue a proposal with the same number" (§2.5): the node's id is part of it. And "each proposer
/// remembers (in stable storage) the highest-numbered proposal it has tried to issue", so none is used twice.
public struct Ballot: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Compared first.
  public var round: UInt64
  /// The proposer; decides between equal rounds.
  public var node: NodeID

  /// The ballot of `node` in `round`; rounds start at 1.
  public init(round: UInt64, node: NodeID) {
    self.round = round
    self.node = node
  }

  /// Below every ballot that a proposer uses.
  public static let zero = Ballot(round: 0, node: 0)

  /// By round, then by node.
  public static func < (a: Ballot, b: Ballot) -> Bool { a.round != b.round ? a.round < b.round : a.node < b.node }

  /// `round.node`
  public var description: String { "\(round).\(node)" }
}

/// "A proposal consists of a proposal number and a value" (§2.2): what an acceptor accepted in a slot.
public struct Proposal: Hashable, Sendable {
  /// The highest ballot in which it was accepted here.
  public var ballot: Ballot
  /// What is proposed for the slot.
  public var value: Value

  /// A proposal of the ballot's proposer.
  public init(ballot: Ballot, value: Value) {
    self.ballot = ballot
    self.value = value
  }
}

/// An accepted proposal together with its slot.
public struct Vote: Hashable, Sendable {
  /// Which instance of the protocol it belongs to.
  public var slot: Slot
  /// What was accepted there.
  public var proposal: Proposal

  /// The proposal of one slot.
  public init(slot: Slot, proposal: Proposal) {
    self.slot = slot
    self.proposal = proposal
  }

  /// Size in bytes on the wire, near enough to bound messages.
  var byteCount: Int { proposal.value.byteCount + 24 }
}

/// Which of the paper's roles a node plays besides acceptor and learner, which all nodes are.
public enum Role: String, Sendable, CaseIterable {
  /// Follows a leader, or waits for one.
  case follower
  /// In phase 1.
  case candidate
  /// The distinguished proposer (§2.4), in phase 2.
  case leader
}
