import ProtocolKit

/// Linearizable reads without the log: ReadIndex (thesis §6.4).
///
/// 1. The leader waits until it has committed an entry of its term; only then does it know what is committed.
/// 2. It notes its commit index as the read's `readIndex`.
/// 3. It makes sure that it has not been superseded: a round of heartbeats, begun after the read arrived, to which a
///    quorum agrees.
/// 4. It waits until the state machine has applied `readIndex`, and answers.
extension Raft {
  /// Takes a read; its round starts at the end of the batch, so that reads which arrive together share it.
  mutating func accept(_ query: Query, origin: Origin, run: TransactionRun? = nil) {
    if configuration.bug == .leaseRead, commitsOwnTerm, hasQuorumContact(at: now) {
      answer(origin, machine.answer(to: query))
      return
    }
    let limit = configuration.limits.readsInFlightMax
    guard leading.waitingReads.count + leading.confirmingReads.count < limit else {
      answer(origin, .overloaded)
      return
    }
    leading.waitingReads.append(
      Read(query: query, origin: origin, deadline: now + configuration.requestTimeout, run: run))
  }

  /// Steps 1 and 2, and the start of step 3.
  mutating func startReadRound() {
    guard !leading.waitingReads.isEmpty, commitsOwnTerm, mayStartRound else { return }
    leading.round += 1
    while var read = leading.waitingReads.popFirst() {
      read.readIndex = commitIndex
      read.round = leading.round
      leading.confirmingReads.append(read)
    }
    broadcastHeartbeat()
    finishConfirmedReads()
  }

  /// A bounded number of rounds; reads that arrive meanwhile gather for the next.
  private var mayStartRound: Bool {
    guard let oldest = leading.confirmingReads.first else { return true }
    return leading.round - oldest.round + 1 < UInt64(configuration.limits.readRoundsInFlightMax)
  }

  /// A follower confirmed the leadership as of a round; confirmation of a round covers all rounds before.
  mutating func receive(_ reply: HeartbeatReply, from peer: Int) {
    guard confirmsLeadership(term: reply.term, from: peer), reply.round <= leading.round else { return }
    guard reply.round > leading.progress[peer].confirmedRound else { return }
    leading.progress[peer].confirmedRound = reply.round
    finishConfirmedReads()
  }

  /// The end of step 3, and step 4.
  private mutating func finishConfirmedReads() {
    let confirmed = quorumValue(own: leading.round) { $0.confirmedRound }
    while let read = leading.confirmingReads.first, read.round <= confirmed, lastApplied >= read.readIndex {
      leading.confirmingReads.popFirst()
      let outcome = machine.answer(to: read.query)
      if let run = read.run {
        proceed(with: run, afterRead: outcome, origin: read.origin)
      } else {
        answer(read.origin, outcome)
      }
    }
  }
}
