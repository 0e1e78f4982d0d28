import ProtocolKit

/// Requests of clients, and their answers.
extension Raft {
  /// Takes a request of a client of this server.
  mutating func request(_ operation: Operation, id: RequestID) {
    if configuration.bug == .staleRead, let query = operation.query {
      directives.append(.respond(id, machine.answer(to: query)))
    } else if role == .leader {
      accept(operation, origin: .client(id))
    } else if let leader = leaderID, role == .follower {
      forward(operation, id: id, to: leader)
    } else {
      directives.append(.respond(id, .noLeader))
    }
  }

  /// Takes a request on the leader.
  mutating func accept(_ operation: Operation, origin: Origin) {
    switch operation {
    case .get(let key): accept(.key(key), origin: origin)
    case .changeMembers(let change): accept(change, origin: origin)
    case .write(.transaction(let transaction), _) where configuration.bug?.splitsTransactions == true:
      acceptInParts(transaction, origin: origin)
    case .write(let command, let id):
      if let query = operation.query { accept(query, origin: origin) } else { propose(command, id, origin: origin) }
    }
  }

  /// "The leader appends the command to its log as a new entry" (§5.3) and answers when it has been applied.
  mutating func propose(_ command: Command, _ id: CommandID?, origin: Origin) {
    guard mayPropose else {
      answer(origin, .overloaded)
      return
    }
    append(Entry(term: currentTerm, payload: .command(command, id: id)))
    if let outcome = leading.speculative?.apply(command, id: id, at: log.lastIndex) {
      answer(origin, outcome)
      return
    }
    answerWhenApplied(origin)
  }

  /// Whether the limits allow one more entry.
  var mayPropose: Bool {
    let limits = configuration.limits
    return leading.proposals.count < limits.proposalsInFlightMax && log.count < limits.logEntriesMax
  }

  /// Whoever asked for the last entry of the log is answered when it has been applied.
  mutating func answerWhenApplied(_ origin: Origin, run: TransactionRun? = nil) {
    leading.proposals.append(
      Proposal(index: log.lastIndex, origin: origin, deadline: now + configuration.requestTimeout, run: run))
  }

  /// Tells whoever waits: a client of this server, or the server that passed the request on.
  mutating func answer(_ origin: Origin, _ outcome: Outcome) {
    switch origin {
    case .client(let id): directives.append(.respond(id, outcome))
    case .peer(let node, let id): send(.forwardReply(ForwardReply(id: id, outcome: outcome)), to: node)
    }
  }

  /// The leadership is over. Its proposals may be committed by a successor or not; its reads had no effect.
  mutating func abandonRequests() {
    for proposal in leading.proposals.drain() { answer(proposal.origin, .unknown) }
    for read in leading.waitingReads.drain() + leading.confirmingReads.drain() { answer(read.origin, .noLeader) }
    abandonCatchUp(.noLeader)
    leading.speculative = nil
    leading.lockedKeys = []
  }

  /// Answers what waited too long. Deadlines are in the order of arrival, so only the heads need a look.
  mutating func expireRequests() {
    while let proposal = leading.proposals.first, proposal.deadline <= now {
      leading.proposals.popFirst()
      if let run = proposal.run { release(run) }
      answer(proposal.origin, .unknown)
    }
    while let read = leading.confirmingReads.first, read.deadline <= now {
      leading.confirmingReads.popFirst()
      answer(read.origin, .noLeader)
    }
    while let read = leading.waitingReads.first, read.deadline <= now {
      leading.waitingReads.popFirst()
      answer(read.origin, .noLeader)
    }
  }
}
