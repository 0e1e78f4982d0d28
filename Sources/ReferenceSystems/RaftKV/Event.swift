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
  /// The snapshot of a ``Directive/saveSnapshot(_:)`` survives a crash from now on.
  case snapshotSaved(Snapshot)
  /// No further event is waiting. The core now sends and persists what has gathered, in as few messages and batches as
  /// possible. The shell must let this follow every run of events.
  case endOfBatch
}

/// What the core asks the shell to do, in this order.
public enum Directive: Sendable {
  /// The network may lose, delay, duplicate and reorder it.
  case send(Message, to: NodeID)
  /// Append this to the write-ahead log and make it durable, in the order of the sequence numbers, then say
  /// ``Event/persisted(_:)``. Several batches may be under way. One with a ``PersistBatch/base`` says all that is to be
  /// known: a new file may begin with it, in place of all before.
  case persist(PersistBatch)
  /// Encode this, on any thread, make it durable beside the write-ahead log in place of the snapshot before, at once or
  /// not at all, then say ``Event/snapshotSaved(_:)``. One follows the other only after that; their order with batches does
  /// not matter.
  case saveSnapshot(SnapshotContents)
  /// The one answer to the request with this id.
  case respond(RequestID, Outcome)
  /// For logs and status only.
  case roleChanged(Role, term: Term)
  /// The server found proof that the protocol was violated, for example that a committed entry would be overwritten.
  /// It does nothing any more: better one server less than two histories. The shell ends the process with the reason.
  case halt(reason: String)
}

/// The part of "persistent state on all servers" (figure 2) that is not the log.
public struct HardState: Hashable, Sendable {
  /// "Latest term server has seen".
  public var currentTerm: Term
  /// Whom the server voted for in `currentTerm`: forgotten, it could vote twice and elect two leaders.
  public var votedFor: NodeID?
  /// How often this server was started on this data, so that identifiers never repeat over restarts.
  public var lives: UInt32

  /// The state of a server that was never started, unless told otherwise.
  public init(currentTerm: Term = 0, votedFor: NodeID? = nil, lives: UInt32 = 0) {
    self.currentTerm = currentTerm
    self.votedFor = votedFor
    self.lives = lives
  }
}

/// One record of the write-ahead log: what changed since the batch before.
public struct PersistBatch: Hashable, Sendable {
  /// "The log from `firstIndex` on is exactly these entries": truncation and append in one.
  public struct Suffix: Hashable, Sendable {
    /// What stood here or behind is gone; at most one more than the last index before.
    public var firstIndex: LogIndex
    /// The new end of the log.
    public var entries: [Entry]

    /// Replaces the log from `firstIndex` on.
    public init(firstIndex: LogIndex, entries: [Entry]) {
      self.firstIndex = firstIndex
      self.entries = entries
    }
  }

  /// Where a log begins that lost a prefix to a snapshot.
  public struct Base: Hashable, Sendable {
    /// The last entry that is gone.
    public var index: LogIndex
    /// Its term.
    public var term: Term

    /// Behind this entry.
    public init(index: LogIndex, term: Term) {
      self.index = index
      self.term = term
    }
  }

  /// Named again by ``Event/persisted(_:)``. It starts at 1 in each life of the process.
  public var sequence: PersistSequence
  /// nil when it did not change.
  public var hardState: HardState?
  /// Not nil when the log begins elsewhere than before. A durable snapshot covers what is gone, `suffix` holds the whole
  /// rest of the log and `hardState` is set: nothing that was written before matters any more.
  public var base: Base?
  /// nil when the log did not change.
  public var suffix: Suffix?

  /// One record; what is nil stays as it was.
  public init(sequence: PersistSequence, hardState: HardState?, base: Base? = nil, suffix: Suffix?) {
    self.sequence = sequence
    self.hardState = hardState
    self.base = base
    self.suffix = suffix
  }
}
