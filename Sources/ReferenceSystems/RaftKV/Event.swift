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

  /// Named again by ``Event/persisted(_:)``. It starts at 1 in each life of the process.
  public var sequence: PersistSequence
  /// nil when it did not change.
  public var hardState: HardState?
  /// nil when the log did not change.
  public var suffix: Suffix?

  /// One record; what is nil stays as it was.
  public init(sequence: PersistSequence, hardState: HardState?, suffix: Suffix?) {
    self.sequence = sequence
    self.hardState = hardState
    self.suffix = suffix
  }
}

/// The state that the write-ahead log holds, rebuilt by replaying its batches in order.
public struct RecoveredState: Sendable {
  /// The latest that was replayed.
  public private(set) var hardState = HardState()
  /// The log as the replayed batches leave it.
  public private(set) var log = Log()

  /// What an empty disk holds.
  public init() {}

  /// A batch that cannot follow what was replayed before it.
  public struct Gap: Error, CustomStringConvertible {
    /// Where the batch starts.
    public let firstIndex: LogIndex
    /// Where the replayed log ends.
    public let lastIndex: LogIndex
    /// One line for the operator.
    public var description: String {
      "the write-ahead log jumps from entry \(lastIndex) to entry \(firstIndex): records are missing"
    }
  }

  /// Replays one batch.
  /// - Throws: ``Gap`` when entries between the replayed log and the batch are missing.
  public mutating func replay(_ batch: PersistBatch) throws {
    if let hardState = batch.hardState { self.hardState = hardState }
    guard let suffix = batch.suffix else { return }
    guard suffix.firstIndex >= 1, suffix.firstIndex <= log.lastIndex + 1 else {
      throw Gap(firstIndex: suffix.firstIndex, lastIndex: log.lastIndex)
    }
    log.truncate(from: suffix.firstIndex)
    for entry in suffix.entries { log.append(entry) }
  }
}
