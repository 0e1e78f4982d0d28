/// What only a leader has; a fresh one replaces it at each election.
struct Leading: Sendable {
  /// What a leader knows of a follower.
  struct Follower: Sendable {
    /// It has all before this on disk, as of this epoch.
    var end: Offset = 0
    /// Whether it fetched in this epoch, with a log that agrees.
    var isKnown = false
    /// When it last fetched.
    var lastContact: Nanoseconds
    /// When it last had all that the leader had.
    var lastCaughtUp: Nanoseconds
    /// The leader's end at its last fetch: with the next, it may have caught up with that.
    var endAtLastFetch: Offset = .max
    /// A fetch that waits for records.
    var waiting: Fetch?
  }

  let epoch: Epoch
  let since: Nanoseconds
  /// The log's end at the election: what is before may be committed without this leader knowing it.
  let startOffset: Offset
  /// The time of the last record at the election. The leader's clock goes on from there, so that time never goes back, and
  /// stands still while nobody leads.
  let startTime: Nanoseconds

  /// The in-sync set that the register holds, as far as is known.
  var isr: [NodeID]
  /// It, and all sets that were proposed since it was known: a record is committed when all of these have it. Kafka's
  /// "maximal ISR".
  var isrBound: Set<NodeID>
  var followers: [NodeID: Follower] = [:]
  /// This replica has all before this on its own disk.
  var ownEnd: Offset = 0
  /// It was told, or will be, that all before this is on disk.
  var ownEndAsked: Offset?
  var announceDeadline: Nanoseconds = 0

  /// The latest round of confirmations that was begun.
  var round: UInt64 = 0
  /// The latest round that a majority confirmed.
  var roundConfirmed: UInt64 = 0
  /// By replica, the latest round that it confirmed.
  var confirmations: [NodeID: UInt64] = [:]
  /// When the latest round is asked for again.
  var confirmDeadline: Nanoseconds = 0

  init(_ value: LeaderAndISR, log: PartitionLog, replicas: [NodeID], at now: Nanoseconds) {
    epoch = value.epoch
    since = now
    startOffset = log.end
    startTime = log.lastTime
    isr = value.isr
    isrBound = Set(value.isr)
    for node in replicas { followers[node] = Follower(lastContact: now, lastCaughtUp: now) }
  }

  /// The leader's clock for records.
  func time(at now: Nanoseconds) -> Nanoseconds { startTime + (now - since) }
}

/// A leader: the fetches of its followers, the high watermark, the in-sync set.
extension Partition {
  mutating func leaderTick(_ context: inout Context) {
    guard let leading else { return }
    if context.now >= leading.announceDeadline {
      self.leading?.announceDeadline = context.now + context.configuration.retryInterval
      announce(to: others.filter { !hasContact(with: $0, context) }, &context)
    }
    considerISR(&context)
    answerFetches(isTick: true, &context)
    readTick(&context)
  }

  /// Whether a replica fetched in this epoch not long ago.
  private func hasContact(with node: NodeID, _ context: Context) -> Bool {
    guard let follower = leading?.followers[node] else { return false }
    return follower.isKnown && follower.lastContact + 2 * context.configuration.fetchWait > context.now
  }

  /// A replica, perhaps this one itself, acknowledges records and asks for more.
  mutating func receive(_ fetch: Fetch, from sender: NodeID, _ context: inout Context) {
    guard let leading, fetch.epoch == leading.epoch else {
      if fetch.epoch < state.epoch {
        context.send(message(.leaderIs(epoch: state.epoch, leader: leader ?? 0)), to: sender)
      }
      return
    }
    if sender == me {
      self.leading?.ownEnd = max(leading.ownEnd, fetch.offset)
      advanceHighWatermark(&context)
      return
    }
    guard leading.followers[sender] != nil else { return }
    self.leading?.followers[sender]?.lastContact = context.now
    guard let agreement = log.end(of: fetch.lastEpoch), fetch.offset >= log.start else {
      let body = Message.Body.install(
        epoch: leading.epoch, number: fetch.number, log.base, highWatermark: highWatermark)
      context.send(message(body), to: sender)
      return
    }
    guard agreement.epoch == fetch.lastEpoch, fetch.offset <= agreement.end else {
      let body = Message.Body.diverging(
        epoch: leading.epoch, number: fetch.number, of: agreement.epoch, end: agreement.end)
      context.send(message(body), to: sender)
      return
    }
    acknowledge(fetch, from: sender, &context)
  }

  /// The follower's log agrees with this one up to its end, which is on its disk.
  private mutating func acknowledge(_ fetch: Fetch, from sender: NodeID, _ context: inout Context) {
    guard var follower = leading?.followers[sender] else { return }
    follower.isKnown = true
    follower.end = max(follower.end, fetch.offset)
    if follower.end >= min(log.end, follower.endAtLastFetch) { follower.lastCaughtUp = context.now }
    follower.endAtLastFetch = log.end
    if fetch.number >= follower.waiting?.number ?? 0 { follower.waiting = fetch }
    leading?.followers[sender] = follower
    advanceHighWatermark(&context)
  }

  /// "A message is considered committed when all in-sync replicas have it" (Kafka's documentation, §4.7).
  private mutating func advanceHighWatermark(_ context: inout Context) {
    guard let leading else { return }
    var end = log.end
    for node in leading.isrBound { end = min(end, node == me ? leading.ownEnd : leading.followers[node]?.end ?? 0) }
    if context.configuration.bug == .ackBeforeReplication { acknowledgeAlone(&context) }
    if end > highWatermark {
      advance(to: end, &context)
      serveReads(&context)
    }
  }

  /// With ``MessageQueueBug/ackBeforeReplication`` only.
  private mutating func acknowledgeAlone(_ context: inout Context) {
    guard let leading, id.kind == .topic || id.kind == .queue else { return }
    for offset in serving.waiters.keys.sorted() where offset < leading.ownEnd {
      guard offset >= log.start, case .value = log[offset].entry else { continue }
      for waiter in serving.waiters.removeValue(forKey: offset) ?? [] {
        answer(waiter, .outcome(.appended(offset)), &context)
      }
    }
  }

  /// At the end of a batch: followers get what was appended. What is only committed since can wait for a tick.
  mutating func answerFetches(isTick: Bool, _ context: inout Context) {
    for node in others {
      guard let follower = leading?.followers[node], let fetch = follower.waiting else { continue }
      let isDue =
        fetch.offset < log.end || isTick && fetch.highWatermark < min(highWatermark, fetch.offset)
        || follower.lastContact + context.configuration.fetchWait <= context.now
      if isDue { answer(fetch, from: node, &context) }
    }
    // The leader acknowledges to itself when its own disk is done.
    if let leading, leading.ownEndAsked != log.end {
      self.leading?.ownEndAsked = log.end
      let fetch = Fetch(
        epoch: leading.epoch, number: 0, offset: log.end, lastEpoch: log.lastEpoch, highWatermark: highWatermark)
      context.sendWhenDurable(message(.fetch(fetch)), to: me)
    }
  }

  private mutating func answer(_ fetch: Fetch, from node: NodeID, _ context: inout Context) {
    guard let leading else { return }
    self.leading?.followers[node]?.waiting = nil
    let limits = context.configuration.limits
    var records: [Record] = []
    var bytes = 0
    for record in log.records(from: fetch.offset, through: log.end) {
      bytes += record.byteCount
      if records.count >= limits.fetchRecordsMax || (bytes > limits.fetchBytesMax && !records.isEmpty) { break }
      records.append(record)
    }
    let fetched = Fetched(
      epoch: leading.epoch, number: fetch.number, offset: fetch.offset, records: records, highWatermark: highWatermark)
    context.send(message(.fetched(fetched)), to: node)
  }
}
