/// All that a broker must remember. With it the write-ahead log begins anew.
public struct Snapshot: Hashable, Sendable {
  /// Counts the snapshots of a broker, from 1 on.
  public var number: UInt64
  /// How often the broker was started on this data.
  public var lives: UInt32
  /// Ascending by name.
  public var partitions: [PartitionSnapshot]

  /// Size in bytes, near enough.
  var byteCount: Int {
    partitions.reduce(64) { $0 + 128 + $1.base.byteCount + $1.records.reduce(0) { $0 + $1.byteCount } }
  }
}

/// One replica in a snapshot.
public struct PartitionSnapshot: Hashable, Sendable {
  /// Which one.
  public var partition: PartitionID
  /// See ``PartitionChange``.
  public var state: PersistentState
  /// See ``PartitionChange``.
  public var highWatermark: Offset
  /// What came before the records.
  public var base: LogBase
  /// From the base on.
  public var records: [Record]
}

/// Snapshots of this broker: the one on disk, and the one on its way there.
struct Snapshots: Sendable {
  /// The number of the latest that was taken.
  var number: UInt64 = 0
  /// The number of the one on which the write-ahead log builds.
  var durableNumber: UInt64 = 0
  /// What the one on its way says about where logs start.
  var saving: [PartitionID: LogBase]?
  /// Whether the next batch is to begin a new write-ahead log.
  private(set) var isWholeDue = false
  /// The size of the write-ahead log, near enough.
  var logBytes = 0
  /// The size of the latest snapshot.
  var latestBytes = 0

  mutating func takeWholeDue() -> Bool {
    defer { isWholeDue = false }
    return isWholeDue
  }

  mutating func count(_ batch: PersistBatch) {
    let bytes = batch.changes.reduce(64) { $0 + 96 + $1.records.reduce(0) { $0 + $1.byteCount } }
    logBytes = batch.isWhole ? bytes : logBytes + bytes
  }

  mutating func saved() {
    durableNumber = number
    saving = nil
    isWholeDue = true
  }
}

/// Compaction of the write-ahead log, and of logs whose records add up to a state.
extension Broker {
  /// When the log has grown by the size of the latest snapshot, so that the work is in proportion. One at a time.
  mutating func takeSnapshotIfDue() {
    guard snapshots.saving == nil, !snapshots.isWholeDue,
      snapshots.logBytes > max(configuration.snapshotBytes, snapshots.latestBytes)
    else { return }
    snapshots.number += 1
    var all: [PartitionSnapshot] = []
    var bases: [PartitionID: LogBase] = [:]
    for id in partitionOrder {
      guard let index = partitions.index(forKey: id) else { continue }
      let replica = partitions.values[index].capture(configuration.retainedRecords)
      bases[id] = replica.base
      all.append(replica)
    }
    let snapshot = Snapshot(number: snapshots.number, lives: lives, partitions: all)
    snapshots.saving = bases
    snapshots.latestBytes = snapshot.byteCount
    context.directives.append(.saveSnapshot(snapshot))
  }

  /// Only now may logs forget what the snapshot covers.
  mutating func snapshotSaved(_ number: UInt64) {
    guard number == snapshots.number, let bases = snapshots.saving else { return }
    for (id, base) in bases.sorted(by: { $0.key < $1.key }) {
      with(id) { partition, _ in partition.forget(before: base) }
    }
    snapshots.saved()
    context.durability.hasChanges = true
  }
}
