/// What a coordinator does for its members; it is lost when the leader changes, and members then start from what is
/// committed.
struct Coordinating: Sendable {
  /// One group that this broker coordinates.
  struct Group: Sendable {
    /// Of the group's partition; another makes all this void.
    var epoch: Epoch
    /// When each member last polled.
    var lastSeen: [Bytes: Nanoseconds] = [:]
    /// The generation in which each member last got something, or was told that there is nothing.
    var lastGeneration: [Bytes: UInt64] = [:]
    /// The generation to which the positions belong.
    var generation: UInt64 = 0
    /// By topic and partition: behind what the partition's member got.
    var positions: [Bytes: [UInt32: Offset]] = [:]
    /// With ``MessageQueueBug/offsetCommittedBeforeDelivery`` only: behind what was read for the member.
    var read: [Bytes: [UInt32: Offset]] = [:]
    /// Which partition of a member comes first; it goes round.
    var turn = 0
  }

  /// A request on its way: it waits for its record, then for the partitions of the topic, and a drain for another record.
  struct Poll: Sendable {
    enum Stage: Sendable { case record, partitions, commit }

    var name: RequestName
    var group: PartitionID
    var epoch: Epoch
    var topic: Bytes
    /// nil for a drain.
    var member: Bytes?
    var max: Int
    var stage = Stage.record
    var generation: UInt64 = 0
    /// Partitions whose records are not there yet.
    var missing: Set<UInt32> = []
    var pages: [UInt32: [ConsumedRecord]] = [:]
    /// A partition did not answer.
    var isIncomplete = false
  }

  var groups: [PartitionID: Group] = [:]
  var polls: [UInt64: Poll] = [:]
  var lastPoll: UInt64 = 0
}
