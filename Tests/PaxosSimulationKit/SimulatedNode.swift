import PaxosLog

/// One node: its core while it runs, and what its shell knows.
struct SimulatedNode {
  let id: NodeID
  /// nil while it is down.
  var core: MultiPaxos?
  /// Counts starts, so that timers and disk answers of an earlier life are ignored.
  var life = 0
  /// When the last write it handed to the disk will be safe; writes are done in order.
  var diskBusyUntil: Nanoseconds = 0
  /// The same for snapshots, which have a file of their own.
  var snapshotBusyUntil: Nanoseconds = 0
  /// Whether an end of batch is planned.
  var batchIsOpen = false
  /// Until then nothing happens inside the node, and its messages wait (SIGSTOP).
  var pausedUntil: Nanoseconds = 0
  /// The node's clock runs at this many thousandths of the true rate, from this offset.
  var clockRate: UInt64 = 1_000
  var clockOffset: Nanoseconds = 0

  /// What the node's own clock shows.
  func clock(at now: Nanoseconds) -> Nanoseconds { clockOffset &+ now / 1_000 * clockRate }
}

/// A client: one operation at a time, at a random node.
struct SimulatedClient {
  struct Running {
    /// The request that it waits for now; another after each retry.
    var request: RequestID
    var operation: Operation
    /// What had to be in effect when it first asked.
    var floor: Slot
    var retries = 0
  }

  var running: Running?
  /// The number of its latest command.
  var sequence: UInt64 = 0
  /// By register: the last value it knows, to compare with.
  var lastSeen: [Bytes: Bytes] = [:]
}
