import ProtocolKit

/// What must reach the disk, and what waits for it.
///
/// "Each server persists currentTerm, votedFor and log[] before responding to RPCs" (figure 2). The core gathers changes
/// over a batch of events, hands them out as one ``PersistBatch``, and keeps the messages that depend on them.
struct Durability: Sendable {
  var hardStateChanged = false
  /// The log differs from what was handed out, from this index on.
  var firstChangedIndex: LogIndex?
  /// The log lost a prefix, or all of it, to a snapshot: the next batch says everything.
  var beginsLogAnew = false
  /// The last batch handed to the shell.
  var issued: PersistSequence = 0
  /// The last batch that the disk has.
  var persisted: PersistSequence = 0
  /// Messages that wait for a batch, in the order of the batches.
  var deferred = FIFO<(barrier: PersistSequence, message: Message, to: NodeID)>()

  var hasChanges: Bool { hardStateChanged || firstChangedIndex != nil || beginsLogAnew }

  mutating func logChanged(from index: LogIndex) { firstChangedIndex = min(firstChangedIndex ?? index, index) }
}

extension Raft {
  /// The batch after which everything up to now is durable; it may not have been handed out yet.
  var durabilityBarrier: PersistSequence { durability.hasChanges ? durability.issued + 1 : durability.issued }

  /// Sends a message that promises something about this server's disk as soon as the disk keeps the promise.
  mutating func sendWhenDurable(_ message: Message, to node: NodeID) {
    let barrier = durabilityBarrier
    if barrier <= durability.persisted {
      send(message, to: node)
      return
    }
    // To drop a message is always safe; to let them pile up behind a disk that hangs is not.
    if durability.deferred.count >= configuration.limits.deferredMessagesMax { durability.deferred.popFirst() }
    durability.deferred.append((barrier, message, node))
  }

  /// The end of a batch of events: one record for the disk, then entries to the peers in parallel, then a read round.
  mutating func flush() {
    takeSnapshotIfDue()
    if durability.hasChanges { issueBatch() }
    guard role == .leader else { return }
    replicate()
    startReadRound()
  }

  private mutating func issueBatch() {
    durability.issued += 1
    let firstIndex = durability.beginsLogAnew ? log.base + 1 : durability.firstChangedIndex
    directives.append(
      .persist(
        PersistBatch(
          sequence: durability.issued,
          hardState: durability.hardStateChanged || durability.beginsLogAnew ? hardState : nil,
          base: durability.beginsLogAnew ? PersistBatch.Base(index: log.base, term: log.baseTerm) : nil,
          suffix: firstIndex.map { PersistBatch.Suffix(firstIndex: $0, entries: log.slice(from: $0)) })))
    if role == .leader { leading.batchesOnTheirWay.append((durability.issued, log.lastIndex)) }
    durability.hardStateChanged = false
    durability.firstChangedIndex = nil
    durability.beginsLogAnew = false
  }

  private var hardState: HardState {
    configuration.bug == .votesNotPersisted
      ? HardState(lives: lives) : HardState(currentTerm: currentTerm, votedFor: votedFor, lives: lives)
  }

  /// The disk has everything up to batch `sequence`: lets go what waited for it.
  mutating func persisted(_ sequence: PersistSequence) {
    durability.persisted = max(durability.persisted, min(sequence, durability.issued))
    while let waiting = durability.deferred.first, waiting.barrier <= durability.persisted {
      durability.deferred.popFirst()
      send(waiting.message, to: waiting.to)
    }
    if role == .leader { countOwnLog() } else { countOwnVote() }
  }

  /// The leader counts itself for entries that its own disk has (thesis §10.2.1).
  private mutating func countOwnLog() {
    while let batch = leading.batchesOnTheirWay.first, batch.sequence <= durability.persisted {
      leading.batchesOnTheirWay.popFirst()
      leading.ownMatchIndex = batch.lastIndex
    }
    advanceCommitIndex()
  }
}
