/// What the disk holds: the latest snapshot, and the write-ahead log, rebuilt by replaying its batches in order.
public struct RecoveredState: Sendable {
  /// The latest that was replayed.
  public private(set) var hardState = HardState()
  /// The log as the replayed batches leave it.
  public private(set) var log = Log()
  /// nil before the first snapshot. Replaying does not look at it, so it may be read before or after.
  public var snapshot: SnapshotContents?

  /// What a disk with this snapshot, and an empty log, holds.
  public init(snapshot: SnapshotContents? = nil) { self.snapshot = snapshot }

  /// A batch that cannot follow what was replayed before it.
  public struct Gap: Error, CustomStringConvertible {
    /// Where the batch starts.
    public let firstIndex: LogIndex
    /// Where the replayed log ends.
    public let lastIndex: LogIndex
    /// One line for the operator.
    public var description: String {
      "the write-ahead log jumps from entry \(lastIndex) to entry \(firstIndex): records are missing"
    }
  }

  /// Replays one batch.
  /// - Throws: ``Gap`` when entries between the replayed log and the batch are missing.
  public mutating func replay(_ batch: PersistBatch) throws {
    if let hardState = batch.hardState { self.hardState = hardState }
    if let base = batch.base { log = Log(base: base.index, term: base.term) }
    guard let suffix = batch.suffix else { return }
    guard suffix.firstIndex > log.base, suffix.firstIndex <= log.lastIndex + 1 else {
      throw Gap(firstIndex: suffix.firstIndex, lastIndex: log.lastIndex)
    }
    log.truncate(from: suffix.firstIndex)
    for entry in suffix.entries { log.append(entry) }
  }

  /// The log begins behind entries that no snapshot covers: acknowledged writes are lost.
  public struct SnapshotMissing: Error, CustomStringConvertible {
    /// The last entry that is gone.
    public let logBase: LogIndex
    /// The last entry that the snapshot covers; 0 without one.
    public let lastIncludedIndex: LogIndex
    /// One line for the operator.
    public var description: String {
      "the write-ahead log begins behind entry \(logBase), but the snapshot ends with entry \(lastIncludedIndex): "
        + "restore the snapshot's file, or remove this server's data and let it join the cluster as a new one"
    }
  }

  /// To be called when all is replayed: a server must not start on a disk that lost something.
  /// - Throws: ``SnapshotMissing``.
  public func validate() throws {
    let lastIncludedIndex = snapshot?.lastIncludedIndex ?? 0
    guard log.base <= lastIncludedIndex else {
      throw SnapshotMissing(logBase: log.base, lastIncludedIndex: lastIncludedIndex)
    }
  }
}
