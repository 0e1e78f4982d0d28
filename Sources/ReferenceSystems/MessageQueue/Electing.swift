import ProtocolKit

/// Becoming a leader, and ceasing to be one.
///
/// A replica that hears nothing from a leader for a random time asks the register to make it leader in the next epoch. Only
/// replicas in sync may, as only they are sure to have all that is committed ("clean" election). Safety does not depend on
/// clocks: a leader that does not know yet that it was deposed commits nothing, as the new one was in its in-sync set and
/// does not fetch from it any more; and reads are confirmed (Reading).
extension Partition {
  /// The preferred leader first, so that a new partition has one soon.
  func firstElectionDelay(_ configuration: Configuration) -> Nanoseconds {
    let rank = Nanoseconds(replicas.firstIndex(of: me) ?? 0)
    return rank * configuration.electionTimeoutMin / 2
  }

  /// Random, so that candidates seldom meet.
  mutating func resetElectionDeadline(_ context: inout Context) {
    let configuration = context.configuration
    let range = configuration.electionTimeoutMax - configuration.electionTimeoutMin
    following.electionDeadline =
      context.now + configuration.electionTimeoutMin + context.random.next(below: range)
  }

  mutating func electionTick(_ context: inout Context) {
    if proposal != nil { return sendProposal(&context) }
    guard leading == nil, context.now >= following.electionDeadline else { return }
    leader = nil
    propose(.elect(after: max(epochSeen, state.epoch)), &context)
  }

  /// This replica leads from now on. Its log is what the others have to agree with.
  mutating func becomeLeader(_ value: LeaderAndISR, _ context: inout Context) {
    state.epoch = value.epoch
    epochSeen = max(epochSeen, value.epoch)
    leader = me
    following = Following()
    serving = Serving()
    leading = Leading(value, log: log, replicas: others, at: context.now)
    markChanged(&context)
    switch context.configuration.bug {
    case .producerStateLost: forgetProducers()
    case .leasesForgotten: alterMachine { $0.forgetLeases() }
    case .leasedMessagesLost: alterMachine { $0.loseLentMessages() }
    default: break
    }
    context.directives.append(.leads(id, epoch: value.epoch, true))
    announce(to: others, &context)
  }

  /// Tells replicas to fetch from this one.
  func announce(to nodes: [NodeID], _ context: inout Context) {
    guard let leading else { return }
    let value = LeaderAndISR(epoch: leading.epoch, leader: me, isr: leading.isr)
    for node in nodes { context.send(message(.lead(value)), to: node) }
  }

  /// Another leads, or will. Whoever waits for records learns that nobody knows what becomes of them.
  mutating func stepDown(_ context: inout Context) {
    guard let old = leading else { return }
    leading = nil
    leader = nil
    proposal = nil
    following = Following()
    resetElectionDeadline(&context)
    context.directives.append(.leads(id, epoch: old.epoch, false))
    let waiting = serving
    serving = Serving()
    for offset in waiting.waiters.keys.sorted() {
      for waiter in waiting.waiters[offset] ?? [] { answer(waiter, nil, &context) }
    }
    for read in waiting.reads.elements { context.reply(.notLeader, to: read.name, about: id) }
  }

  /// Somebody knows of an epoch: a leader of an earlier one was deposed.
  mutating func heard(of epoch: Epoch, _ context: inout Context) {
    epochSeen = max(epochSeen, epoch)
    if let leading, leading.epoch < epoch, context.configuration.bug != .staleLeaderNotFenced { stepDown(&context) }
  }
}
