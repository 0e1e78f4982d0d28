/// The leader's side of log replication (§5.3) and CheckQuorum.
extension Raft {
  /// Adds an entry to this server's log; it goes to disk, and from a leader to its peers, at the end of the batch.
  mutating func append(_ entry: Entry) {
    log.append(entry)
    durability.logChanged(from: log.lastIndex)
    if case .configuration(let membership) = entry.payload {
      memberships.append(membership, at: log.lastIndex)
      membershipChanged()
    }
  }

  /// What a leader does as time passes: steps down without a quorum, repeats, keeps followers quiet, gives up requests.
  mutating func leaderTick() {
    guard hasQuorumContact(at: now) else {
      becomeFollower(term: currentTerm, leader: nil)
      return
    }
    catchUpTick()
    for peer in audience { retransmitIfOverdue(to: peer) }
    if now >= leading.heartbeatDeadline { broadcastHeartbeat() }
    expireRequests()
  }

  /// CheckQuorum: "a leader steps down if an election timeout elapses without a successful round of heartbeats to a
  /// majority of its cluster" (thesis §6.2).
  func hasQuorumContact(at now: Nanoseconds) -> Bool {
    let inContact = votingPeers.count { now < leading.progress[$0].lastContact + configuration.electionTimeoutMax }
    return inContact + (isVoter ? 1 : 0) >= quorum
  }

  /// To every peer at once, with the number of the latest ReadIndex round.
  mutating func broadcastHeartbeat() {
    leading.heartbeatDeadline = now + configuration.heartbeatInterval
    for peer in audience {
      let commit = min(commitIndex, leading.progress[peer].matchIndex)
      send(.heartbeat(Heartbeat(term: currentTerm, commit: commit, round: leading.round)), to: peers[peer])
    }
  }

  /// Sends every peer what it lacks, as far as the flow control allows.
  mutating func replicate() {
    for peer in audience { replicate(to: peer) }
  }

  /// As many messages as may be without an answer (thesis §10.2.1); a snapshot when the log does not go back so far (§7).
  private mutating func replicate(to peer: Int) {
    while leading.progress[peer].transfer == nil, leading.progress[peer].nextIndex <= log.lastIndex, mayAppend(to: peer)
    {
      if leading.progress[peer].nextIndex <= log.base {
        return sendSnapshot(to: peer, bytesMax: configuration.limits.snapshotChunkBytesMax)
      }
      sendAppend(to: peer, entriesMax: configuration.limits.appendEntriesMax)
    }
  }

  /// One at a time until the logs are known to agree; then a window.
  private func mayAppend(to peer: Int) -> Bool {
    let progress = leading.progress[peer]
    return progress.inFlight < (progress.isProbing ? 1 : configuration.limits.appendsInFlightMax)
  }

  /// - Parameter entriesMax: 0 asks only whether the logs agree.
  private mutating func sendAppend(to peer: Int, entriesMax: Int) {
    let prevLogIndex = leading.progress[peer].nextIndex - 1
    let entries = log.slice(
      from: prevLogIndex + 1, entriesMax: entriesMax, bytesMax: configuration.limits.appendBytesMax)
    let message = AppendEntries(
      term: currentTerm, prevLogIndex: prevLogIndex, prevLogTerm: log.term(at: prevLogIndex) ?? 0, entries: entries,
      leaderCommit: commitIndex)
    if leading.progress[peer].inFlight == 0 { leading.progress[peer].waitingSince = now }
    leading.progress[peer].inFlight += 1
    // Optimistic: the answer to this message will move nextIndex back if it must.
    if !leading.progress[peer].isProbing { leading.progress[peer].nextIndex += LogIndex(entries.count) }
    send(.appendEntries(message), to: peers[peer])
  }

  /// Falls back to what the follower certainly has when no answer came for a heartbeat interval: "the leader retries
  /// AppendEntries RPCs indefinitely" (§5.3). The retry carries no entries, as the follower may be down for long.
  private mutating func retransmitIfOverdue(to peer: Int) {
    let progress = leading.progress[peer]
    let isWaiting =
      progress.inFlight > 0 || progress.matchIndex + 1 < progress.nextIndex || progress.transfer != nil
    guard isWaiting, now >= progress.waitingSince + configuration.heartbeatInterval else { return }
    leading.progress[peer].isProbing = true
    leading.progress[peer].inFlight = 0
    leading.progress[peer].nextIndex = progress.isProbing ? progress.nextIndex : progress.matchIndex + 1
    ask(peer)
  }

  /// Asks what a follower has: whether the logs agree, or how much of the snapshot has arrived.
  mutating func ask(_ peer: Int) {
    if leading.progress[peer].transfer != nil || leading.progress[peer].nextIndex <= log.base {
      sendSnapshot(to: peer, bytesMax: 0)
    } else {
      sendAppend(to: peer, entriesMax: 0)
    }
  }

  /// A follower's answer: its log agrees up to a point, or parts from the leader's before it (§5.3).
  mutating func receive(_ reply: AppendReply, from peer: Int) {
    guard confirmsLeadership(term: reply.term, from: peer) else { return }
    switch reply.result {
    case .matched(let matchIndex):
      matched(matchIndex, at: peer)
    case .conflict(let prevLogIndex, let conflictTerm, let conflictIndex):
      backUp(peer, prevLogIndex: prevLogIndex, conflictTerm: conflictTerm, conflictIndex: conflictIndex)
    case .staleTerm:
      break
    }
  }

  /// Whether an answer belongs to this leadership; if so, it counts for CheckQuorum. A higher term ends the leadership.
  mutating func confirmsLeadership(term: Term, from peer: Int) -> Bool {
    if term > currentTerm { becomeFollower(term: term, leader: nil) }
    guard role == .leader, term == currentTerm else { return false }
    leading.progress[peer].lastContact = now
    return true
  }

  /// "If successful: update nextIndex and matchIndex for follower" (figure 2).
  private mutating func matched(_ matchIndex: LogIndex, at peer: Int) {
    guard matchIndex <= log.lastIndex else { return }
    var progress = leading.progress[peer]
    progress.isProbing = false
    progress.inFlight = max(0, progress.inFlight - 1)
    progress.waitingSince = now
    progress.matchIndex = max(progress.matchIndex, matchIndex)
    progress.nextIndex = max(progress.nextIndex, progress.matchIndex + 1)
    if progress.nextIndex > log.base || progress.matchIndex >= progress.transfer?.snapshot.lastIncludedIndex ?? .max {
      progress.transfer = nil
    }
    leading.progress[peer] = progress
    advanceCommitIndex()
    guard role == .leader else { return }
    advanceCatchUp()
    replicate(to: peer)
  }

  /// "If AppendEntries fails because of log inconsistency: decrement nextIndex and retry" (figure 2), a whole term at a
  /// time: "the leader can decrement nextIndex to bypass all of the conflicting entries in that term" (§5.3).
  private mutating func backUp(
    _ peer: Int, prevLogIndex: LogIndex, conflictTerm: Term, conflictIndex: LogIndex
  ) {
    let progress = leading.progress[peer]
    // An answer to an older message, overtaken by what is known since then, says nothing new.
    guard prevLogIndex > progress.matchIndex, prevLogIndex < progress.nextIndex else { return }
    // If the leader has entries of that term too, the logs may agree up to its last one; otherwise none of that term.
    let agreed = conflictTerm > 0 ? log.lastIndex(ofTerm: conflictTerm) : nil
    let candidate = agreed.map { $0 + 1 } ?? conflictIndex
    leading.progress[peer].nextIndex = max(progress.matchIndex + 1, min(candidate, prevLogIndex))
    leading.progress[peer].isProbing = true
    leading.progress[peer].inFlight = 0
    replicate(to: peer)
  }
}
