import ProtocolKit

/// Bounds on everything that grows with what arrives from outside.
public struct Limits: Sendable {
  /// Partitions that a broker takes part in; more do not come into being. Each costs messages while idle, 40 a second
  /// among three replicas, and all of them elect at once after a restart: 500 are carried on two cores that are busy
  /// with other things, 1,000 are not.
  public var partitionsMax = 500
  /// Records in one answer to a fetch of a replica, and their bytes; a single larger record still travels alone.
  public var fetchRecordsMax = 1_000
  /// See ``fetchRecordsMax``.
  public var fetchBytesMax = 1 << 20
  /// Records of a partition that are not committed; more are refused.
  public var uncommittedRecordsMax: Offset = 10_000
  /// Requests of this broker's clients that were not answered.
  public var requestsInFlightMax = 4_096
  /// Names of requests that a leader remembers in order to drop repetitions by the network.
  public var rememberedRequestsMax = 65_536
  /// Reads that wait at a leader; more are refused.
  public var readsWaitingMax = 4_096
  /// Records in one answer to a client, and their bytes; a single larger one is answered all the same.
  public var answerRecordsMax = 100_000
  /// See ``answerRecordsMax``.
  public var answerBytesMax = 16 << 20
  /// Leaders that a broker remembers; beyond that it asks anew.
  public var routesMax = 20_000
  /// Partition messages that travel together, and their bytes, near enough.
  public var envelopeMessagesMax = 4_096
  /// See ``envelopeMessagesMax``.
  public var envelopeBytesMax = 4 << 20
  /// Messages that wait for the disk; the oldest is dropped beyond it, as if the network had lost it.
  public var deferredMessagesMax = 65_536
  /// Producers that a partition remembers; those that were silent for longest are forgotten first.
  public var producersMax = 10_000

  /// Bounds meant for small values.
  public init() {}
}

/// Everything a broker is told at its start.
public struct Configuration: Sendable {
  /// This broker.
  public var id: NodeID
  /// All brokers, this one among them; they never change.
  public var members: [NodeID]
  /// How many of them have a copy of each partition.
  public var replicas = 3
  /// How many replicas must have a record before it is committed, and must be reachable before one is taken: Kafka's
  /// `min.insync.replicas`.
  public var minInsync = 2
  /// Partitions of each topic.
  public var partitions: UInt32 = 8
  /// How long a received message is lent, unless the receiver says otherwise.
  public var visibility: Nanoseconds = 10_000_000_000
  /// After so many deliveries that failed a message is a dead letter; 0 for never.
  public var deliveriesMax: UInt32 = 100
  /// A member of a group that does not poll for so long is out.
  public var groupSession: Nanoseconds = 3_000_000_000
  /// A replica that was not caught up for so long leaves the in-sync set: Kafka's `replica.lag.time.max.ms`.
  public var replicaLag: Nanoseconds = 400_000_000
  /// Time without a leader after which a replica tries to become one, drawn from `electionTimeoutMin ..< electionTimeoutMax`.
  public var electionTimeoutMin: Nanoseconds = 400_000_000
  /// See ``electionTimeoutMin``.
  public var electionTimeoutMax: Nanoseconds = 800_000_000
  /// How long a leader lets a fetch wait for records: Kafka's `replica.fetch.wait.max.ms`.
  public var fetchWait: Nanoseconds = 100_000_000
  /// An unanswered message is sent again after this time.
  public var retryInterval: Nanoseconds = 50_000_000
  /// How long a client's request may wait before it is answered ``Outcome/unknown`` or ``Outcome/noLeader``.
  public var requestTimeout: Nanoseconds = 1_000_000_000
  /// Records of a topic's partition that are kept at least; older ones go with the next snapshot. nil keeps all.
  public var retainedRecords: Offset?
  /// A snapshot is taken when the log on disk has grown by so much since the one before, or by that one's size.
  public var snapshotBytes = 32 << 20
  /// Seeds what is drawn at random. Brokers of one cluster may share it: the id is mixed in.
  public var seed: UInt64 = 0
  /// A step to get wrong on purpose; nil for the protocol as it should be.
  public var bug: MessageQueueBug?
  /// Bounds on memory and messages.
  public var limits = Limits()

  /// A configuration with time-outs for a local network.
  public init(id: NodeID, members: [NodeID]) {
    self.id = id
    self.members = members.sorted()
  }

  /// How many members there can be.
  public static let membersMax = 64

  /// Everything wrong with the configuration, in words for the operator; empty when it can be used.
  public func problems() -> [String] {
    var found: [String] = []
    if members.count > Self.membersMax { found.append("more than \(Self.membersMax) members: \(members.count)") }
    if !members.contains(id) { found.append("node \(id) is not among the members \(members)") }
    if Set(members).count != members.count { found.append("a member is listed twice in \(members)") }
    if !(1...max(1, members.count)).contains(replicas) {
      found.append("\(replicas) replicas of \(members.count) nodes: from 1 to the number of nodes")
    }
    if !(1...max(1, replicas)).contains(minInsync) {
      found.append("at least \(minInsync) of \(replicas) replicas in sync: from 1 to the number of replicas")
    }
    if !(1...1024).contains(partitions) { found.append("\(partitions) partitions of a topic: from 1 to 1024") }
    if electionTimeoutMin >= electionTimeoutMax {
      found.append("the election time-out's range is empty: \(electionTimeoutMin)..<\(electionTimeoutMax) ns")
    }
    if fetchWait == 0 || fetchWait > electionTimeoutMin / 2 || fetchWait > replicaLag / 2 {
      found.append(
        "fetches that wait \(fetchWait) ns are too rare: at most half of the shortest election time-out, "
          + "\(electionTimeoutMin) ns, and of the replica lag, \(replicaLag) ns")
    }
    if retryInterval == 0 { found.append("messages cannot be sent again after 0 ns") }
    if visibility == 0 || visibility >= 1 << 61 { found.append("the visibility time-out must be at least 1 ms") }
    if groupSession == 0 { found.append("the group's session time-out must be at least 1 ms") }
    return found
  }

  /// The brokers that have a copy of a partition: consecutive ones, from a place that its name decides. All know it without
  /// asking. The first is the preferred leader.
  public func replicas(of partition: PartitionID) -> [NodeID] {
    var hash = UInt64(partition.kind.rawValue)
    for byte in partition.name { hash = mix64(hash ^ UInt64(byte)) }
    let first = Int((hash >> 8) % UInt64(members.count)) + Int(partition.index)
    return (0..<min(replicas, members.count)).map { members[(first + $0) % members.count] }
  }
}
