/// What servers say to each other. Names follow figure 2 where the paper has the message.
public enum Message: Hashable, Sendable {
  /// PreVote (thesis §9.6): would you vote for me in this term? Nobody's term changes by asking.
  case preVote(VoteRequest)
  /// Answers ``preVote(_:)``.
  case preVoteReply(VoteReply)
  /// RequestVote of figure 2 (§5.2).
  case requestVote(VoteRequest)
  /// Answers ``requestVote(_:)``, once the vote is on disk.
  case voteReply(VoteReply)
  /// AppendEntries of figure 2 (§5.3), with entries or as a question about the log.
  case appendEntries(AppendEntries)
  /// Answers ``appendEntries(_:)``; a success waits until the entries are on disk.
  case appendReply(AppendReply)
  /// The leader's sign of life (§5.2), apart from the log.
  case heartbeat(Heartbeat)
  /// Answers ``heartbeat(_:)``; waits for no disk.
  case heartbeatReply(HeartbeatReply)
  /// A client's request on its way from the node that accepted it to the leader.
  case forward(Forward)
  /// The leader's answer to ``forward(_:)``.
  case forwardReply(ForwardReply)
  /// InstallSnapshot of figure 13 (§7).
  case installSnapshot(InstallSnapshot)
  /// Answers ``installSnapshot(_:)``, except that a follower which has it all on disk, or needs none of it, sends an
  /// ``appendReply(_:)``.
  case installSnapshotReply(InstallSnapshotReply)
}

/// RequestVote, and the same question asked ahead of time by PreVote.
public struct VoteRequest: Hashable, Sendable {
  /// The term of the election; in a PreVote the term that the sender would move to.
  public var term: Term
  /// "Index of candidate's last log entry": with the term below, says whose log is more up-to-date (§5.4.1).
  public var lastLogIndex: LogIndex
  /// "Term of candidate's last log entry".
  public var lastLogTerm: Term

  /// A question with the sender's log as evidence.
  public init(term: Term, lastLogIndex: LogIndex, lastLogTerm: Term) {
    self.term = term
    self.lastLogIndex = lastLogIndex
    self.lastLogTerm = lastLogTerm
  }
}

/// The answer to either question.
public struct VoteReply: Hashable, Sendable {
  /// The voter's term; in a granted PreVote the term that was asked about, as the voter's own did not change.
  public var term: Term
  /// "True means candidate received vote".
  public var granted: Bool

  /// An answer of a voter.
  public init(term: Term, granted: Bool) {
    self.term = term
    self.granted = granted
  }
}

/// AppendEntries of figure 2.
public struct AppendEntries: Hashable, Sendable {
  /// "Leader's term".
  public var term: Term
  /// "Index of log entry immediately preceding new ones".
  public var prevLogIndex: LogIndex
  /// "Term of prevLogIndex entry": where it differs, the follower refuses.
  public var prevLogTerm: Term
  /// "Log entries to store"; empty when the leader only asks whether the logs agree.
  public var entries: [Entry]
  /// "Leader's commitIndex".
  public var leaderCommit: LogIndex

  /// Entries `prevLogIndex + 1` and up of the leader of `term`.
  public init(term: Term, prevLogIndex: LogIndex, prevLogTerm: Term, entries: [Entry], leaderCommit: LogIndex) {
    self.term = term
    self.prevLogIndex = prevLogIndex
    self.prevLogTerm = prevLogTerm
    self.entries = entries
    self.leaderCommit = leaderCommit
  }
}

/// The answer to ``AppendEntries``.
public struct AppendReply: Hashable, Sendable {
  /// What the follower found at `prevLogIndex`.
  public enum Result: Hashable, Sendable {
    /// The follower's log equals the leader's up to `matchIndex`, and that much is on its disk.
    case matched(matchIndex: LogIndex)
    /// The consistency check failed. `conflictTerm` is the term found there and `conflictIndex` the first index of that
    /// term; for a log that is too short the term is 0 and the index is the first one missing (§5.3, last paragraphs).
    case conflict(prevLogIndex: LogIndex, conflictTerm: Term, conflictIndex: LogIndex)
    /// The sender's term is over.
    case staleTerm
  }

  /// The follower's term, "for leader to update itself".
  public var term: Term
  /// Figure 2 has a Boolean here; the detail saves the leader guesses.
  public var result: Result

  /// An answer of a follower.
  public init(term: Term, result: Result) {
    self.term = term
    self.result = result
  }
}

/// InstallSnapshot of figure 13, without the leader's id, which the sender's is.
public struct InstallSnapshot: Hashable, Sendable {
  /// "Leader's term".
  public var term: Term
  /// "The snapshot replaces all entries up through and including this index".
  public var lastIncludedIndex: LogIndex
  /// "Term of lastIncludedIndex".
  public var lastIncludedTerm: Term
  /// "Byte offset where chunk is positioned in the snapshot file".
  public var offset: UInt64
  /// "Raw bytes of the snapshot chunk, starting at offset"; empty when the leader only asks how much has arrived.
  public var data: [UInt8]
  /// "True if this is the last chunk".
  public var done: Bool

  /// One part of a snapshot.
  public init(
    term: Term, lastIncludedIndex: LogIndex, lastIncludedTerm: Term, offset: UInt64, data: [UInt8], done: Bool
  ) {
    self.term = term
    self.lastIncludedIndex = lastIncludedIndex
    self.lastIncludedTerm = lastIncludedTerm
    self.offset = offset
    self.data = data
    self.done = done
  }
}

/// The answer to ``InstallSnapshot``.
public struct InstallSnapshotReply: Hashable, Sendable {
  /// The follower's term, "for leader to update itself".
  public var term: Term
  /// Of the snapshot that the answer is about.
  public var lastIncludedIndex: LogIndex
  /// How many bytes of it the follower has: what it wants next.
  public var offset: UInt64

  /// An answer of a follower.
  public init(term: Term, lastIncludedIndex: LogIndex, offset: UInt64) {
    self.term = term
    self.lastIncludedIndex = lastIncludedIndex
    self.offset = offset
  }
}

/// Keeps followers from starting elections, tells them the commit index, and carries the number of a ReadIndex round.
public struct Heartbeat: Hashable, Sendable {
  /// The leader's term.
  public var term: Term
  /// The leader's commit index, but never more than it knows this follower to hold.
  public var commit: LogIndex
  /// Number of the latest ReadIndex round of this leadership; 0 before the first.
  public var round: UInt64

  /// A sign of life of the leader of `term`.
  public init(term: Term, commit: LogIndex, round: UInt64) {
    self.term = term
    self.commit = commit
    self.round = round
  }
}

/// "You are still my leader": the answer to a ``Heartbeat``, with its round.
public struct HeartbeatReply: Hashable, Sendable {
  /// The follower's term; a higher one than the leader's ends its leadership.
  public var term: Term
  /// The round of the heartbeat that is answered.
  public var round: UInt64

  /// A confirmation of round `round`.
  public init(term: Term, round: UInt64) {
    self.term = term
    self.round = round
  }
}

/// Identifies a forwarded request among all that one server ever sends: the number of the server's life in the upper 32
/// bits, a counter below. It grows without end, also over restarts.
public typealias ForwardID = UInt64

/// A client's request, addressed to the leader of `term` and to nobody else.
public struct Forward: Hashable, Sendable {
  /// The term whose leader may take the request; any other server refuses.
  public var term: Term
  /// Pairs the answer with the request and tells copies from new requests.
  public var id: ForwardID
  /// What the client asked for.
  public var operation: Operation

  /// A request for the leader of `term`.
  public init(term: Term, id: ForwardID, operation: Operation) {
    self.term = term
    self.id = id
    self.operation = operation
  }
}

/// The answer to a ``Forward``.
public struct ForwardReply: Hashable, Sendable {
  /// The id of the ``Forward``.
  public var id: ForwardID
  /// What the client is to be told.
  public var outcome: Outcome

  /// The answer to the request with this id.
  public init(id: ForwardID, outcome: Outcome) {
    self.id = id
    self.outcome = outcome
  }
}
