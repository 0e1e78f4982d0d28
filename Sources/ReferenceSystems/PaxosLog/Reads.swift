import ProtocolKit

/// Reads of this node's clients that were not answered.
struct Reads: Sendable {
  struct Read: Sendable {
    var query: Query
    var request: RequestID
    var deadline: Nanoseconds
  }

  /// No request to the leader covers these yet.
  var waiting = FIFO<Read>()
  /// Covered by the request with this number, or a later one.
  var asked = FIFO<(id: UInt64, read: Read)>()
  /// To be answered once this slot is applied.
  var granted = FIFO<(slot: Slot, read: Read)>()
  /// Requests to the leader in this life.
  var counter: UInt64 = 0
  /// When the oldest of `asked` was asked for; nil when there is none.
  var askedAt: Nanoseconds?

  var count: Int { waiting.count + asked.count + granted.count }

  /// Reads have no effect, so they can be asked for again at any time, by a later request.
  mutating func askAgain() {
    var all = FIFO<Read>()
    for (_, read) in asked.drain() { all.append(read) }
    for read in waiting.drain() { all.append(read) }
    waiting = all
    askedAt = nil
  }
}

/// Linearizable reads without the log, in four steps.
///
/// 1. The node that was asked sends one request to the leader, for all reads that arrived before it.
/// 2. The leader notes how far all is chosen: at least up to the end of what its predecessors may have had chosen
///    (`recoveredThrough`), and of what it chose itself.
/// 3. It makes sure that nobody chose anything without its knowledge until the request arrived. For that, a majority would
///    have promised a higher ballot by then; but a majority answers a heartbeat that was sent later, "nothing higher".
/// 4. The node that was asked waits until it has applied that slot, and answers.
extension MultiPaxos {
  /// Takes a read; the request leaves at the end of the batch, so that reads which arrive together share it.
  mutating func accept(_ query: Query, request: RequestID) {
    guard reads.count < configuration.limits.requestsInFlightMax else {
      directives.append(.respond(request, .overloaded))
      return
    }
    reads.waiting.append(
      Reads.Read(query: query, request: request, deadline: now + configuration.requestTimeout))
  }

  /// Step 1. Not before the number of this life is on disk: a grant of an earlier life must not be taken for a later one.
  mutating func sendReadRequest() {
    guard !reads.waiting.isEmpty, let leader, durability.persisted > 0, mayRequest else { return }
    reads.counter += 1
    let id = UInt64(lives) << 32 | reads.counter
    for read in reads.waiting.drain() { reads.asked.append((id, read)) }
    reads.askedAt = reads.askedAt ?? now
    if role == .leader {
      leading.readRequests.append((id, configuration.id))
    } else {
      send(.readRequest(ReadRequest(id: id)), to: leader)
    }
  }

  private var mayRequest: Bool {
    guard let oldest = reads.asked.first else { return true }
    return UInt64(lives) << 32 | reads.counter < oldest.id + UInt64(configuration.limits.readRoundsInFlightMax) - 1
  }

  /// A request of another node; it asks again if this is dropped.
  mutating func answer(_ request: ReadRequest, from sender: NodeID) {
    guard role == .leader, leading.readRequests.count < configuration.limits.readRequestsMax else { return }
    leading.readRequests.append((request.id, sender))
  }

  /// Step 2, and the start of step 3. A bounded number of rounds; requests that arrive meanwhile share the next.
  mutating func startReadRound() {
    guard !leading.readRequests.isEmpty else { return }
    if let oldest = leading.readRounds.first,
      leading.round - oldest.round + 1 >= UInt64(configuration.limits.readRoundsInFlightMax)
    {
      return
    }
    leading.round += 1
    let slot = max(chosenThrough, leading.recoveredThrough)
    for (id, node) in leading.readRequests.drain() { leading.readRounds.append((leading.round, slot, id, node)) }
    if configuration.bug != .unconfirmedLeaderRead { broadcastHeartbeat() }
    grantConfirmedReads()
  }

  /// The leader still led when the round arrived at a node. Confirmation of a round covers all rounds before.
  mutating func receive(_ reply: HeartbeatReply, from position: Int) {
    guard role == .leader, reply.ballot == leaderBallot, reply.round <= leading.round else { return }
    leading.lastContact[position] = now
    guard reply.round > leading.confirmedRound[position] else { return }
    leading.confirmedRound[position] = reply.round
    grantConfirmedReads()
  }

  /// The end of step 3.
  private mutating func grantConfirmedReads() {
    let confirmed = roundOfMajority
    while let read = leading.readRounds.first, read.round <= confirmed {
      leading.readRounds.popFirst()
      let grant = ReadGrant(id: read.id, slot: read.slot)
      if read.from == configuration.id { receive(grant) } else { send(.readGrant(grant), to: read.from) }
    }
  }

  /// The latest round that a majority confirmed, this node among it.
  private var roundOfMajority: UInt64 {
    if configuration.bug == .unconfirmedLeaderRead { return leading.round }
    var rounds = zip(members, leading.confirmedRound).map { $0 == configuration.id ? leading.round : $1 }
    rounds.sort(by: >)
    return rounds[configuration.majority - 1]
  }

  /// Step 4 for all reads that the request covered.
  mutating func receive(_ grant: ReadGrant) {
    while let asked = reads.asked.first, asked.id <= grant.id {
      reads.asked.popFirst()
      reads.granted.append((grant.slot, asked.read))
    }
    reads.askedAt = reads.asked.isEmpty ? nil : now
    serveReads()
  }

  /// Answers the reads whose slot is applied.
  mutating func serveReads() {
    while let (slot, read) = reads.granted.first, slot <= chosenThrough {
      reads.granted.popFirst()
      answer(read.query, request: read.request)
    }
  }

  /// A read has no effect, so its failure is definite.
  mutating func expireReads() {
    while let read = reads.granted.first?.read, read.deadline <= now {
      reads.granted.popFirst()
      directives.append(.respond(read.request, .noLeader))
    }
    while let read = reads.asked.first?.read, read.deadline <= now {
      reads.asked.popFirst()
      directives.append(.respond(read.request, .noLeader))
    }
    while let read = reads.waiting.first, read.deadline <= now {
      reads.waiting.popFirst()
      directives.append(.respond(read.request, .noLeader))
    }
    if reads.asked.isEmpty { reads.askedAt = nil }
  }
}
