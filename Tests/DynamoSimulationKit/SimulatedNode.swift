import DynamoRing
import SimulationKit

/// One node: its core while it runs, its disk, and what its shell knows.
struct SimulatedNode {
  let id: NodeID
  /// nil while it is down.
  var core: DynamoNode?
  var disk = SimulatedLog<PersistBatch, Bytes>()
  /// Counts starts and crashes, so that timers and disk answers of an earlier life are ignored.
  var life = 0
  /// When the last write it handed to the disk will be safe; writes are done in order.
  var diskBusyUntil: Nanoseconds = 0
  /// Whether an end of batch is planned.
  var batchIsOpen = false
  /// Until then nothing happens inside the node, and its messages wait (SIGSTOP).
  var pausedUntil: Nanoseconds = 0
  var clock = SimulatedClock()

  /// What the node finds when it starts.
  func recovered() throws -> RecoveredState {
    var recovered = RecoveredState()
    if let snapshot = disk.snapshot { try recovered.restore(snapshot) }
    for batch in disk.records { recovered.replay(batch) }
    return recovered
  }
}

extension PersistBatch: SequencedRecord {}
