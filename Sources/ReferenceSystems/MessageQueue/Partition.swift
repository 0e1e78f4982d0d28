import ProtocolKit

/// One replica of one partition.
///
/// To read beside the papers: Register (CASPaxos), Electing, Leading (the in-sync set; Kreps et al., *Kafka*, and its
/// documentation §4.7 "Replication"), Serving (KIP-98), Following (KIP-101), Reading.
struct Partition: Sendable {
  let id: PartitionID
  /// All brokers that have a copy; the first is the preferred leader.
  let replicas: [NodeID]
  let me: NodeID
  /// The replicas that are not this one.
  let others: [NodeID]

  // Persistent; changes are marked.

  var state = PersistentState()
  private(set) var log: PartitionLog
  /// The end of what is known to be committed.
  private(set) var highWatermark: Offset = 0

  // Not persistent.

  /// What the records before the high watermark add up to.
  private(set) var machine: Machine
  /// The leader of `state.epoch`, as soon as it is known.
  var leader: NodeID?
  /// The highest epoch that was heard of, whether or not it came to be.
  var epochSeen: Epoch = 0
  var following = Following()
  /// Present while this replica leads.
  var leading: Leading?
  var serving = Serving()
  /// A change of the register on its way.
  var proposal: Proposal?
  /// The highest round that was heard of; the next own ballot is above it.
  var roundSeen: UInt64 = 0
  /// Whether anything persistent changed since the last batch.
  private(set) var isChanged = false
  /// Records before this were handed to the disk.
  private(set) var savedEnd: Offset = 0
  /// Records before this are in the latest snapshot, and have not changed since; nil when not even the base is the same.
  private(set) var snapshotEnd: Offset?
  /// Whether the log on disk has another base.
  private(set) var isBaseChanged = false
  /// Whether the broker has it on the list of what to look at at the end of the batch.
  var isTouched = false

  init(_ id: PartitionID, _ context: inout Context, recovered: RecoveredPartition? = nil) {
    let configuration = context.configuration
    self.id = id
    me = configuration.id
    let replicas = configuration.replicas(of: id)
    self.replicas = replicas
    others = replicas.filter { $0 != configuration.id }
    log = recovered?.log ?? PartitionLog(LogBase(id.kind), producersMax: configuration.limits.producersMax)
    machine = log.base.machine
    highWatermark = log.start
    guard let recovered else {
      following.electionDeadline = context.now + firstElectionDelay(configuration)
      return
    }
    state = recovered.state
    epochSeen = state.epoch
    roundSeen = state.promised.round
    savedEnd = log.end
    advance(to: min(recovered.highWatermark, log.end), &context)
    // Who has nobody to hear from need not listen.
    if !others.isEmpty { resetElectionDeadline(&context) }
    if configuration.bug == .truncatesToHighWatermark { truncate(to: highWatermark, &context) }
  }

  var majority: Int { replicas.count / 2 + 1 }
  var isLeader: Bool { leading != nil }

  func message(_ body: Message.Body) -> Message { Message(partition: id, body: body) }

  mutating func markChanged(_ context: inout Context) {
    isChanged = true
    context.durability.hasChanges = true
  }

  // MARK: The log

  mutating func append(_ record: Record, _ context: inout Context) {
    log.append(record)
    markChanged(&context)
  }

  /// Cuts the log. What is committed is never cut; a planted bug does, and then it is as if it had never been.
  mutating func truncate(to offset: Offset, _ context: inout Context) {
    guard offset < log.end else { return }
    if offset < log.start {
      isBaseChanged = true
      snapshotEnd = nil
    }
    log.truncate(to: offset)
    savedEnd = min(savedEnd, log.end)
    snapshotEnd = snapshotEnd.map { min($0, log.end) }
    markChanged(&context)
    guard highWatermark > log.end else { return }
    let end = log.end
    machine = log.base.machine
    highWatermark = log.start
    advance(to: end, &context)
  }

  /// Takes the place of all records before the base.
  mutating func install(_ base: LogBase, highWatermark: Offset, _ context: inout Context) {
    log = PartitionLog(base, producersMax: context.configuration.limits.producersMax)
    machine = base.machine
    self.highWatermark = base.offset
    savedEnd = base.offset
    snapshotEnd = nil
    isBaseChanged = true
    markChanged(&context)
    advance(to: min(highWatermark, log.end), &context)
  }

  /// Everything before `offset` is committed: applies it, and answers who waits for it.
  mutating func advance(to offset: Offset, _ context: inout Context) {
    while highWatermark < offset {
      let applied = machine.apply(log[highWatermark], at: highWatermark, context.configuration)
      if let waiters = serving.waiters.removeValue(forKey: highWatermark) {
        for waiter in waiters { answer(waiter, applied, &context) }
      }
      highWatermark += 1
    }
  }

  /// With ``MessageQueueBug/leasesForgotten`` and its like only.
  mutating func alterMachine(_ change: (inout WorkQueue) -> Void) {
    guard case .queue(var queue) = machine else { return }
    change(&queue)
    machine = .queue(queue)
  }

  mutating func forgetProducers() { log.forgetProducers() }

  // MARK: The disk

  /// What changed since the last batch; nil for nothing.
  mutating func takeChange(_ bug: MessageQueueBug?) -> PartitionChange? {
    guard isChanged else { return nil }
    isChanged = false
    let isHeldBack = bug == .ackBeforeFsync && log.end < savedEnd + 100 && log.end > savedEnd
    let end = isHeldBack ? savedEnd : log.end
    let change = PartitionChange(
      partition: id, state: state, highWatermark: highWatermark, base: isBaseChanged ? log.base : nil,
      from: savedEnd, records: Array(log.records(from: savedEnd, through: end)))
    savedEnd = end
    isBaseChanged = false
    return change
  }

  /// All that the latest snapshot does not say.
  mutating func takeWhole() -> PartitionChange {
    let from = snapshotEnd ?? log.start
    defer {
      isChanged = false
      isBaseChanged = false
      savedEnd = log.end
    }
    return PartitionChange(
      partition: id, state: state, highWatermark: highWatermark, base: snapshotEnd == nil ? log.base : nil, from: from,
      records: Array(log.records(from: from, through: log.end)))
  }

  /// What a snapshot is to hold. Records that add up to a state go: the state stands for them. Those of topics stay, but
  /// for what need not be retained.
  mutating func capture(_ retained: Offset?) -> PartitionSnapshot {
    var start = log.start
    if id.kind != .topic {
      start = highWatermark
    } else if let retained, highWatermark > retained {
      start = max(start, highWatermark - retained)
    }
    var base = log.base
    if start > log.start {
      let last = log[start - 1]
      base.offset = start
      base.epoch = last.epoch
      base.time = last.time
      base.producers = log.producers(before: start)
      base.machine = machine
    }
    snapshotEnd = log.end
    return PartitionSnapshot(
      partition: id, state: state, highWatermark: highWatermark, base: base,
      records: Array(log.records(from: start, through: log.end)))
  }

  /// A snapshot with this base is on disk.
  mutating func forget(before base: LogBase) { log.forget(before: base) }
}
