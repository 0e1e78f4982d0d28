/// What a client asks for.
public enum Operation: Hashable, Sendable {
  /// Appends a value to a topic's partition, or puts a message into a queue.
  case produce(PartitionID, value: Bytes, ProducerSequence?)
  /// The committed records of a topic's partition from an offset on.
  case fetch(PartitionID, from: Offset, max: Int)
  /// This replica's own records up to its high watermark, at once: to compare replicas.
  case local(PartitionID)
  /// Changes the work queue of this name.
  case queue(name: Bytes, QueueCommand)
  /// What a member of a group is to consume next.
  case poll(group: Bytes, member: Bytes, topic: Bytes, max: Int)
  /// A member consumed all that it got.
  case commit(group: Bytes, member: Bytes, topic: Bytes)
  /// A member leaves its group.
  case leave(group: Bytes, member: Bytes)
  /// All records that the group did not commit; they are committed now.
  case drain(group: Bytes, topic: Bytes)

  /// The partition whose leader decides.
  public var partition: PartitionID {
    switch self {
    case .produce(let partition, _, _), .fetch(let partition, _, _), .local(let partition): partition
    case .queue(let name, _): PartitionID(.queue, name)
    case .poll(let group, _, _, _), .commit(let group, _, _), .leave(let group, _), .drain(let group, _):
      PartitionID(.group, group)
    }
  }

  /// Whether it may be asked for again without doing harm.
  var isRead: Bool {
    if case .fetch = self { return true }
    return false
  }
}

/// A message lent to a receiver.
public struct Delivery: Hashable, Sendable {
  /// Its name in acknowledgements.
  public var id: DeliveryID
  /// What was put in.
  public var value: Bytes
}

/// A message that failed too often.
public struct DeadLetter: Hashable, Sendable {
  /// What was put in.
  public var value: Bytes
  /// How often it was delivered.
  public var attempts: UInt32
}

/// A record as consumers see it.
public struct ConsumedRecord: Hashable, Sendable {
  /// The partition of the topic.
  public var partition: UInt32
  /// Its offset there.
  public var offset: Offset
  /// What was produced.
  public var value: Bytes

  /// The record at an offset of a partition.
  public init(partition: UInt32, offset: Offset, value: Bytes) {
    self.partition = partition
    self.offset = offset
    self.value = value
  }
}

/// The answer to an ``Operation``. All are definite except ``unknown`` and ``expired``.
public enum Outcome: Hashable, Sendable {
  /// The value is committed at this offset.
  case appended(Offset)
  /// Records in order, and the high watermark.
  case records([ConsumedRecord], end: Offset)
  /// A message is lent; nil when none is free.
  case delivery(Delivery?)
  /// Done; there is nothing to tell.
  case done
  /// The lease ran out, or the message is gone.
  case notHeld
  /// Messages that failed too often.
  case dead([DeadLetter])
  /// All that was left in a queue.
  case values([Bytes])
  /// What a member gets, and the generation of the group.
  case polled(generation: UInt64, [ConsumedRecord])
  /// Whoever asked is no member of the group any more, or its coordinator does not know what it got.
  case notMember
  /// The producer sent a later record before, so this one is not taken.
  case outOfOrderSequence
  /// This broker has no copy of the partition.
  case notReplica
  /// More than one answer may hold.
  case tooManyRecords
  /// Certainly without effect: no leader was found in time.
  case noLeader
  /// Certainly without effect: too few replicas are in sync and within reach.
  case notEnoughReplicas
  /// Certainly without effect: a limit of ``Limits`` is reached.
  case overloaded
  /// The record did nothing this time, but it is so old that it is not known whether it did before.
  case expired
  /// The operation may have happened, or may happen later.
  case unknown
}
