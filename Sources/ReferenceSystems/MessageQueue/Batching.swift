import ProtocolKit

// The end of a batch of events.
extension Broker {
  /// Everything that waited for the end of a batch: one record for the disk, one frame for each other broker.
  mutating func flush() {
    takeSnapshotIfDue()
    var changed: [PartitionID] = []
    repeat {
      settle()
      let round = touched
      touched = []
      for id in round {
        guard let index = partitions.index(forKey: id) else { continue }
        partitions.values[index].isTouched = false
        partitions.values[index].answerFetches(isTick: false, &context)
        partitions.values[index].startRound(&context)
        if partitions.values[index].isChanged { changed.append(id) }
      }
    } while !context.loopback.isEmpty || !context.finished.isEmpty || !touched.isEmpty
    if context.durability.hasChanges { issueBatch(changed) }
    sendOutgoing()
  }

  /// What this broker says to itself, and what its coordinators waited for.
  private mutating func settle() {
    while true {
      if let message = context.loopback.popFirst() {
        receive(message, from: configuration.id)
      } else if !context.finished.isEmpty {
        let (poll, applied) = context.finished.removeFirst()
        resume(poll, applied)
      } else {
        return
      }
    }
  }

  private mutating func issueBatch(_ changed: [PartitionID]) {
    context.durability.issued += 1
    context.durability.hasChanges = false
    let isWhole = snapshots.takeWholeDue()
    var changes: [PartitionChange] = []
    for id in isWhole ? partitionOrder : Set(changed).sorted() {
      guard let index = partitions.index(forKey: id) else { continue }
      if isWhole {
        changes.append(partitions.values[index].takeWhole())
      } else if let change = partitions.values[index].takeChange(configuration.bug) {
        changes.append(change)
      }
    }
    let batch = PersistBatch(
      sequence: context.durability.issued, lives: lives, snapshot: snapshots.durableNumber, isWhole: isWhole,
      changes: changes)
    snapshots.count(batch)
    context.directives.append(.persist(batch))
  }

  /// The disk has everything up to batch `sequence`: lets go what waited for it.
  mutating func persisted(_ sequence: PersistSequence) {
    context.durability.persisted = max(context.durability.persisted, min(sequence, context.durability.issued))
    while let waiting = context.durability.deferred.first, waiting.barrier <= context.durability.persisted {
      context.durability.deferred.popFirst()
      context.send(waiting.message, to: waiting.to)
    }
  }

  /// Messages to one broker travel together, as far as the limits allow.
  private mutating func sendOutgoing() {
    var envelopes: [NodeID: (messages: [Message], bytes: Int)] = [:]
    let limits = configuration.limits
    for (message, node) in context.outgoing {
      if let full = envelopes[node],
        full.messages.count >= limits.envelopeMessagesMax || full.bytes >= limits.envelopeBytesMax
      {
        context.directives.append(.send(full.messages, to: node))
        envelopes[node] = nil
      }
      // In place: a copy of the envelope for each message would cost the square of their number.
      envelopes[node, default: ([], 0)].messages.append(message)
      envelopes[node, default: ([], 0)].bytes += message.byteCount
    }
    context.outgoing.removeAll(keepingCapacity: true)
    for (node, envelope) in envelopes.sorted(by: { $0.key < $1.key }) {
      context.directives.append(.send(envelope.messages, to: node))
    }
  }
}
