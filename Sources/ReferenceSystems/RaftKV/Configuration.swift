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
  /// Bytes of the entries that stay in the log behind a snapshot.
  public var logTailBytesMax = 16 << 20
  /// Bytes of a snapshot in one InstallSnapshot message.
  public var snapshotChunkBytesMax = 1 << 20
  /// A longer snapshot is not taken from a leader.
  public var snapshotBytesMax = 2 << 30
  /// Entries in the log, which stays in memory until a snapshot takes their place. Further writes are refused.
  public var logEntriesMax = 50_000_000

  /// Bounds meant for small keys and values.
  public init() {}
}

/// Everything a server is told at its start.
public struct Configuration: Sendable {
  /// This server.
  public var id: NodeID
  /// The members when the cluster starts for the first time; later, the log and the snapshot know. The same on all servers.
  public var members: [NodeID]
  /// All servers that are or may become members, this server among them.
  public var servers: [NodeID]
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
  /// A snapshot is taken when so many entries were applied since the last (§7).
  public var snapshotEntries: UInt64 = 100_000
  /// A snapshot is taken when so many bytes of entries were applied since the last, and at least as many as the last has.
  public var snapshotLogBytes = 32 << 20
  /// Entries that stay in the log behind a snapshot, for followers that lag a little.
  public var logTailEntries = 1_000
  /// Bounds on memory and messages.
  public var limits = Limits()
  /// Bounds of what is remembered of clients; the same on all servers.
  public var sessionLimits = SessionLimits()
  /// A configuration with the paper's time-outs (§9.3: 150–300 ms).
  /// - Parameter servers: nil when there are no others than the members.
  public init(id: NodeID, members: [NodeID], servers: [NodeID]? = nil) {
    self.id = id
    self.members = members
    self.servers = servers ?? members
  }

  /// Everything wrong with the configuration, in words for the operator; empty when it can be used.
  public func problems() -> [String] {
    var found: [String] = []
    if members.isEmpty { found.append("the cluster has no members") }
    if !servers.contains(id) { found.append("node \(id) is not among the members \(servers)") }
    let strangers = members.filter { !servers.contains($0) }
    if !strangers.isEmpty { found.append("the members \(strangers) are not among the servers \(servers)") }
    if snapshotEntries == 0 || snapshotLogBytes <= 0 {
      found.append("a snapshot after 0 entries or bytes would never end; leave at least 1 in between")
    }
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
}
