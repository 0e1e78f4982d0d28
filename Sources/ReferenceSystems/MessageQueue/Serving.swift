import ProtocolKit

/// Requests that a leader has taken and not answered; gone with the leadership.
struct Serving: Sendable {
  /// By offset: who waits until the record is committed.
  var waiters: [Offset: [Waiter]] = [:]
  /// Reads, in the order of their rounds.
  var reads = FIFO<WaitingRead>()
  /// Requests that were seen: the network may bring them twice.
  private var seen: Set<RequestName> = []
  private var seenOrder = FIFO<RequestName>()

  /// False for a request that was seen before.
  mutating func remember(_ name: RequestName, max: Int) -> Bool {
    guard seen.insert(name).inserted else { return false }
    seenOrder.append(name)
    if seenOrder.count > max, let oldest = seenOrder.popFirst() { seen.remove(oldest) }
    return true
  }
}

/// Who waits for a record.
enum Waiter: Sendable {
  /// A client, by way of the broker that it asked.
  case request(RequestName)
  /// The coordinator of a group, which goes on from there.
  case poll(UInt64)
}

/// A leader carries out requests.
extension Partition {
  /// A request of a client that some broker passed on.
  mutating func receiveRequest(
    _ operation: Operation, _ name: RequestName, epoch: Epoch, _ context: inout Context
  ) {
    guard leading?.epoch == epoch else {
      context.send(message(.leaderIs(epoch: state.epoch, leader: leader ?? 0)), to: name.origin)
      return context.reply(.notLeader, to: name, about: id)
    }
    guard remember(name, context) else { return }
    switch operation {
    case .produce(_, let value, let producer): append(.value(value), producer, .request(name), &context)
    case .queue(_, .receive) where isQueueEmpty(context): read(.nothingFree, name, &context)
    case .queue(_, let command): append(.queue(command), nil, .request(name), &context)
    case .fetch(_, let from, let max): read(.records(from: from, max: max), name, &context)
    case .local, .poll, .commit, .leave, .drain: break  // not carried out here: by the broker, or its coordinator
    }
  }

  /// False for a request that was seen before in this epoch: the network may bring it twice. One of another epoch is
  /// refused, so that none is carried out twice.
  mutating func remember(_ name: RequestName, _ context: Context) -> Bool {
    serving.remember(name, max: context.configuration.limits.rememberedRequestsMax)
  }

  /// Appends a record; whoever waits gets its answer when it is committed.
  mutating func append(
    _ entry: Entry, _ producer: ProducerSequence?, _ waiter: Waiter, _ context: inout Context
  ) {
    guard let leading else { return refuse(waiter, .notLeader, &context) }
    guard hasEnoughReplicas(context) else { return refuse(waiter, .notEnoughReplicas, &context) }
    guard log.end < highWatermark + context.configuration.limits.uncommittedRecordsMax else {
      return refuse(waiter, .outcome(.overloaded), &context)
    }
    if let producer {
      switch log.producers.lookup(producer) {
      case .new: break
      case .repeated(let offset): return wait(for: offset, waiter, &context)
      case .outOfOrder: return refuse(waiter, .outcome(.outOfOrderSequence), &context)
      case .forgotten: return refuse(waiter, .outcome(.expired), &context)
      }
    }
    let time = max(log.lastTime, leading.time(at: context.now))
    serving.waiters[log.end, default: []].append(waiter)
    append(Record(epoch: leading.epoch, time: time, producer: producer, entry: entry), &context)
  }

  /// For a record that its producer sent again: the answer is that of the first time, once that is certain.
  private mutating func wait(for offset: Offset, _ waiter: Waiter, _ context: inout Context) {
    if offset < highWatermark {
      answer(waiter, .outcome(.appended(offset)), &context)
    } else {
      serving.waiters[offset, default: []].append(waiter)
    }
  }

  private func refuse(_ waiter: Waiter, _ reply: Reply, _ context: inout Context) {
    switch waiter {
    case .request(let name): context.reply(reply, to: name, about: id)
    case .poll(let poll): context.finished.append((poll, nil))
    }
  }

  /// The record that somebody waits for is applied; or nobody knows what becomes of it.
  func answer(_ waiter: Waiter, _ applied: Applied?, _ context: inout Context) {
    switch (waiter, applied) {
    case (.poll(let poll), _): context.finished.append((poll, applied))
    case (.request(let name), .outcome(let outcome)): context.reply(.outcome(outcome), to: name, about: id)
    case (.request(let name), _): context.reply(.outcome(.unknown), to: name, about: id)
    }
  }

  /// Whether a queue has nothing to lend, and nothing on its way either: then no record is needed to say so.
  private func isQueueEmpty(_ context: Context) -> Bool {
    guard let leading, case .queue(let queue) = machine, highWatermark == log.end else { return false }
    return !queue.hasFreeMessage(at: max(log.lastTime, leading.time(at: context.now)))
  }
}
