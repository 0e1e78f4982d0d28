/// What the shell tells the core. The core acts on nothing else.
public enum Event: Sendable {
  /// Time passed. Wanted every few milliseconds; how often decides only how late time-outs fire, and how finely timestamps
  /// follow the wall clock, in nanoseconds since 1970.
  case tick(wall: Nanoseconds)
  /// A message of another member came in, perhaps late, twice, or out of order.
  case received(Message, from: NodeID)
  /// A client of this node asks for something; exactly one ``Directive/respond(_:_:)`` with this id follows, now or
  /// later, as long as the process lives.
  case request(Operation, id: RequestID)
  /// Everything up to and including this batch survives a crash from now on.
  case persisted(PersistSequence)
  /// The snapshot taken last survives a crash from now on.
  case snapshotSaved
  /// No further event is waiting. The core now sends and persists what has gathered, in as few messages and batches as
  /// possible. The shell must let this follow every run of events.
  case endOfBatch
}

/// What the core asks the shell to do, in this order.
public enum Directive: Sendable {
  /// The network may lose, delay, duplicate and reorder it.
  case send(Message, to: NodeID)
  /// Append this to the write-ahead log and make it durable, in the order of the sequence numbers, then say
  /// ``Event/persisted(_:)``. Several batches may be under way. One that ``PersistBatch/isWhole`` may begin a new log.
  case persist(PersistBatch)
  /// Make this durable beside the write-ahead log, in place of the snapshot before, at once or not at all, then say
  /// ``Event/snapshotSaved``. The core waits for that before it asks for another.
  case saveSnapshot(Snapshot)
  /// The one answer to the request with this id.
  case respond(RequestID, Outcome)
}
