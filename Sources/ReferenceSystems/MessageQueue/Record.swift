/// What stands at one offset of a partition's log.
public struct Record: Hashable, Sendable {
  /// The leader epoch in which it was appended (KIP-101). Epoch and offset together name a record for ever.
  public var epoch: Epoch
  /// When it was appended, by the leader's clock. Time enters state machines only by this, so that replicas agree.
  public var time: Nanoseconds
  /// Present when the producer may send it again.
  public var producer: ProducerSequence?
  /// What it says.
  public var entry: Entry

  /// A record of the leader of `epoch`.
  public init(epoch: Epoch, time: Nanoseconds, producer: ProducerSequence?, entry: Entry) {
    self.epoch = epoch
    self.time = time
    self.producer = producer
    self.entry = entry
  }

  /// Size in bytes, near enough to bound messages and files.
  public var byteCount: Int { 40 + entry.byteCount }
}

/// What a record says.
public enum Entry: Hashable, Sendable {
  /// A value for consumers; in a queue's partition, a message for whoever receives it.
  case value(Bytes)
  /// A change of a work queue.
  case queue(QueueCommand)
  /// A change of a consumer group.
  case group(GroupCommand)

  var byteCount: Int {
    switch self {
    case .value(let value): value.count
    case .queue: 24
    case .group(let command): command.byteCount
    }
  }
}

/// Names one delivery of a message.
public struct DeliveryID: Hashable, Sendable {
  /// The message: the offset at which it was enqueued.
  public var message: Offset
  /// The first delivery is 1.
  public var attempt: UInt32

  /// The `attempt`-th delivery of a message.
  public init(message: Offset, attempt: UInt32) {
    self.message = message
    self.attempt = attempt
  }
}

/// What clients do to a work queue besides putting messages in.
public enum QueueCommand: Hashable, Sendable {
  /// Lends the first free message for a time. It becomes a dead letter when its `deliveriesMax`-th delivery fails.
  case receive(visibility: Nanoseconds, deliveriesMax: UInt32)
  /// The message is done with.
  case ack(DeliveryID)
  /// The message is free again.
  case nack(DeliveryID)
  /// Only lets time pass, as every command does; tells the dead letters.
  case expire
  /// Removes and returns all that is left: free, lent and dead.
  case drain
}

/// How far a group has consumed one partition of a topic.
public struct GroupOffset: Hashable, Sendable {
  /// The partition.
  public var partition: UInt32
  /// The next offset to consume.
  public var offset: Offset

  /// All before `offset` was consumed.
  public init(partition: UInt32, offset: Offset) {
    self.partition = partition
    self.offset = offset
  }
}

/// What a coordinator writes down about its group.
public enum GroupCommand: Hashable, Sendable {
  /// A member is there: it joins if it is new, and commits what it got in this generation.
  case poll(member: Bytes, topic: Bytes, generation: UInt64, commits: [GroupOffset])
  /// A member commits what it got in this generation.
  case commit(member: Bytes, topic: Bytes, generation: UInt64, commits: [GroupOffset])
  /// A member leaves, or was silent for too long.
  case leave(member: Bytes)
  /// Changes nothing; tells the committed offsets.
  case offsets(topic: Bytes)
  /// Somebody consumed on behalf of the whole group.
  case drained(topic: Bytes, commits: [GroupOffset])

  var byteCount: Int {
    switch self {
    case .poll(let member, let topic, _, let commits), .commit(let member, let topic, _, let commits):
      member.count + topic.count + 12 * commits.count + 16
    case .leave(let member): member.count
    case .offsets(let topic): topic.count
    case .drained(let topic, let commits): topic.count + 12 * commits.count
    }
  }
}
