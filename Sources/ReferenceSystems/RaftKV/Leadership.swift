import ProtocolKit

/// "Volatile state on leaders, reinitialized after election" (figure 2).
struct Leadership: Sendable {
  /// What the leader knows of each peer.
  var progress: [Progress]
  /// The leader's own log is durable up to here: its own `matchIndex`.
  var ownMatchIndex: LogIndex
  /// Last index of each batch handed to the disk in this leadership.
  var batchesOnTheirWay = FIFO<(sequence: PersistSequence, lastIndex: LogIndex)>()
  /// When the next heartbeat is due.
  var heartbeatDeadline: Nanoseconds = 0

  /// Writes in the log that wait to be applied, by index.
  var proposals = FIFO<Proposal>()
  /// Reads that no heartbeat round covers yet.
  var waitingReads = FIFO<Read>()
  /// Reads whose round is under way, by round.
  var confirmingReads = FIFO<Read>()
  /// The server that is to become a member; nil when none is.
  var catchingUp: CatchingUp?
  /// The latest ReadIndex round that was started.
  var round: UInt64 = 0
  /// With ``RaftBug/ackBeforeCommit`` only: the map as if the whole log were committed.
  var speculative: StateMachine?
  /// With ``RaftBug/txnDirty`` only: keys that transactions under way write.
  var lockedKeys: Set<Bytes> = []

  /// "nextIndex: initialized to leader last log index + 1; matchIndex: initialized to 0" (figure 2).
  init(peers: Int, lastIndex: LogIndex, now: Nanoseconds) {
    progress = Array(repeating: Progress(nextIndex: lastIndex + 1, waitingSince: now, lastContact: now), count: peers)
    ownMatchIndex = lastIndex
  }
}

/// The leader's view of one follower.
struct Progress: Sendable {
  /// "Index of the next log entry to send to that server" (figure 2).
  var nextIndex: LogIndex
  /// "Index of highest log entry known to be replicated on server": known to be on its disk.
  var matchIndex: LogIndex = 0
  /// Whether the leader still looks for the point where the logs agree. Until it is found, one message at a time.
  var isProbing = true
  /// AppendEntries without an answer.
  var inFlight = 0
  /// When the wait for an answer to AppendEntries began, or was last rewarded.
  var waitingSince: Nanoseconds
  /// When the peer last confirmed this leader's term.
  var lastContact: Nanoseconds
  /// The latest ReadIndex round that the peer confirmed.
  var confirmedRound: UInt64 = 0
  /// The snapshot on its way to it, in the place of entries; nil when the log has what it needs.
  var transfer: SnapshotTransfer?
}

/// A snapshot on its way to a follower. It stays the same when the leader takes newer ones meanwhile.
struct SnapshotTransfer: Sendable {
  var snapshot: Snapshot
  /// Bytes that the follower has.
  var offset: Int
}

/// Who waits for an answer.
enum Origin: Sendable {
  /// A client of this server.
  case client(RequestID)
  /// Another server, on behalf of its client.
  case peer(NodeID, ForwardID)
}

/// A write that stands in the leader's log.
struct Proposal: Sendable {
  var index: LogIndex
  var origin: Origin
  var deadline: Nanoseconds
  /// With the bugs of transactions only: what the entry is a part of.
  var run: TransactionRun?
}

/// A read on its way through the ReadIndex steps.
struct Read: Sendable {
  var query: Query
  var origin: Origin
  var deadline: Nanoseconds
  /// With the bugs of transactions only: what the read is a part of.
  var run: TransactionRun?
  /// What the answer must reflect; set when the round starts.
  var readIndex: LogIndex = 0
  var round: UInt64 = 0
}
