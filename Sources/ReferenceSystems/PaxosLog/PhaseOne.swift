import ProtocolKit

/// What a candidate has of phase 1 (§2.2).
struct PhaseOne: Sendable {
  /// The number n that the candidate chose.
  var ballot = Ballot.zero
  /// The first slot that the candidate did not know to be chosen.
  var firstSlot: Slot = 0
  /// The acceptors that promised, as bits: an answer may come twice.
  var promises: UInt64 = 0
  /// The highest-numbered proposal that any of them accepted, by slot.
  var accepted: [Slot: Proposal] = [:]
  /// The batch with this node's own promise; it counts once the disk has it.
  var ownPromise: PersistSequence = 0
  /// When unanswered requests are sent again.
  var retryDeadline: Nanoseconds = 0
}

/// The proposer in phase 1 (§2.2), for all slots at once (§3).
extension MultiPaxos {
  /// Random, so that candidates seldom meet: two that keep overtaking each other make no progress (§2.4).
  mutating func resetElectionTimer() {
    let range = configuration.electionTimeoutMax - configuration.electionTimeoutMin
    electionDeadline = now + configuration.electionTimeoutMin + random.next(below: range)
  }

  /// A follower without a leader starts phase 1. A candidate repeats its requests, in the same ballot: only a refusal
  /// makes it take another.
  mutating func electionTick() {
    if role == .follower, now >= electionDeadline {
      startPhaseOne()
    } else if role == .candidate, now >= phaseOne.retryDeadline {
      sendPrepare()
    }
  }

  /// "A proposer chooses a new proposal number n" (§2.2) above all that it heard of. It promises n itself, which also
  /// makes sure that it uses n only once (§2.5).
  private mutating func startPhaseOne() {
    let ballot = Ballot(round: max(highestSeen, promised).round + 1, node: configuration.id)
    role = .candidate
    leaderBallot = nil
    highestSeen = ballot
    promised = ballot
    durability.stateChanged = true
    phaseOne = PhaseOne(ballot: ballot, firstSlot: chosenThrough + 1, ownPromise: durabilityBarrier)
    directives.append(.roleChanged(.candidate, ballot: ballot))
    sendPrepare()
  }

  /// Phase 1(a): to all acceptors that have not promised yet.
  private mutating func sendPrepare() {
    phaseOne.retryDeadline = now + configuration.heartbeatInterval
    let prepare = Message.prepare(Prepare(ballot: phaseOne.ballot, firstSlot: phaseOne.firstSlot))
    for (position, node) in members.enumerated() where phaseOne.promises & 1 << UInt64(position) == 0 {
      if node != configuration.id { sendWhenDurable(prepare, to: node) }
    }
  }

  /// Counts the candidate's own promise once it is on disk. It accepts nothing in the meantime: that would take a higher
  /// ballot, which would end the candidacy.
  mutating func countOwnPromise() {
    guard role == .candidate, phaseOne.promises & ownBit == 0, durability.persisted >= phaseOne.ownPromise else {
      return
    }
    count(Promise(ballot: phaseOne.ballot, votes: log.votes(from: phaseOne.firstSlot)), from: ownBit)
  }

  /// Phase 1(b) as the proposer sees it.
  mutating func receive(_ promise: Promise, from acceptor: UInt64) {
    guard role == .candidate, promise.ballot == phaseOne.ballot else { return }
    count(promise, from: acceptor)
  }

  /// "If the proposer receives a response to its prepare requests from a majority of acceptors", it has the right to
  /// propose (§2.2).
  private mutating func count(_ promise: Promise, from acceptor: UInt64) {
    phaseOne.promises |= acceptor
    for vote in promise.votes where vote.slot >= phaseOne.firstSlot { adopt(vote) }
    let needed = configuration.bug == .leaderWithoutPhaseOne ? 1 : configuration.majority
    if phaseOne.promises & ownBit != 0, phaseOne.promises.nonzeroBitCount >= needed { becomeLeader() }
  }

  /// "v is the value of the highest-numbered proposal among the responses" (§2.2).
  private mutating func adopt(_ vote: Vote) {
    guard let other = phaseOne.accepted[vote.slot] else {
      phaseOne.accepted[vote.slot] = vote.proposal
      return
    }
    if vote.proposal.ballot > other.ballot, configuration.bug != .adoptsAnyBallot {
      phaseOne.accepted[vote.slot] = vote.proposal
    }
  }

  /// The candidate learns first what it lacks; another may lead meanwhile.
  mutating func receive(_ behind: Behind, from sender: NodeID) {
    guard role == .candidate, behind.ballot == phaseOne.ballot else { return }
    becomeFollower()
    askForValues(through: behind.chosenThrough, sender)
  }

  /// What this node proposes first: for every slot that a predecessor may have used, the value that P2c demands, or a
  /// no-op where nothing was accepted by a majority's promises (§3).
  private mutating func becomeLeader() {
    let first = max(phaseOne.firstSlot, chosenThrough + 1)
    var learnt = phaseOne.accepted
    if configuration.bug == .reproposesOwnValue { learnt = [:] }
    role = .leader
    leaderBallot = phaseOne.ballot
    leading = Leadership(members: members.count, firstSlot: first, now: now)
    directives.append(.roleChanged(.leader, ballot: phaseOne.ballot))
    if let last = learnt.keys.max(), last >= first {
      leading.recoveredThrough = last
      for slot in first...last { propose(learntValue(of: slot, learnt)) }
    }
    phaseOne = PhaseOne()
    askAgain()
    broadcastHeartbeat()
  }

  private func learntValue(of slot: Slot, _ learnt: [Slot: Proposal]) -> Value {
    if configuration.bug == .noopOverwritesAccepted, log[slot] == nil { return .noop }
    return learnt[slot]?.value ?? .noop
  }
}
