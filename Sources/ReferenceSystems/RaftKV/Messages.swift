/// What servers say to each other. Names follow figure 2 where the paper has the message.
public enum Message: Hashable, Sendable {
  /// PreVote (thesis §9.6): would you vote for me in this term? Nobody's term changes by asking.
  case preVote(VoteRequest)
  case preVoteReply(VoteReply)
  case requestVote(VoteRequest)
  case voteReply(VoteReply)
  case appendEntries(AppendEntries)
  case appendReply(AppendReply)
  case heartbeat(Heartbeat)
  case heartbeatReply(HeartbeatReply)
  /// A client's request on its way from the node that accepted it to the leader.
  case forward(Forward)
  case forwardReply(ForwardReply)
}

/// RequestVote, and the same question asked ahead of time by PreVote.
public struct VoteRequest: Hashable, Sendable {
  /// The term of the election; in a PreVote the term that the sender would move to.
  public var term: Term
  public var lastLogIndex: LogIndex
  public var lastLogTerm: Term

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
  public var granted: Bool

  public init(term: Term, granted: Bool) {
    self.term = term
    self.granted = granted
  }
}

/// AppendEntries of figure 2.
public struct AppendEntries: Hashable, Sendable {
  public var term: Term
  public var prevLogIndex: LogIndex
  public var prevLogTerm: Term
  public var entries: [Entry]
  public var leaderCommit: LogIndex

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

  public var term: Term
  public var result: Result

  public init(term: Term, result: Result) {
    self.term = term
    self.result = result
  }
}

/// Keeps followers from starting elections, tells them the commit index, and carries the number of a ReadIndex round.
public struct Heartbeat: Hashable, Sendable {
  public var term: Term
  /// The leader's commit index, but never more than it knows this follower to hold.
  public var commit: LogIndex
  public var round: UInt64

  public init(term: Term, commit: LogIndex, round: UInt64) {
    self.term = term
    self.commit = commit
    self.round = round
  }
}

/// "You are still my leader": the answer to a ``Heartbeat``, with its round.
public struct HeartbeatReply: Hashable, Sendable {
  public var term: Term
  public var round: UInt64

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
  public var term: Term
  public var id: ForwardID
  public var operation: Operation

  public init(term: Term, id: ForwardID, operation: Operation) {
    self.term = term
    self.id = id
    self.operation = operation
  }
}

/// The answer to a ``Forward``.
public struct ForwardReply: Hashable, Sendable {
  public var id: ForwardID
  public var outcome: Outcome

  public init(id: ForwardID, outcome: Outcome) {
    self.id = id
    self.outcome = outcome
  }
}
