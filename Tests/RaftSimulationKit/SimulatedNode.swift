import RaftKV

/// One server: its core while it runs, and its disk, which outlives it.
struct SimulatedNode {
  let id: NodeID
  /// nil while it is down.
  var raft: Raft?
  /// How fast its clock runs, in percent of the time of the simulation.
  var clockPercent: Nanoseconds = 100
  /// Counts starts, so that timers and disk answers of an earlier life are ignored.
  var life = 0
  /// When the last write it handed to the disk will be safe; writes are done in order.
  var diskBusyUntil: Nanoseconds = 0
  /// Whether an end of batch is planned.
  var batchIsOpen = false

  /// What its clock shows. Never far off zero, so that percents of it do not overflow.
  func clock(_ now: Nanoseconds) -> Nanoseconds { now / 100 * clockPercent }
}

/// A client: one operation at a time, at a random server.
struct SimulatedClient {
  struct Running {
    /// Of the latest attempt.
    var id: UInt64
    var operation: Operation
    /// Attempts after the first.
    var retries = 0
    /// What had to be in effect when it began.
    var floor: LogIndex
  }

  var running: Running?
  /// Numbers the writes that it names.
  var sequence: UInt64 = 0
  /// By key: the last value it knows, to compare with.
  var lastSeen: [Bytes: Bytes] = [:]
}
