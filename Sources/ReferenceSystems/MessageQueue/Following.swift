import ProtocolKit

/// What only a follower has.
struct Following: Sendable {
  /// When this replica tries to become leader, unless it hears from one before.
  var electionDeadline: Nanoseconds = 0
  /// The number of the latest fetch.
  var number: UInt64 = 0
  /// Whether its answer is still wanted.
  var isWaiting = false
  /// When it is sent again.
  var retryDeadline: Nanoseconds = 0
}

/// A follower: fetches, and makes its log agree with the leader's.
extension Partition {
  /// A replica says that it leads.
  mutating func receiveLead(_ value: LeaderAndISR, from sender: NodeID, _ context: inout Context) {
    guard value.leader == sender else { return }
    guard !isStale(value, context.configuration.bug) else {
      context.send(message(.leaderIs(epoch: state.epoch, leader: leader ?? 0)), to: sender)
      return
    }
    guard value.epoch != state.epoch || (leader == nil && leading == nil) else { return }
    stepDown(&context)
    state.epoch = value.epoch
    epochSeen = max(epochSeen, value.epoch)
    leader = sender
    markChanged(&context)
    resetElectionDeadline(&context)
    if context.configuration.bug == .truncatesToHighWatermark { truncate(to: highWatermark, &context) }
    fetch(&context)
  }

  private func isStale(_ value: LeaderAndISR, _ bug: MessageQueueBug?) -> Bool {
    if bug == .staleLeaderNotFenced { return isLeader && value.epoch > state.epoch }
    return value.epoch < state.epoch
  }

  /// Asks for what comes next; by that it acknowledges all before, which must be on disk.
  mutating func fetch(_ context: inout Context) {
    guard let leader, leader != me else { return }
    following.number += 1
    following.isWaiting = true
    following.retryDeadline = context.now + context.configuration.fetchWait + context.configuration.retryInterval
    context.sendWhenDurable(message(.fetch(nextFetch)), to: leader)
  }

  var nextFetch: Fetch {
    Fetch(
      epoch: state.epoch, number: following.number, offset: log.end, lastEpoch: log.lastEpoch,
      highWatermark: highWatermark)
  }

  mutating func followerTick(_ context: inout Context) {
    if leader != nil, context.now >= following.retryDeadline { fetch(&context) }
  }

  /// Whether an answer is that of the latest fetch, from the leader of this epoch. An older one would start a second round of
  /// fetches beside the first.
  private mutating func isExpected(
    epoch: Epoch, number: UInt64, from sender: NodeID, _ context: inout Context
  ) -> Bool {
    guard epoch == state.epoch, sender == leader, following.isWaiting, number == following.number else { return false }
    following.isWaiting = false
    resetElectionDeadline(&context)
    return true
  }

  mutating func receive(_ fetched: Fetched, from sender: NodeID, _ context: inout Context) {
    guard isExpected(epoch: fetched.epoch, number: fetched.number, from: sender, &context) else { return }
    if fetched.offset == log.end { for record in fetched.records { append(record, &context) } }
    advance(to: min(fetched.highWatermark, log.end), &context)
    fetch(&context)
  }

  /// KIP-101: the leader's epoch `epoch` ends at `end`, and it has no later one up to this log's last. What this log has
  /// behind that point was never committed. Where this log has no such epoch either, it goes back to the one before
  /// (KIP-279), and asks again.
  mutating func receiveDivergence(
    epoch: Epoch, number: UInt64, of divergingEpoch: Epoch, end: Offset, from sender: NodeID, _ context: inout Context
  ) {
    guard isExpected(epoch: epoch, number: number, from: sender, &context) else { return }
    let own = log.end(of: divergingEpoch)?.end ?? 0
    truncate(to: min(end, own), &context)
    fetch(&context)
  }

  /// The leader has only what its records add up to.
  mutating func receiveInstall(
    epoch: Epoch, number: UInt64, _ base: LogBase, highWatermark: Offset, from sender: NodeID,
    _ context: inout Context
  ) {
    guard isExpected(epoch: epoch, number: number, from: sender, &context), base.machine.kind == id.kind else { return }
    install(base, highWatermark: highWatermark, &context)
    fetch(&context)
  }
}
