/// What brokers say to each other about one partition.
public struct Message: Hashable, Sendable {
  /// What it is about.
  public var partition: PartitionID
  /// What it says.
  public var body: Body

  /// What is said about a partition.
  public enum Body: Hashable, Sendable {
    // The register (Rystsov, "CASPaxos", 2018, §2.2).

    /// Phase 1: the proposer asks for the register's state.
    case prepare(Ballot)
    /// Nothing below the ballot will be accepted; what was accepted so far.
    case promise(Ballot, accepted: Ballot, LeaderAndISR?)
    /// Phase 2: the changed state.
    case accept(Ballot, LeaderAndISR)
    /// The state is accepted, and on disk.
    case accepted(Ballot)
    /// The first ballot is refused, because of the second.
    case conflict(Ballot, promised: Ballot)

    // Leaders and followers.

    /// The sender leads; the other replicas are to fetch from it.
    case lead(LeaderAndISR)
    /// Who leads, as far as the sender knows; an epoch above the receiver's tells it that it was deposed.
    case leaderIs(epoch: Epoch, leader: NodeID)
    /// A follower wants records. All before are on its disk, which is how replicas acknowledge (Kreps et al., §2).
    case fetch(Fetch)
    /// Answers ``fetch(_:)``.
    case fetched(Fetched)
    /// Answers ``fetch(_:)``: the logs part before the follower's end (KIP-101).
    case diverging(epoch: Epoch, number: UInt64, of: Epoch, end: Offset)
    /// Answers ``fetch(_:)``: the leader does not have the records any more, only what they add up to.
    case install(epoch: Epoch, number: UInt64, LogBase, highWatermark: Offset)
    /// Does the register still say nothing of a later epoch?
    case confirm(epoch: Epoch, round: UInt64)
    /// Answers ``confirm(epoch:round:)``: no.
    case confirmed(epoch: Epoch, round: UInt64)

    // Requests of clients.

    /// Whoever leads is to say so.
    case findLeader
    /// The same, but it must not bring the partition into being; who never heard of it says so.
    case probe(number: UInt64)
    /// Answers ``probe(number:)``: the sender, a replica, never heard of the partition.
    case absent(number: UInt64)
    /// A client's request on its way to the leader of `epoch`.
    case request(number: UInt64, epoch: Epoch, Operation)
    /// Answers ``request(number:epoch:_:)``.
    case answer(number: UInt64, Reply)
  }
}

/// See ``Message/Body/fetch(_:)``.
public struct Fetch: Hashable, Sendable {
  /// That of the leader that is asked.
  public var epoch: Epoch
  /// Repeated in the answer.
  public var number: UInt64
  /// The first record that the follower lacks.
  public var offset: Offset
  /// The epoch of the record before, by which the leader finds out whether the logs agree (KIP-101; in the request itself as
  /// in KIP-595).
  public var lastEpoch: Epoch
  /// What the follower knows to be committed.
  public var highWatermark: Offset
}

/// See ``Message/Body/fetched(_:)``.
public struct Fetched: Hashable, Sendable {
  /// The leader's.
  public var epoch: Epoch
  /// That of the request.
  public var number: UInt64
  /// The offset that was asked for.
  public var offset: Offset
  /// From there on.
  public var records: [Record]
  /// What is committed.
  public var highWatermark: Offset
}

/// What became of a request that was passed on.
public enum Reply: Hashable, Sendable {
  /// It was carried out, or answered for good.
  case outcome(Outcome)
  /// It was certainly not carried out: the receiver does not lead in that epoch, or not yet well enough. It may be sent
  /// again.
  case notLeader
  /// It was certainly not carried out: see ``Outcome/notEnoughReplicas``.
  case notEnoughReplicas
}

extension Message {
  /// Size in bytes, near enough to bound envelopes.
  var byteCount: Int {
    let fixed = 64 + partition.name.count
    switch body {
    case .fetched(let fetched): return fixed + fetched.records.reduce(0) { $0 + $1.byteCount }
    case .request(_, _, .produce(_, let value, _)): return fixed + value.count
    case .answer(_, .outcome(.records(let records, _))), .answer(_, .outcome(.polled(_, let records))):
      return fixed + records.reduce(0) { $0 + $1.value.count + 16 }
    case .answer(_, .outcome(.values(let values))): return fixed + values.reduce(0) { $0 + $1.count + 4 }
    default: return fixed
    }
  }
}
