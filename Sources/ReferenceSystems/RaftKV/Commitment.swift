import ProtocolKit

/// When entries are committed, and what happens then (§5.3, §5.4.2).
extension Raft {
  /// "If there exists an N such that N > commitIndex, a majority of matchIndex[i] ≥ N, and log[N].term == currentTerm:
  /// set commitIndex = N" (figure 2). Entries of earlier terms are never committed by counting, as figure 8 shows why;
  /// they are committed with the first entry of this term.
  mutating func advanceCommitIndex() {
    let candidate = quorumValue(own: leading.ownMatchIndex) { $0.matchIndex }
    guard candidate > commitIndex else { return }
    guard log.term(at: candidate) == currentTerm || configuration.bug == .commitEarlierTermByCounting else { return }
    advanceCommitIndex(to: candidate)
  }

  /// The greatest number that a quorum has reached, the leader among it if it is a member: one that is being removed
  /// "replicates log entries but does not count itself in majorities" (thesis §4.2.2).
  func quorumValue(own: UInt64, _ value: (Progress) -> UInt64) -> UInt64 {
    var reached = votingPeers.map { value(leading.progress[$0]) }
    if isVoter { reached.append(own) }
    reached.sort(by: >)
    return reached[quorum - 1]
  }

  /// "If commitIndex > lastApplied: increment lastApplied, apply log[lastApplied] to state machine" (figure 2).
  mutating func advanceCommitIndex(to index: LogIndex) {
    guard index > commitIndex else { return }
    commitIndex = index
    while lastApplied < commitIndex, let entry = log[lastApplied + 1] {
      lastApplied += 1
      snapshots.appliedBytes += entry.byteCount
      apply(entry, at: lastApplied)
    }
    stepDownIfRemoved()
  }

  /// Answers the client whose proposal it was, if this server still leads; other servers only apply.
  private mutating func apply(_ entry: Entry, at index: LogIndex) {
    let outcome: Outcome
    switch entry.payload {
    case .noop: return
    case .configuration: outcome = .written
    case .command(let command, let id):
      outcome = machine.apply(command, id: configuration.bug == .retryAppliesTwice ? nil : id, at: index)
    }
    guard role == .leader, let proposal = leading.proposals.first, proposal.index == index else { return }
    leading.proposals.popFirst()
    if let run = proposal.run {
      proceed(with: run, afterEntry: outcome, origin: proposal.origin)
    } else {
      answer(proposal.origin, outcome)
    }
  }

  /// Whether the leader has committed an entry of its own term, and therefore knows what is committed (§8).
  var commitsOwnTerm: Bool { log.term(at: commitIndex) == currentTerm }

  /// With ``RaftBug/ackBeforeCommit`` only: the map that would result if the whole log were committed.
  func machineAtEndOfLog() -> StateMachine {
    var result = machine
    for (index, entry) in zip((lastApplied + 1)..., log.slice(from: lastApplied + 1)) {
      if case .command(let command, let id) = entry.payload { _ = result.apply(command, id: id, at: index) }
    }
    return result
  }
}
