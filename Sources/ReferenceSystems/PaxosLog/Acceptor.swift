/// The acceptor (§2.2).
extension MultiPaxos {
  /// Phase 1(b): "if an acceptor receives a prepare request with number n greater than that of any prepare request to which
  /// it has already responded, then it responds with a promise". A repeated request gets the same promise again.
  mutating func answer(_ prepare: Prepare, from sender: NodeID) {
    guard prepare.ballot.node == sender, prepare.ballot >= promised else {
      refuse(prepare.ballot, to: sender)
      return
    }
    guard prepare.firstSlot > log.base, prepare.firstSlot + configuration.limits.candidateLagSlotsMax > chosenThrough
    else {
      send(.behind(Behind(ballot: prepare.ballot, chosenThrough: chosenThrough)), to: sender)
      return
    }
    promise(prepare.ballot)
    let promise = Message.promise(Promise(ballot: prepare.ballot, votes: log.votes(from: prepare.firstSlot)))
    if configuration.bug == .unpersistedPromise {
      send(promise, to: sender)
    } else {
      sendWhenDurable(promise, to: sender)
    }
  }

  /// Nothing below `ballot` will be accepted from now on. Whoever led or wanted to lead with less gives up.
  private mutating func promise(_ ballot: Ballot) {
    guard ballot > promised else { return }
    becomeFollower()
    leaderBallot = nil
    promised = ballot
    highestSeen = max(highestSeen, ballot)
    if configuration.bug != .unpersistedPromise { durability.stateChanged = true }
    resetElectionTimer()
  }

  /// Phase 2(b): "if an acceptor receives an accept request for a proposal numbered n, it accepts the proposal unless it
  /// has already responded to a prepare request having a number greater than n".
  mutating func answer(_ accept: Accept, from sender: NodeID) {
    guard accept.ballot >= promised || configuration.bug == .acceptsLowerBallot else {
      refuse(accept.ballot, to: sender)
      return
    }
    let isFollowed = mayFollow(accept.ballot, sender)
    guard isFollowed || configuration.bug == .acceptsLowerBallot, canStore(accept) else { return }
    if accept.ballot > promised {
      promised = accept.ballot
      durability.stateChanged = true
    }
    for (position, value) in accept.values.enumerated() {
      self.accept(
        Vote(slot: accept.firstSlot + Slot(position), proposal: Proposal(ballot: accept.ballot, value: value)))
      if isHalted { return }
    }
    if isFollowed { learn(Chosen(ballot: accept.ballot, chosenThrough: accept.chosenThrough)) }
    let answer = Message.accepted(
      Accepted(ballot: accept.ballot, firstSlot: accept.firstSlot, count: UInt64(accept.values.count)))
    sendWhenDurable(answer, to: sender)
  }

  /// Not when the slots are too far ahead, and not when they lie below a snapshot that is not on disk yet: what an
  /// acceptor says that it accepted must survive.
  private func canStore(_ accept: Accept) -> Bool {
    let last = accept.firstSlot + Slot(accept.values.count)
    return last <= log.base + configuration.limits.logSlotsMax
      && (accept.firstSlot > log.base || snapshots.durableThrough >= log.base)
  }

  /// Accepts the proposal of one slot. A chosen slot has its value for ever: the same value in a higher ballot changes
  /// nothing that anybody could see, and another value proves that the protocol was violated.
  private mutating func accept(_ vote: Vote) {
    guard vote.slot > log.base else { return }
    if let known = log[vote.slot] {
      guard vote.slot > chosenThrough || known.value == vote.proposal.value else {
        halt("ballot \(vote.proposal.ballot) proposes another value for slot \(vote.slot), which is chosen")
        return
      }
      // A value learnt as chosen may stand here with a higher ballot than was ever promised.
      if known.ballot >= vote.proposal.ballot, configuration.bug != .acceptsLowerBallot { return }
    }
    store(vote)
  }

  /// Puts a proposal into the log, and on the way to the disk.
  mutating func store(_ vote: Vote) {
    log.record(vote.proposal, at: vote.slot)
    if vote.slot > log.base, configuration.bug != .unpersistedAccept { durability.changedSlots.append(vote.slot) }
  }
}
