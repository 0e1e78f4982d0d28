/// What the shell tells the core. The core acts on nothing else.
public enum Event: Sendable {
  /// Time passed. Wanted every few milliseconds; how often decides only how late time-outs fire.
  case tick
  /// Messages of another member came in, perhaps late, twice, or out of order.
  case received([Message], from: NodeID)
  /// A client of this broker asks for something; exactly one ``Directive/respond(_:_:)`` with this id follows, now or
  /// later, as long as the process lives.
  case request(Operation, id: RequestID)
  /// Everything up to and including this batch survives a crash from now on.
  case persisted(PersistSequence)
  /// The snapshot of this number survives a crash from now on.
  case snapshotSaved(number: UInt64)
  /// No further event is waiting. The core now sends and persists what has gathered, in as few messages and batches as
  /// possible. The shell must let this follow every run of events.
  case endOfBatch
}

/// What the core asks the shell to do, in this order.
public enum Directive: Sendable {
  /// The network may lose, delay, duplicate and reorder it. What travels together is one frame.
  case send([Message], to: NodeID)
  /// Append this to the write-ahead log and make it durable, in the order of the sequence numbers, then say
  /// ``Event/persisted(_:)``. A batch that is whole takes the place of all before it. Several batches may be under way.
  case persist(PersistBatch)
  /// Make this durable beside the write-ahead log, in place of the snapshot before, at once or not at all, then say
  /// ``Event/snapshotSaved(number:)``.
  case saveSnapshot(Snapshot)
  /// The one answer to the request with this id.
  case respond(RequestID, Outcome)
  /// For logs only: this broker leads a partition from now on, or does not any more.
  case leads(PartitionID, epoch: Epoch, Bool)
}

/// One record of the write-ahead log: what changed since the batch before.
public struct PersistBatch: Hashable, Sendable {
  /// Named again by ``Event/persisted(_:)``. It starts at 1 in each life of the process.
  public var sequence: PersistSequence
  /// How often the broker was started on this data, so that names never repeat over restarts.
  public var lives: UInt32
  /// The number of the snapshot on which the write-ahead log builds; 0 for none.
  public var snapshot: UInt64
  /// It says all that the snapshot does not: a new file may begin with it, and the old one is not needed.
  public var isWhole: Bool
  /// One for each partition that changed.
  public var changes: [PartitionChange]
}

/// What changed in one partition. Every field says how it is now, not by what it differs: a batch may be replayed on a state
/// that is newer, if all batches behind it follow.
public struct PartitionChange: Hashable, Sendable {
  /// Which one.
  public var partition: PartitionID
  /// Its register, as this acceptor has it, and the leader epoch that the replica is in.
  public var state: PersistentState
  /// What is known to be committed. It need not be durable at any time; it saves work at a restart.
  public var highWatermark: Offset
  /// Present when all that was before is gone from the log.
  public var base: LogBase?
  /// The log is cut here.
  public var from: Offset
  /// And goes on with these.
  public var records: [Record]
}

/// What a replica must remember besides its log.
public struct PersistentState: Hashable, Sendable {
  /// The highest ballot that its acceptor promised.
  public var promised = Ballot.zero
  /// The ballot of `value`.
  public var accepted = Ballot.zero
  /// What its acceptor accepted last.
  public var value: LeaderAndISR?
  /// The epoch of the leader that it follows, or is: it never goes back to an earlier one.
  public var epoch: Epoch = 0

  /// That of a replica that was never asked.
  public init() {}
}
