/// One replica as the disk has it.
public struct RecoveredPartition: Sendable {
  /// See ``PartitionChange``.
  public internal(set) var state = PersistentState()
  /// The log as the replayed batches leave it.
  public internal(set) var log: PartitionLog
  /// See ``PartitionChange``.
  public internal(set) var highWatermark: Offset = 0
}

/// What the disk holds: the latest snapshot, and the write-ahead log replayed in order.
public struct RecoveredState: Sendable {
  /// By name.
  public private(set) var partitions: [PartitionID: RecoveredPartition] = [:]
  /// How often the broker was started on this data.
  public private(set) var lives: UInt32 = 0
  /// The number of the snapshot; 0 without one.
  public private(set) var snapshotNumber: UInt64 = 0
  private(set) var snapshotBytes = 0
  private(set) var logBytes = 0
  /// The snapshot on which the log on disk builds.
  private var snapshotNeeded: UInt64 = 0
  /// Why the log cannot be replayed.
  private var damage: String?

  /// What a disk with this snapshot, and an empty log, holds.
  public init(snapshot: Snapshot?) {
    guard let snapshot else { return }
    snapshotNumber = snapshot.number
    snapshotBytes = snapshot.byteCount
    lives = snapshot.lives
    for replica in snapshot.partitions {
      var log = PartitionLog(replica.base, producersMax: Limits().producersMax)
      for record in replica.records { log.append(record) }
      partitions[replica.partition] = RecoveredPartition(
        state: replica.state, log: log, highWatermark: replica.highWatermark)
    }
  }

  /// What an empty disk holds.
  public init() {}

  /// Replays one batch. The state may be newer already, that of a snapshot that was saved before the log was cut: then it
  /// goes back, and the batches that follow bring it forward again.
  public mutating func replay(_ batch: PersistBatch) {
    lives = max(lives, batch.lives)
    snapshotNeeded = max(snapshotNeeded, batch.snapshot)
    logBytes += 64
    for change in batch.changes { replay(change) }
  }

  private mutating func replay(_ change: PartitionChange) {
    let id = change.partition
    let producersMax = Limits().producersMax
    var replica =
      partitions[id]
      ?? RecoveredPartition(log: PartitionLog(LogBase(id.kind), producersMax: producersMax))
    partitions[id] = nil  // so that the log is not copied
    replica.state = change.state
    replica.highWatermark = change.highWatermark
    if let base = change.base, base.offset >= replica.log.start {
      replica.log = PartitionLog(base, producersMax: producersMax)
    }
    replica.log.truncate(to: max(change.from, replica.log.start))
    if change.from > replica.log.end { damage = "\(id) has no records from \(replica.log.end) to \(change.from)" }
    for (position, record) in change.records.enumerated()
    where change.from + Offset(position) >= replica.log.end {
      replica.log.append(record)
    }
    logBytes += 96 + change.records.reduce(0) { $0 + $1.byteCount }
    partitions[id] = replica
  }

  /// The log builds on a snapshot that is not there, or lacks records.
  public struct SnapshotMissing: Error, CustomStringConvertible {
    /// What is missing, in words.
    public let reason: String
    /// One line for the operator.
    public var description: String {
      "the data directory lacks something: \(reason); restore it, or remove the node's data only if it may forget what it "
        + "acknowledged"
    }
  }

  /// A broker must not run on a disk that lost something.
  /// - Throws: ``SnapshotMissing``.
  public func validate() throws {
    if snapshotNeeded > snapshotNumber {
      throw SnapshotMissing(reason: "the log builds on snapshot \(snapshotNeeded), the file holds \(snapshotNumber)")
    }
    if let damage { throw SnapshotMissing(reason: damage) }
  }
}
