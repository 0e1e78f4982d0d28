/// Bounds on everything that grows with what arrives from outside.
public struct Limits: Sendable {
  /// Entries in one AppendEntries message.
  public var appendEntriesMax = 512
  /// Payload of one AppendEntries message; a single larger entry still travels alone.
  public var appendBytesMax = 1 << 20
  /// AppendEntries messages to one follower that it has not answered yet.
  public var appendsInFlightMax = 16
  /// Writes that the leader has proposed and not answered.
  public var proposalsInFlightMax = 8_192
  /// Reads that wait for their ReadIndex round on the leader.
  public var readsInFlightMax = 8_192
  /// Heartbeat rounds under way for reads. Reads that arrive meanwhile share the next one.
  public var readRoundsInFlightMax = 2
  /// Requests passed on to the leader and not answered.
  public var forwardsInFlightMax = 8_192
  /// Messages that wait for the disk; the oldest is dropped beyond it, as if the network had lost it.
  public var deferredMessagesMax = 16_384
  /// Entries in the log, which stays in memory as long as there are no snapshots. Further writes are refused.
  public var logEntriesMax = 50_000_000

  /// Bounds meant for small keys and values.
  public init() {}
}

/// Everything a server is told at its start.
public struct Configuration: Sendable {
  /// This server.
  public var id: NodeID
  /// All members, this server among them. Fixed: membership change is not part of this core yet.
  public var members: [NodeID]
  /// Election time-outs are drawn from `electionTimeoutMin ..< electionTimeoutMax` (§5.2).
  public var electionTimeoutMin: Nanoseconds = 150_000_000
  /// Also how long a leader goes on without a quorum (CheckQuorum), and a healthy follower without a leader.
  public var electionTimeoutMax: Nanoseconds = 300_000_000
  /// Also the time after which an unanswered message is sent again.
  public var heartbeatInterval: Nanoseconds = 50_000_000
  /// How long a client's request may wait before it is answered `unknown` (a write) or `noLeader` (a read).
  public var requestTimeout: Nanoseconds = 1_000_000_000
  /// Seeds the election time-outs. Servers of one cluster may share it: the id is mixed in.
  public var seed: UInt64 = 0
  /// A step to get wrong on purpose; nil for the protocol as it should be.
  public var bug: RaftBug?
  /// Bounds on memory and messages.
  public var limits = Limits()
  /// Bounds of what is remembered of clients; the same on all servers.
  public var sessionLimits = SessionLimits()
  /// A mutation for the tests of this package only: entries of earlier terms are committed by counting replicas, against
  /// §5.4.2. It proves that the invariants of the simulation would notice.
  package var countsOldTerms = false

  /// A configuration with the paper's time-outs (§9.3: 150–300 ms).
  public init(id: NodeID, members: [NodeID]) {
    self.id = id
    self.members = members
  }

  /// Everything wrong with the configuration, in words for the operator; empty when it can be used.
  public func problems() -> [String] {
    var found: [String] = []
    if members.isEmpty { found.append("the cluster has no members") }
    if !members.contains(id) { found.append("node \(id) is not among the members \(members)") }
    if Set(members).count != members.count { found.append("a member is listed twice in \(members)") }
    if electionTimeoutMin >= electionTimeoutMax {
      found.append("the election time-out's range is empty: \(electionTimeoutMin)..<\(electionTimeoutMax) ns")
    }
    if heartbeatInterval == 0 || heartbeatInterval.multipliedReportingOverflow(by: 2).partialValue > electionTimeoutMin
    {
      found.append(
        "heartbeats every \(heartbeatInterval) ns are too rare: at most half of the shortest election time-out, "
          + "\(electionTimeoutMin) ns")
    }
    return found
  }

  /// How many servers make a quorum. Two majorities always share a server, which is what safety rests on.
  public var quorum: Int {
    bug == .shortQuorum ? max(1, members.count / 2) : members.count / 2 + 1
  }
}
