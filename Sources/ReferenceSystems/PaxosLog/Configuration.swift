/// Bounds on everything that grows with what arrives from outside.
public struct Limits: Sendable {
  /// Slots in one message of phase 2 or of catching up.
  public var messageSlotsMax = 512
  /// Values in one such message, in bytes; a single larger one still travels alone.
  public var messageBytesMax = 1 << 20
  /// Slots that the leader has proposed and not seen chosen: the paper's α (§3).
  public var slotsInFlightMax = 4_096
  /// Their values, in bytes.
  public var bytesInFlightMax = 32 << 20
  /// An acceptor does not promise to a candidate that lacks more chosen slots than this: it must catch up first.
  public var candidateLagSlotsMax: Slot = 1_024
  /// An acceptor accepts nothing so far ahead of its snapshot.
  public var logSlotsMax: Slot = 1 << 20
  /// Requests of this node's clients that were not answered, updates and reads each.
  public var requestsInFlightMax = 4_096
  /// Read requests to the leader without an answer. Reads that arrive meanwhile share the next one.
  public var readRoundsInFlightMax = 2
  /// Read requests that wait for the leader's next round.
  public var readRequestsMax = 1_024
  /// What is left of the log when it is cut behind a snapshot, in bytes, for the file on disk to begin anew with it.
  public var wholeBatchBytesMax = 64 << 20
  /// Entries in the answer to one read.
  public var readEntriesMax = 100_000
  /// Messages that wait for the disk; the oldest is dropped beyond it, as if the network had lost it.
  public var deferredMessagesMax = 16_384
  /// A part of a snapshot on its way, in bytes.
  public var snapshotChunkBytesMax = 1 << 20
  /// A snapshot that this node takes from another, in bytes.
  public var snapshotBytesMax = 4 << 30

  /// Bounds meant for small values.
  public init() {}
}

/// Everything a node is told at its start.
public struct Configuration: Sendable {
  /// This node.
  public var id: NodeID
  /// All nodes, this one among them; they never change.
  public var members: [NodeID]
  /// Time without a leader after which a node tries to become one, drawn from `electionTimeoutMin ..< electionTimeoutMax`.
  public var electionTimeoutMin: Nanoseconds = 150_000_000
  /// Also how long a follower is healthy without a leader, and a leader without a majority.
  public var electionTimeoutMax: Nanoseconds = 300_000_000
  /// How long a leader goes on without answers from a majority. Whoever tries a higher ballot takes over much sooner; this
  /// is for a leader that others hear but cannot answer.
  public var leadershipTimeout: Nanoseconds = 2_000_000_000
  /// Also the time after which an unanswered message is sent again.
  public var heartbeatInterval: Nanoseconds = 50_000_000
  /// How long a client's request may wait before it is answered ``Outcome/unknown`` or ``Outcome/noLeader``.
  public var requestTimeout: Nanoseconds = 1_000_000_000
  /// A snapshot is taken after so many slots were applied since the one before.
  public var snapshotInterval: Slot = 10_000
  /// So many slots below a snapshot stay in the log, for learners that lag only a little.
  public var logTailSlots: Slot = 1_000
  /// Seeds the election time-outs. Nodes of one cluster may share it: the id is mixed in.
  public var seed: UInt64 = 0
  /// A step to get wrong on purpose; nil for the protocol as it should be.
  public var bug: PaxosBug?
  /// Bounds on memory and messages.
  public var limits = Limits()
  /// Bounds of the sessions. They must be the same on all nodes, as they decide what takes effect.
  public var sessionLimits = SessionLimits()

  /// A configuration with time-outs for a local network.
  public init(id: NodeID, members: [NodeID]) {
    self.id = id
    self.members = members
  }

  /// How many members there can be, as a set of them is one machine word.
  public static let membersMax = 64

  /// Everything wrong with the configuration, in words for the operator; empty when it can be used.
  public func problems() -> [String] {
    var found: [String] = []
    if members.isEmpty { found.append("the cluster has no members") }
    if members.count > Self.membersMax { found.append("more than \(Self.membersMax) members: \(members.count)") }
    if !members.contains(id) { found.append("node \(id) is not among the members \(members)") }
    if Set(members).count != members.count { found.append("a member is listed twice in \(members)") }
    if members.contains(where: { $0 == 0 || $0 >= 1 << 31 }) {
      found.append("members are numbered from 1 to \(1 << 31 - 1), not \(members)")
    }
    if electionTimeoutMin >= electionTimeoutMax {
      found.append("the election time-out's range is empty: \(electionTimeoutMin)..<\(electionTimeoutMax) ns")
    }
    if heartbeatInterval == 0 || heartbeatInterval > electionTimeoutMin / 2 {
      found.append(
        "heartbeats every \(heartbeatInterval) ns are too rare: at most half of the shortest election time-out, "
          + "\(electionTimeoutMin) ns")
    }
    if snapshotInterval == 0 { found.append("a snapshot after every 0 slots never ends: at least 1") }
    return found
  }

  /// "Any two majorities have at least one acceptor in common" (§2.2).
  public var majority: Int { members.count / 2 + 1 }

  /// How many acceptors choose a value.
  var acceptorsToChoose: Int { bug == .chosenByMinority ? max(1, members.count / 2) : majority }
}
