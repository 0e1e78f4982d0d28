/// What the shell tells the core. The core acts on nothing else.
public enum Event: Sendable {
  /// Time passed. Wanted every few milliseconds; how often decides only how late time-outs fire.
  case tick
  /// A message of another member came in, perhaps late, twice, or out of order.
  case received(Message, from: NodeID)
  /// A client of this node asks for something; exactly one ``Directive/respond(_:_:)`` with this id follows, now or
  /// later, as long as the process lives.
  case request(Operation, id: RequestID)
  /// Everything up to and including this batch survives a crash from now on.
  case persisted(PersistSequence)
  /// The snapshot that covers the slots up to this one survives a crash from now on.
  case snapshotSaved(through: Slot)
  /// No further event is waiting. The core now sends and persists what has gathered, in as few messages and batches as
  /// possible. The shell must let this follow every run of events.
  case endOfBatch
}

/// What the core asks the shell to do, in this order.
public enum Directive: Sendable {
  /// The network may lose, delay, duplicate and reorder it.
  case send(Message, to: NodeID)
  /// Append this to the write-ahead log and make it durable, in the order of the sequence numbers, then say
  /// ``Event/persisted(_:)``. Several batches may be under way.
  case persist(PersistBatch)
  /// Make this durable beside the write-ahead log, in place of the snapshot before, at once or not at all, then say
  /// ``Event/snapshotSaved(through:)``. In any order with batches, but one snapshot after the other.
  case saveSnapshot(Snapshot)
  /// The one answer to the request with this id.
  case respond(RequestID, Outcome)
  /// For logs and status only.
  case roleChanged(Role, ballot: Ballot)
  /// The node found proof that the protocol was violated, for example two values chosen for one slot. It does nothing any
  /// more: better one node less than two histories. The shell ends the process with the reason.
  case halt(reason: String)
}

/// What an acceptor must remember besides the proposals that it accepted: "a proposal numbered n only if it has not
/// responded to a prepare request having a number greater than n" (§2.2), over failures and restarts (§2.5).
public struct AcceptorState: Hashable, Sendable {
  /// The highest ballot that was promised, or used by this node itself.
  public var promised: Ballot
  /// How often this node was started on this data, so that identifiers never repeat over restarts.
  public var lives: UInt32

  /// The state of a node that was never started, unless told otherwise.
  public init(promised: Ballot = .zero, lives: UInt32 = 0) {
    self.promised = promised
    self.lives = lives
  }
}

/// One record of the write-ahead log: what changed since the batch before.
public struct PersistBatch: Hashable, Sendable {
  /// Named again by ``Event/persisted(_:)``. It starts at 1 in each life of the process.
  public var sequence: PersistSequence
  /// nil when it did not change.
  public var state: AcceptorState?
  /// Proposals that were accepted, ascending by slot, each in place of what its slot held.
  public var votes: [Vote]
  /// The values in the log are known to be chosen up to here. It need not be durable at any time; it saves work at a
  /// restart.
  public var chosenThrough: Slot
  /// Slots up to here are gone from the log, as a durable snapshot covers them; nil when that did not change.
  public var truncatedThrough: Slot?
  /// It says all that the log on disk is to say: a new file may begin with it, and the old one is not needed.
  public var isWhole: Bool

  /// One record; what is nil stays as it was, unless the record is whole.
  public init(
    sequence: PersistSequence, state: AcceptorState?, votes: [Vote], chosenThrough: Slot, truncatedThrough: Slot? = nil,
    isWhole: Bool = false
  ) {
    self.isWhole = isWhole
    self.sequence = sequence
    self.state = state
    self.votes = votes
    self.chosenThrough = chosenThrough
    self.truncatedThrough = truncatedThrough
  }
}
