import MessageQueue
import SimulationKit

/// One node: its broker while it runs, and what its shell knows.
struct SimulatedNode {
  let id: NodeID
  /// nil while it is down.
  var broker: Broker?
  /// Counts starts, so that timers and disk answers of an earlier life are ignored.
  var life = 0
  var disk = SimulatedDisk()
  /// When the last write it handed to the disk will be safe; writes are done in order.
  var diskBusyUntil: Nanoseconds = 0
  /// The same for snapshots, which have a file of their own.
  var snapshotBusyUntil: Nanoseconds = 0
  /// Whether an end of batch is planned.
  var batchIsOpen = false
  /// Until then nothing happens inside the node, and its messages wait (SIGSTOP).
  var pausedUntil: Nanoseconds = 0
  var clock = SkewedClock()
}
