/// A broker's number; small and stable for the life of the cluster.
public typealias NodeID = UInt32

/// A position in a partition's log. The first record has offset 0; an end is the offset behind the last record.
public typealias Offset = UInt64

/// Counts the leaders of a partition (KIP-101); the first is 1, and 0 means that there was none.
public typealias Epoch = UInt64

/// A point on the shell's monotonic clock, or a length of time, in nanoseconds. The core never reads a clock itself.
public typealias Nanoseconds = UInt64

/// Opaque bytes of a name or a value.
public typealias Bytes = [UInt8]

/// The number by which the shell knows a request of one of its own clients.
public typealias RequestID = UInt64

/// Numbers the batches that the core asked the shell to persist: 1, 2, 3, ….
public typealias PersistSequence = UInt64

/// Names one replicated log.
public struct PartitionID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What the records of a partition mean.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// Values for consumers.
    case topic
    /// The commands of one work queue.
    case queue
    /// Membership and committed offsets of one consumer group: Kafka's internal topic `__consumer_offsets`.
    case group
  }

  /// What its records mean.
  public var kind: Kind
  /// The topic's, queue's or group's name.
  public var name: Bytes
  /// Which partition of the topic, from 0 on; 0 for queues and groups.
  public var index: UInt32

  /// The partition of this kind and name.
  public init(_ kind: Kind, _ name: Bytes, _ index: UInt32 = 0) {
    self.kind = kind
    self.name = name
    self.index = index
  }

  /// By kind, name, and index.
  public static func < (a: PartitionID, b: PartitionID) -> Bool {
    if a.kind != b.kind { return a.kind.rawValue < b.kind.rawValue }
    if a.name != b.name { return a.name.lexicographicallyPrecedes(b.name) }
    return a.index < b.index
  }

  /// `topic t/3`
  public var description: String { "\(kind) \(String(decoding: name, as: UTF8.self))/\(index)" }
}

/// The number of a proposal for a partition's register: unique, as the node's id is part of it.
public struct Ballot: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Compared first.
  public var round: UInt64
  /// The proposer; decides between equal rounds.
  public var node: NodeID

  /// The ballot of `node` in `round`; rounds start at 1.
  public init(round: UInt64, node: NodeID) {
    self.round = round
    self.node = node
  }

  /// Below every ballot that a proposer uses.
  public static let zero = Ballot(round: 0, node: 0)

  /// By round, then by node.
  public static func < (a: Ballot, b: Ballot) -> Bool { a.round != b.round ? a.round < b.round : a.node < b.node }

  /// `round.node`
  public var description: String { "\(round).\(node)" }
}

/// Who leads a partition, since which epoch, and which replicas are in sync (Kafka's LeaderAndIsr): what the partition's
/// register holds.
public struct LeaderAndISR: Hashable, Sendable {
  /// Grows by one at least with each leader.
  public var epoch: Epoch
  /// The one that takes records and tells what is committed.
  public var leader: NodeID
  /// Ascending. Each of them has all that is committed, so each may lead next.
  public var isr: [NodeID]

  /// What the register of a partition holds.
  public init(epoch: Epoch, leader: NodeID, isr: [NodeID]) {
    self.epoch = epoch
    self.leader = leader
    self.isr = isr
  }
}

/// The name of a record that its producer may send again (KIP-98): it stands in the log once.
public struct ProducerSequence: Hashable, Sendable {
  /// The producer's id.
  public var producer: UInt64
  /// Ascending within producer and partition.
  public var sequence: UInt64

  /// The record with this number of this producer.
  public init(producer: UInt64, sequence: UInt64) {
    self.producer = producer
    self.sequence = sequence
  }
}
