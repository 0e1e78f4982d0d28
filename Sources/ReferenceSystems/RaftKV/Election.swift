import ProtocolKit

/// The votes of one election or pre-election.
struct Ballot: Sendable {
  /// The term that the votes are for.
  var term: Term = 0
  /// A set, as an answer may come twice.
  var voters: Set<NodeID> = []
  /// The batch with this server's own vote; that vote counts once the disk has it.
  var ownVote: PersistSequence = 0
}

/// Leader election (§5.2, §5.4.1) with PreVote (thesis §9.6).
extension Raft {
  /// "Randomized election timeouts to ensure that split votes are rare" (§5.2).
  mutating func resetElectionTimer() {
    let range = configuration.electionTimeoutMax - configuration.electionTimeoutMin
    electionDeadline = now + configuration.electionTimeoutMin + random.next(below: range)
  }

  /// Starts an election when the time-out elapses, and repeats questions that were not answered.
  mutating func electionTick() {
    if now >= electionDeadline, !mayCampaign {
      leaderID = nil
      abandonForwards()
      resetElectionTimer()
    } else if now >= electionDeadline {
      startPreVote()
    } else if role != .follower, now >= canvassDeadline {
      canvass()
    }
  }

  /// A server that heard from no leader asks first whether it could win. Its term does not change, so a server that is
  /// cut off comes back with the term it left with (thesis §9.6).
  private mutating func startPreVote() {
    if role != .preCandidate { directives.append(.roleChanged(.preCandidate, term: currentTerm)) }
    role = .preCandidate
    leaderID = nil
    ballot = Ballot(term: currentTerm + 1, voters: isVoter ? [configuration.id] : [])
    abandonForwards()
    resetElectionTimer()
    if ballot.voters.count >= quorum { startElection() } else { canvass() }
  }

  /// "To begin an election, a follower increments its current term and transitions to candidate state. It then votes
  /// for itself and issues RequestVote RPCs" (§5.2).
  private mutating func startElection() {
    role = .candidate
    currentTerm += 1
    votedFor = configuration.id
    durability.hardStateChanged = true
    ballot = Ballot(term: currentTerm, voters: [], ownVote: durabilityBarrier)
    directives.append(.roleChanged(.candidate, term: currentTerm))
    resetElectionTimer()
    canvass()
  }

  /// Asks everybody who has not voted for this server yet, and again after a heartbeat interval: "servers retry RPCs if
  /// they do not receive a response in a timely manner" (§5.1).
  private mutating func canvass() {
    canvassDeadline = now + configuration.heartbeatInterval
    let question = VoteRequest(term: ballot.term, lastLogIndex: log.lastIndex, lastLogTerm: log.lastTerm)
    for peer in votingPeers.map({ peers[$0] }) where !ballot.voters.contains(peer) {
      // A candidate's vote for itself must not be forgotten once others may count on it.
      if role == .candidate {
        sendWhenDurable(.requestVote(question), to: peer)
      } else {
        send(.preVote(question), to: peer)
      }
    }
  }

  /// Counts the candidate's own vote once it is on disk.
  mutating func countOwnVote() {
    guard role == .candidate, durability.persisted >= ballot.ownVote else { return }
    count(vote: configuration.id)
  }

  /// Grants what it would grant in an election, but promises nothing: no vote is recorded (thesis §9.6).
  mutating func answer(preVote request: VoteRequest, from sender: NodeID) {
    let granted =
      request.term > currentTerm && !hasLiveLeader
      && log.isUpToDate(index: request.lastLogIndex, term: request.lastLogTerm)
    send(.preVoteReply(VoteReply(term: granted ? request.term : currentTerm, granted: granted)), to: sender)
  }

  /// Counts a promise; a refusal from a higher term tells that this server is behind.
  mutating func receive(preVoteReply reply: VoteReply, from peer: Int) {
    if reply.granted {
      guard role == .preCandidate, reply.term == ballot.term else { return }
      count(vote: peers[peer])
    } else if reply.term > currentTerm {
      becomeFollower(term: reply.term, leader: nil)
    }
  }

  /// Receiver implementation of RequestVote (figure 2): "if votedFor is null or candidateId, and candidate's log is at least
  /// as up-to-date as receiver's log, grant vote".
  mutating func answer(requestVote request: VoteRequest, from sender: NodeID) {
    if request.term > currentTerm {
      // "If a server receives a RequestVote within the minimum election timeout of hearing from a current leader, it
      // does not update its term or grant its vote" (§6).
      if hasLiveLeader { return }
      becomeFollower(term: request.term, leader: nil)
    }
    let granted =
      request.term == currentTerm && (votedFor == nil || votedFor == sender)
      && log.isUpToDate(index: request.lastLogIndex, term: request.lastLogTerm)
    if granted {
      if votedFor == nil {
        votedFor = sender
        durability.hardStateChanged = true
      }
      resetElectionTimer()
    }
    sendWhenDurable(.voteReply(VoteReply(term: currentTerm, granted: granted)), to: sender)
  }

  /// Counts a vote of this election; those of earlier ones are void.
  mutating func receive(voteReply reply: VoteReply, from peer: Int) {
    if reply.term > currentTerm {
      becomeFollower(term: reply.term, leader: nil)
    } else if role == .candidate, reply.granted, reply.term == currentTerm {
      count(vote: peers[peer])
    }
  }

  /// "A candidate wins an election if it receives votes from a majority of the servers" (§5.2). Only members' votes count:
  /// a candidate that is none itself "does not count its own vote" (thesis §4.2.2).
  private mutating func count(vote voter: NodeID) {
    guard memberships.latest.contains(voter) || voter == configuration.id else { return }
    if memberships.latest.contains(voter) { ballot.voters.insert(voter) }
    guard ballot.voters.count >= quorum else { return }
    if role == .preCandidate {
      startElection()
    } else if durability.persisted >= ballot.ownVote {
      becomeLeader()
    }
  }

  /// Whether a leader is at work as far as this server can tell: itself, or one heard from within the shortest election
  /// time-out.
  private var hasLiveLeader: Bool {
    if role == .leader { return true }
    return leaderID != nil && now < lastLeaderContact + configuration.electionTimeoutMin
  }

  /// "Once a candidate wins an election, it becomes leader" (§5.2) and writes a blank entry, to find out what is
  /// committed (§8). Everything in its log is durable now: its vote is, and was written after the log.
  private mutating func becomeLeader() {
    role = .leader
    leaderID = configuration.id
    leading = Leadership(peers: peers.count, lastIndex: log.lastIndex, now: now)
    if configuration.bug == .ackBeforeCommit { leading.speculative = machineAtEndOfLog() }
    directives.append(.roleChanged(.leader, term: currentTerm))
    append(Entry(term: currentTerm, payload: .noop))
    broadcastHeartbeat()
  }
}
