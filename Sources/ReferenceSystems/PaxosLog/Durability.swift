import ProtocolKit

/// What must reach the disk, and what waits for it.
///
/// "An acceptor records its intended response in stable storage before actually sending the response" (§2.5). The core
/// gathers changes over a batch of events, hands them out as one ``PersistBatch``, and keeps the messages that depend on
/// them.
struct Durability: Sendable {
  var stateChanged = false
  /// Slots whose proposals are not handed out yet, some more than once.
  var changedSlots: [Slot] = []
  /// A truncation that is not handed out yet.
  var truncatedThrough: Slot?
  /// The last batch handed to the shell.
  var issued: PersistSequence = 0
  /// The last batch that the disk has.
  var persisted: PersistSequence = 0
  /// Messages that wait for a batch, in the order of the batches.
  var deferred = FIFO<(barrier: PersistSequence, message: Message, to: NodeID)>()

  var hasChanges: Bool { stateChanged || !changedSlots.isEmpty || truncatedThrough != nil }
}

extension MultiPaxos {
  /// The batch after which everything up to now is durable; it may not have been handed out yet.
  var durabilityBarrier: PersistSequence { durability.hasChanges ? durability.issued + 1 : durability.issued }

  /// Sends a message that promises something about this node's disk as soon as the disk keeps the promise.
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

  /// The end of a batch of events: commands get their slots, then one record for the disk, then messages in parallel.
  mutating func flush() {
    sendUpdates()
    if durability.hasChanges { issueBatch() }
    if role == .leader { sendProposals() }
    sendReadRequest()
    if role == .leader { startReadRound() }
  }

  private mutating func issueBatch() {
    durability.issued += 1
    let batch = wholeBatch() ?? changes()
    directives.append(.persist(batch))
    if role == .leader { leading.batchesOnTheirWay.append((durability.issued, leading.nextSlot - 1)) }
    durability.stateChanged = false
    durability.changedSlots.removeAll(keepingCapacity: true)
    durability.truncatedThrough = nil
  }

  /// When the log is cut behind a durable snapshot: all that is left of it, so that the file on disk begins anew. Not
  /// while the log in memory ends with a snapshot that the disk does not have, as the disk has to keep more then.
  private func wholeBatch() -> PersistBatch? {
    guard durability.truncatedThrough == log.base, snapshots.frozenChosenThrough == nil else { return nil }
    let votes = log.votes(from: log.base + 1)
    guard votes.reduce(0, { $0 + $1.byteCount }) <= configuration.limits.wholeBatchBytesMax else { return nil }
    return PersistBatch(
      sequence: durability.issued, state: AcceptorState(promised: promised, lives: lives), votes: votes,
      chosenThrough: chosenThrough, truncatedThrough: log.base, isWhole: true)
  }

  /// What is new since the last batch.
  private func changes() -> PersistBatch {
    var votes: [Vote] = []
    var last: Slot = 0
    for slot in durability.changedSlots.sorted() where slot != last {
      last = slot
      if let proposal = log[slot] { votes.append(Vote(slot: slot, proposal: proposal)) }
    }
    return PersistBatch(
      sequence: durability.issued,
      state: durability.stateChanged ? AcceptorState(promised: promised, lives: lives) : nil, votes: votes,
      chosenThrough: snapshots.frozenChosenThrough ?? chosenThrough, truncatedThrough: durability.truncatedThrough)
  }

  /// The disk has everything up to batch `sequence`: lets go what waited for it.
  mutating func persisted(_ sequence: PersistSequence) {
    durability.persisted = max(durability.persisted, min(sequence, durability.issued))
    while let waiting = durability.deferred.first, waiting.barrier <= durability.persisted {
      durability.deferred.popFirst()
      send(waiting.message, to: waiting.to)
    }
    if role == .leader { countOwnAcceptances() } else { countOwnPromise() }
  }

  /// The leader counts its own acceptor for what its own disk has.
  private mutating func countOwnAcceptances() {
    while let batch = leading.batchesOnTheirWay.first, batch.sequence <= durability.persisted {
      leading.batchesOnTheirWay.popFirst()
      let first = leading.ownUndurableFrom
      guard batch.lastSlot >= first else { continue }
      leading.ownUndurableFrom = batch.lastSlot + 1
      countAcceptance(of: first, batch.lastSlot - first + 1, by: ownBit)
    }
  }
}
