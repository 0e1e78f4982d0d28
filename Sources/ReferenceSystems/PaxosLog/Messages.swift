/// What nodes say to each other. The names of phases are those of *Paxos Made Simple* §2.2.
public enum Message: Hashable, Sendable {
  /// Phase 1(a), "prepare request", for all slots from the first that the candidate does not know to be chosen (§3).
  case prepare(Prepare)
  /// Phase 1(b): the promise, once it is on disk, with what was accepted.
  case promise(Promise)
  /// Instead of a promise: the candidate lacks so much that it should catch up first. Promises nothing.
  case behind(Behind)
  /// Phase 2(a), "accept request", for consecutive slots.
  case accept(Accept)
  /// Phase 2(b), to the leader as the distinguished learner (§2.3), once the proposals are on disk.
  case accepted(Accepted)
  /// "If an acceptor ignores a prepare or accept request because it has already received a prepare request with a higher
  /// number, then it should probably inform the proposer" (§2.5); so for heartbeats.
  case refused(Refused)
  /// The leader's sign of life, and its question whether it still leads.
  case heartbeat(Heartbeat)
  /// Answers ``heartbeat(_:)``: nothing higher was promised. Waits for no disk.
  case heartbeatReply(HeartbeatReply)
  /// The distinguished learner tells the others what is chosen (§2.3).
  case chosen(Chosen)
  /// A learner asks for chosen values that it lacks.
  case catchUp(CatchUp)
  /// Chosen values.
  case values(ChosenValues)
  /// A part of a snapshot, where the values are not in the log any more.
  case snapshot(SnapshotChunk)
  /// Commands of clients on their way to the leader. There is no answer: who asked sees them chosen, or sends them again.
  case forward([Command])
  /// A node asks the leader from which slot on its waiting reads may be answered.
  case readRequest(ReadRequest)
  /// Answers ``readRequest(_:)``.
  case readGrant(ReadGrant)
}

/// "A proposer chooses a new proposal number n and sends a request to each member of some set of acceptors" (§2.2).
public struct Prepare: Hashable, Sendable {
  /// The number n.
  public var ballot: Ballot
  /// The candidate knows what is chosen in all slots before.
  public var firstSlot: Slot

  /// A request for all slots from `firstSlot` on.
  public init(ballot: Ballot, firstSlot: Slot) {
    self.ballot = ballot
    self.firstSlot = firstSlot
  }
}

/// "A promise never again to accept a proposal numbered less than n, and the proposal with the highest number less than n
/// that it has accepted, if any" (§2.2), for each slot.
public struct Promise: Hashable, Sendable {
  /// The number n.
  public var ballot: Ballot
  /// Everything that the acceptor accepted in the slots of the request, ascending.
  public var votes: [Vote]

  /// A promise for `ballot`.
  public init(ballot: Ballot, votes: [Vote]) {
    self.ballot = ballot
    self.votes = votes
  }
}

/// See ``Message/behind(_:)``.
public struct Behind: Hashable, Sendable {
  /// That of the request.
  public var ballot: Ballot
  /// What the acceptor knows to be chosen.
  public var chosenThrough: Slot

  /// The answer to a candidate that lacks too much.
  public init(ballot: Ballot, chosenThrough: Slot) {
    self.ballot = ballot
    self.chosenThrough = chosenThrough
  }
}

/// "An accept request for a proposal numbered n with value v" (§2.2), for several slots.
public struct Accept: Hashable, Sendable {
  /// The number n.
  public var ballot: Ballot
  /// The slot of the first value.
  public var firstSlot: Slot
  /// One for each slot from `firstSlot` on.
  public var values: [Value]
  /// As in ``Chosen``.
  public var chosenThrough: Slot

  /// A request of the leader of `ballot`.
  public init(ballot: Ballot, firstSlot: Slot, values: [Value], chosenThrough: Slot) {
    self.ballot = ballot
    self.firstSlot = firstSlot
    self.values = values
    self.chosenThrough = chosenThrough
  }
}

/// The proposals of an ``Accept`` are accepted, and on disk.
public struct Accepted: Hashable, Sendable {
  /// That of the request.
  public var ballot: Ballot
  /// That of the request.
  public var firstSlot: Slot
  /// How many values the request had.
  public var count: UInt64

  /// The answer to a request for `count` slots from `firstSlot` on.
  public init(ballot: Ballot, firstSlot: Slot, count: UInt64) {
    self.ballot = ballot
    self.firstSlot = firstSlot
    self.count = count
  }
}

/// The sender will not serve a ballot, as it knows of a higher one.
public struct Refused: Hashable, Sendable {
  /// The ballot that is refused.
  public var ballot: Ballot
  /// The higher one.
  public var promised: Ballot

  /// The answer to a request in `ballot`.
  public init(ballot: Ballot, promised: Ballot) {
    self.ballot = ballot
    self.promised = promised
  }
}

/// From the leader to all.
public struct Heartbeat: Hashable, Sendable {
  /// The leader's.
  public var ballot: Ballot
  /// As in ``Chosen``.
  public var chosenThrough: Slot
  /// The latest round of reads that the leader began.
  public var round: UInt64

  /// A heartbeat of the leader of `ballot`.
  public init(ballot: Ballot, chosenThrough: Slot, round: UInt64) {
    self.ballot = ballot
    self.chosenThrough = chosenThrough
    self.round = round
  }
}

/// As of the heartbeat's arrival, the sender had promised nothing above `ballot`.
public struct HeartbeatReply: Hashable, Sendable {
  /// The heartbeat's.
  public var ballot: Ballot
  /// The heartbeat's.
  public var round: UInt64

  /// The answer to a heartbeat.
  public init(ballot: Ballot, round: UInt64) {
    self.ballot = ballot
    self.round = round
  }
}

/// All slots up to `chosenThrough` are chosen. Whoever accepted one of them in `ballot` knows its value by that.
public struct Chosen: Hashable, Sendable {
  /// The leader's.
  public var ballot: Ballot
  /// The leader knows what is chosen in every slot up to here.
  public var chosenThrough: Slot

  /// News of the leader of `ballot`.
  public init(ballot: Ballot, chosenThrough: Slot) {
    self.ballot = ballot
    self.chosenThrough = chosenThrough
  }
}

/// See ``Message/catchUp(_:)``.
public struct CatchUp: Hashable, Sendable {
  /// The first slot whose value the sender lacks.
  public var firstSlot: Slot
  /// The snapshot of which the sender has a part; 0 for none.
  public var snapshotThrough: Slot
  /// How many bytes of that snapshot it has.
  public var snapshotOffset: UInt64

  /// A learner's request.
  public init(firstSlot: Slot, snapshotThrough: Slot, snapshotOffset: UInt64) {
    self.firstSlot = firstSlot
    self.snapshotThrough = snapshotThrough
    self.snapshotOffset = snapshotOffset
  }
}

/// See ``Message/values(_:)``.
public struct ChosenValues: Hashable, Sendable {
  /// The slot of the first proposal.
  public var firstSlot: Slot
  /// The values chosen in consecutive slots, each with the ballot in which the sender has it.
  public var proposals: [Proposal]
  /// How far the sender knows what is chosen.
  public var chosenThrough: Slot

  /// Values from `firstSlot` on.
  public init(firstSlot: Slot, proposals: [Proposal], chosenThrough: Slot) {
    self.firstSlot = firstSlot
    self.proposals = proposals
    self.chosenThrough = chosenThrough
  }
}

/// See ``Message/snapshot(_:)``.
public struct SnapshotChunk: Hashable, Sendable {
  /// The last slot that the snapshot covers.
  public var through: Slot
  /// Where the bytes belong.
  public var offset: UInt64
  /// How many bytes the snapshot has.
  public var totalBytes: UInt64
  /// The part.
  public var bytes: [UInt8]

  /// Bytes of the snapshot that covers the slots up to `through`.
  public init(through: Slot, offset: UInt64, totalBytes: UInt64, bytes: [UInt8]) {
    self.through = through
    self.offset = offset
    self.totalBytes = totalBytes
    self.bytes = bytes
  }
}

/// See ``Message/readRequest(_:)``.
public struct ReadRequest: Hashable, Sendable {
  /// Grows with each request of the sender, also over its restarts.
  public var id: UInt64

  /// The request with this number.
  public init(id: UInt64) { self.id = id }
}

/// See ``Message/readGrant(_:)``.
public struct ReadGrant: Hashable, Sendable {
  /// That of the request; it covers the sender's earlier ones too.
  public var id: UInt64
  /// What the reads must reflect.
  public var slot: Slot

  /// Reads may be answered from this slot on.
  public init(id: UInt64, slot: Slot) {
    self.id = id
    self.slot = slot
  }
}
