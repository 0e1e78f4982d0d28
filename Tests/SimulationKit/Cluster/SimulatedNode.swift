/// One node: its core while it runs, and what its shell knows.
public struct SimulatedNode<Core: SimulatedCore>: Sendable {
  /// Its name: one more than its place among the nodes.
  public let id: UInt32
  /// nil while it is down.
  public internal(set) var core: Core?
  /// Counts starts and crashes, so that timers and disk answers of an earlier life are ignored.
  var life = 0
  var clock = SkewedClock()
  /// When the last write it handed to the disk will be safe; writes are done in order.
  var diskBusyUntil: UInt64 = 0
  /// The same for snapshots, which have a file of their own.
  var snapshotBusyUntil: UInt64 = 0
  /// Whether an end of batch is planned.
  var batchIsOpen = false
  /// Until then nothing happens inside the node, and its messages wait (SIGSTOP).
  var pausedUntil: UInt64 = 0

  init(id: UInt32) { self.id = id }
}
