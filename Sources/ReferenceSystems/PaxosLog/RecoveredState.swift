/// What the disk holds: the latest snapshot, and the write-ahead log replayed in order.
public struct RecoveredState: Sendable {
  /// The latest that was replayed.
  public private(set) var state = AcceptorState()
  /// The log as the replayed batches leave it.
  public private(set) var log = SlotLog()
  /// The values in `log` are known to be chosen up to here.
  public private(set) var chosenThrough: Slot = 0
  /// nil before the first snapshot.
  public var snapshot: Snapshot?

  /// What a disk with this snapshot, and an empty log, holds.
  public init(snapshot: Snapshot? = nil) { self.snapshot = snapshot }

  /// Replays one batch.
  public mutating func replay(_ batch: PersistBatch) {
    if batch.isWhole { self = RecoveredState(snapshot: snapshot) }
    if let state = batch.state { self.state = state }
    for vote in batch.votes { log.record(vote.proposal, at: vote.slot) }
    chosenThrough = max(chosenThrough, batch.chosenThrough)
    if let slot = batch.truncatedThrough { log.truncate(through: slot) }
  }

  /// The log was truncated for a snapshot that is not there: what was accepted and chosen before is lost.
  public struct SnapshotMissing: Error, CustomStringConvertible {
    /// The last slot that was truncated.
    public let truncatedThrough: Slot
    /// The last slot that the snapshot covers; 0 without one.
    public let snapshotThrough: Slot
    /// One line for the operator.
    public var description: String {
      "the log starts after slot \(truncatedThrough), but the snapshot ends at slot \(snapshotThrough): "
        + "a snapshot is missing; restore it, or remove the node's data only if it may forget what it promised"
    }
  }

  /// A node must not run on a disk that lost something.
  /// - Throws: ``SnapshotMissing``.
  public func validate() throws {
    guard log.base <= snapshot?.through ?? 0 else {
      throw SnapshotMissing(truncatedThrough: log.base, snapshotThrough: snapshot?.through ?? 0)
    }
  }

  /// One batch that replays to all of this but the snapshot: the first record of a new write-ahead log, which makes the
  /// old one unnecessary.
  public var compacted: PersistBatch {
    PersistBatch(
      sequence: 1, state: state, votes: log.votes(from: log.base + 1), chosenThrough: chosenThrough,
      truncatedThrough: log.base, isWhole: true)
  }
}
