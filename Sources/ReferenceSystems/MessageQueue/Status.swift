import ProtocolKit

/// How one replica is.
public struct ReplicaStatus: Sendable {
  /// The epoch that it is in.
  public let epoch: Epoch
  /// The leader of that epoch, if it is known.
  public let leader: NodeID?
  /// The in-sync set, on the leader; nil elsewhere.
  public let isr: [NodeID]?
  /// What it has.
  public let log: PartitionLog
  /// What it knows to be committed.
  public let highWatermark: Offset
}

extension Broker {
  /// The partitions of which this broker has a copy, ascending.
  public var partitionIDs: [PartitionID] { partitionOrder }

  /// How this broker's copy of a partition is; nil when it has none.
  public func replica(of id: PartitionID) -> ReplicaStatus? {
    partitions[id].map {
      ReplicaStatus(
        epoch: $0.state.epoch, leader: $0.leader, isr: $0.leading?.isr, log: $0.log, highWatermark: $0.highWatermark)
    }
  }

  /// How many partitions this broker leads.
  public var ledCount: Int { partitions.values.count(where: \.isLeader) }

  /// How many of the partitions that this broker leads have all their replicas in sync.
  public var fullyInSyncCount: Int { partitions.values.count { $0.leading?.isr.count == $0.replicas.count } }

  /// Records on this broker, committed or not.
  public var recordCount: Int { partitions.values.reduce(0) { $0 + Int($1.log.end - $1.log.start) } }

  /// Size of the write-ahead log in bytes, near enough.
  public var logByteCount: Int { snapshots.logBytes }

  /// Digest of all high watermarks; equal on brokers with the same partitions that know the same to be committed.
  public var stateHash: UInt64 {
    partitions.values.reduce(0) { hash, partition in
      let name = partition.id.name.reduce(UInt64(partition.id.kind.rawValue)) { mix64($0 ^ UInt64($1)) }
      return hash ^ mix64(mix64(name ^ UInt64(partition.id.index)) ^ partition.highWatermark)
    }
  }

  /// Whether this broker can take requests: its life is on disk, and it knows a leader of each of its partitions, or leads
  /// with enough replicas.
  public var isHealthy: Bool {
    guard context.durability.persisted > 0 else { return false }
    return partitions.values.allSatisfy { partition in
      partition.isLeader ? partition.hasEnoughReplicas(context) : partition.leader != nil
    }
  }
}
