import ProtocolKit

/// What must reach the disk, and what waits for it. The core gathers changes over a batch of events and hands them out as
/// one ``PersistBatch``.
struct Durability: Sendable {
  /// What is done as soon as the disk has what it is about.
  enum Deferred: Sendable {
    case send(Message, to: NodeID)
    case answer(Origin, Outcome)
    /// The coordinator's own copy of a write.
    case ownWrite(CallID)
    /// What the coordinator of a read itself holds.
    case ownReply(CallID)
    /// What the coordinator of a read has learnt from the others.
    case ownRepair(CallID)
  }

  /// Whether the number of this life is still to be written.
  var isNewLife = true
  /// Keys whose objects changed since the last batch, each once.
  var changedKeys: [Key] = []
  /// Hints that changed since the last batch, some more than once.
  var changedHints: [HintID] = []
  /// The last batch handed to the shell.
  var issued: PersistSequence = 0
  /// The last batch that the disk has.
  var persisted: PersistSequence = 0
  /// In the order in which they came, which is nearly that of the batches.
  var deferred = FIFO<(batch: PersistSequence, action: Deferred)>()
  var snapshots = Snapshots()

  var hasChanges: Bool {
    isNewLife || !changedKeys.isEmpty || !changedHints.isEmpty || snapshots.log == .toBeginAnew
  }
}

extension DynamoNode {
  /// The batch in which a change of now is written.
  var nextBatch: PersistSequence { durability.issued + 1 }

  /// Does something as soon as the disk has a batch; at once if it has.
  mutating func whenDurable(_ batch: PersistSequence, _ action: Durability.Deferred) {
    if batch <= durability.persisted { return perform(action) }
    // To drop a message is always safe; to let them pile up behind a disk that hangs is not.
    if case .send = action, durability.deferred.count >= configuration.limits.deferredMax { return }
    durability.deferred.append((batch, action))
  }

  private mutating func perform(_ action: Durability.Deferred) {
    switch action {
    case .send(let message, let node): send(message, to: node)
    case .answer(let origin, let outcome): answer(origin, outcome)
    case .ownWrite(let id): sendWrite(id)
    case .ownReply(let id): ownReply(id)
    case .ownRepair(let id): isHeld(id, by: configuration.id)
    }
  }

  /// The disk has everything up to batch `sequence`: lets go what waited for it.
  mutating func persisted(_ sequence: PersistSequence) {
    durability.persisted = max(durability.persisted, min(sequence, durability.issued))
    while let waiting = durability.deferred.first, waiting.batch <= durability.persisted {
      durability.deferred.popFirst()
      perform(waiting.action)
    }
  }

  /// The end of a batch of events: one record for the disk. The writes that gathered wait for it, those of one key together.
  mutating func flush() {
    startWrites()
    guard durability.hasChanges else { return }
    durability.issued += 1
    let batch = wholeBatch() ?? changes()
    durability.isNewLife = false
    durability.changedKeys.removeAll(keepingCapacity: true)
    durability.changedHints.removeAll(keepingCapacity: true)
    directives.append(.persist(batch))
    takeSnapshotIfDue(after: batch)
  }

  private func changes() -> PersistBatch {
    batch(of: durability.changedKeys, Array(Set(durability.changedHints)).sorted(), isWhole: false)
  }

  /// The present state of these objects and hints.
  func batch(of keys: [Key], _ changedHints: [HintID], isWhole: Bool) -> PersistBatch {
    PersistBatch(
      sequence: durability.issued, life: life,
      objects: keys.compactMap { key in store[key].map { StoredObject(key: key, object: $0.object) } },
      hints: changedHints.map { StoredHint(target: $0.target, key: $0.key, object: hints[$0]?.object) },
      isWhole: isWhole)
  }
}
