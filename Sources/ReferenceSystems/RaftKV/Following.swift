/// The follower's side of log replication (§5.3).
extension Raft {
  /// Whether a message of a leader belongs to the present or the future. If so, its sender is the leader to follow.
  mutating func follow(_ sender: NodeID, term: Term) -> Bool {
    guard term >= currentTerm else { return false }
    if role == .leader, term == currentTerm {
      // Election Safety (§5.2) rules this out; a leader does not follow another of its own term whatever comes.
      return false
    }
    becomeFollower(term: term, leader: sender)
    lastLeaderContact = now
    resetElectionTimer()
    return true
  }

  /// Receiver implementation of AppendEntries (figure 2).
  mutating func answer(_ append: AppendEntries, from sender: NodeID) {
    guard follow(sender, term: append.term) else {
      // "Reply false if term < currentTerm": the higher term makes the sender step down.
      if !isHalted { sendWhenDurable(.appendReply(AppendReply(term: currentTerm, result: .staleTerm)), to: sender) }
      return
    }
    // What the snapshot covers is committed, so the leader's log has the same there.
    guard append.prevLogIndex < log.base || log.term(at: append.prevLogIndex) == append.prevLogTerm else {
      send(.appendReply(AppendReply(term: currentTerm, result: conflict(at: append.prevLogIndex))), to: sender)
      return
    }
    guard store(append) else { return }
    let matchIndex = append.prevLogIndex + LogIndex(append.entries.count)
    advanceCommitIndex(to: min(append.leaderCommit, matchIndex))
    sendWhenDurable(
      .appendReply(AppendReply(term: currentTerm, result: .matched(matchIndex: matchIndex))), to: sender)
  }

  /// What the leader needs to skip the entries that disagree (§5.3).
  private func conflict(at prevLogIndex: LogIndex) -> AppendReply.Result {
    guard let term = log.term(at: prevLogIndex) else {
      return .conflict(prevLogIndex: prevLogIndex, conflictTerm: 0, conflictIndex: log.lastIndex + 1)
    }
    return .conflict(
      prevLogIndex: prevLogIndex, conflictTerm: term, conflictIndex: log.firstIndexOfTerm(at: prevLogIndex))
  }

  /// "If an existing entry conflicts with a new one (same index but different terms), delete the existing entry and all
  /// that follow it. Append any new entries not already in the log" (figure 2). A message that was overtaken thus never
  /// shortens the log.
  /// - Returns: false if the server had to halt.
  private mutating func store(_ append: AppendEntries) -> Bool {
    var index = append.prevLogIndex
    for entry in append.entries {
      index += 1
      if index <= log.base { continue }
      if let term = log.term(at: index) {
        if term == entry.term { continue }
        guard index > commitIndex else {
          halt("the leader of term \(append.term) replaces entry \(index), which is committed here with term \(term)")
          return false
        }
        truncateLog(from: index)
      }
      self.append(entry)
    }
    index = max(index, log.base)
    if configuration.bug == .truncatesOnStaleAppend, index < log.lastIndex { truncateLog(from: index + 1) }
    return true
  }

  private mutating func truncateLog(from index: LogIndex) {
    log.truncate(from: index)
    memberships.truncate(from: index)
    membershipChanged()
    durability.logChanged(from: index)
  }

  /// Waits for no disk: it promises only that the sender leads. `commit` never exceeds what this log is known to hold.
  mutating func answer(_ heartbeat: Heartbeat, from sender: NodeID) {
    if follow(sender, term: heartbeat.term) { advanceCommitIndex(to: min(heartbeat.commit, log.lastIndex)) }
    if !isHalted { send(.heartbeatReply(HeartbeatReply(term: currentTerm, round: heartbeat.round)), to: sender) }
  }
}
