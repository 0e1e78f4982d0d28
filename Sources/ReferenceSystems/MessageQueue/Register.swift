/// A change of the register on its way through the two phases.
struct Proposal: Sendable {
  /// The function from the old state to the new one.
  enum Change: Sendable, Equatable {
    /// The proposer leads next, if it is in sync and nobody was elected after `after`.
    case elect(after: Epoch)
    /// The leader of `epoch` changes the in-sync set.
    case alterISR(epoch: Epoch, [NodeID])
  }

  var ballot: Ballot
  var change: Change
  /// The acceptors that promised, or in phase 2 accepted.
  var answers: Set<NodeID> = []
  /// The state of the highest ballot among the promises.
  var highest: (ballot: Ballot, value: LeaderAndISR?) = (.zero, nil)
  /// Present in phase 2.
  var value: LeaderAndISR?
  /// When unanswered requests are sent again.
  var retryDeadline: Nanoseconds
}

/// The partition's register: CASPaxos (Rystsov, 2018) with the replicas as acceptors. It takes the part of Kafka's
/// controller and ZooKeeper: whoever wants to change leader, epoch or in-sync set proposes a function of the old state, and
/// all such changes are in one order.
///
/// §2.2: "A proposer receives a change function f … generates a ballot number b and sends prepare messages", "waits for F+1
/// confirmations", "picks the value of the tuple with the highest ballot", "applies f", sends accept messages, and waits for
/// F+1 confirmations again. The optimisation of §2.2.1, one phase for a stable proposer, is left out: changes are rare.
extension Partition {
  /// The node promises its own ballot before anybody else hears of it: one that a crash made it forget would be used a
  /// second time, and acceptors could not tell its two values apart.
  mutating func propose(_ change: Proposal.Change, _ context: inout Context) {
    let ballot = Ballot(round: roundSeen + 1, node: me)
    promise(ballot, &context)
    proposal = Proposal(ballot: ballot, change: change, retryDeadline: context.now)
    sendProposal(&context)
  }

  /// To all acceptors that did not answer in this phase.
  mutating func sendProposal(_ context: inout Context) {
    guard var proposal, context.now >= proposal.retryDeadline else { return }
    proposal.retryDeadline = context.now + context.configuration.retryInterval
    self.proposal = proposal
    let body: Message.Body = proposal.value.map { .accept(proposal.ballot, $0) } ?? .prepare(proposal.ballot)
    for node in replicas where !proposal.answers.contains(node) { context.sendWhenDurable(message(body), to: node) }
  }

  // MARK: The acceptor

  /// "Returns a conflict if it already saw a greater ballot number", else "persists the ballot number as a promise and
  /// returns a confirmation … with a tuple of its value and its ballot number".
  mutating func answerPrepare(_ ballot: Ballot, from sender: NodeID, _ context: inout Context) {
    guard ballot.node == sender, ballot >= state.promised else {
      context.send(message(.conflict(ballot, promised: state.promised)), to: sender)
      return
    }
    promise(ballot, &context)
    context.sendWhenDurable(message(.promise(ballot, accepted: state.accepted, state.value)), to: sender)
  }

  mutating func answerAccept(_ ballot: Ballot, _ value: LeaderAndISR, from sender: NodeID, _ context: inout Context) {
    guard ballot.node == sender, ballot >= state.promised else {
      context.send(message(.conflict(ballot, promised: state.promised)), to: sender)
      return
    }
    promise(ballot, &context)
    if state.accepted != ballot {
      state.accepted = ballot
      state.value = value
      markChanged(&context)
    }
    context.sendWhenDurable(message(.accepted(ballot)), to: sender)
  }

  private mutating func promise(_ ballot: Ballot, _ context: inout Context) {
    roundSeen = max(roundSeen, ballot.round)
    guard ballot > state.promised else { return }
    state.promised = ballot
    markChanged(&context)
  }

  // MARK: The proposer

  mutating func receivePromise(
    _ ballot: Ballot, accepted: Ballot, _ value: LeaderAndISR?, from sender: NodeID, _ context: inout Context
  ) {
    guard var proposal, proposal.ballot == ballot, proposal.value == nil else { return }
    proposal.answers.insert(sender)
    if accepted > proposal.highest.ballot { proposal.highest = (accepted, value) }
    self.proposal = proposal
    guard proposal.answers.count >= majority else { return }
    guard let next = result(of: proposal.change, on: proposal.highest.value, context.configuration.bug) else {
      self.proposal = nil
      proposalFailed(proposal.change, proposal.highest.value, &context)
      return
    }
    proposal.value = next
    proposal.answers = []
    proposal.retryDeadline = context.now
    self.proposal = proposal
    sendProposal(&context)
  }

  /// The change function; nil where it does not apply.
  private func result(
    of change: Proposal.Change, on current: LeaderAndISR?, _ bug: MessageQueueBug?
  ) -> LeaderAndISR? {
    switch change {
    case .elect(let after):
      guard let current else { return LeaderAndISR(epoch: max(1, state.epoch + 1), leader: me, isr: replicas.sorted()) }
      guard current.epoch <= after || current.leader == me else { return nil }
      var isr = current.isr
      if !isr.contains(me) {
        guard bug == .uncleanLeaderElection else { return nil }
        isr = [me]
      }
      return LeaderAndISR(epoch: max(current.epoch, state.epoch, log.lastEpoch) + 1, leader: me, isr: isr)
    case .alterISR(let epoch, let isr):
      guard let current, current.epoch == epoch, current.leader == me else { return nil }
      return LeaderAndISR(epoch: epoch, leader: me, isr: isr)
    }
  }

  mutating func receiveAccepted(_ ballot: Ballot, from sender: NodeID, _ context: inout Context) {
    guard var proposal, proposal.ballot == ballot, let value = proposal.value else { return }
    proposal.answers.insert(sender)
    self.proposal = proposal
    guard proposal.answers.count >= majority else { return }
    self.proposal = nil
    switch proposal.change {
    case .elect: if value.epoch > state.epoch { becomeLeader(value, &context) }
    case .alterISR: isrAltered(value, &context)
    }
  }

  /// Another proposer is ahead: the next attempt will be above it.
  mutating func receiveConflict(_ ballot: Ballot, promised: Ballot, _ context: inout Context) {
    roundSeen = max(roundSeen, promised.round)
    guard let proposal, proposal.ballot == ballot else { return }
    self.proposal = nil
    if case .elect = proposal.change { resetElectionDeadline(&context) }
  }

  /// The register holds something else than the proposer thought.
  private mutating func proposalFailed(
    _ change: Proposal.Change, _ current: LeaderAndISR?, _ context: inout Context
  ) {
    if let current { heard(of: current.epoch, &context) }
    if case .elect = change { resetElectionDeadline(&context) }
  }
}
