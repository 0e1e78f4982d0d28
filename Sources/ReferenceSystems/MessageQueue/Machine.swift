/// What applying a record tells.
enum Applied: Sendable {
  /// The answer for a client.
  case outcome(Outcome)
  /// What the coordinator of a group needs to know to go on.
  case assignment(ConsumerGroup.Assignment)
}

/// What the committed records of a partition add up to.
enum Machine: Hashable, Sendable {
  /// A topic's records mean nothing but themselves.
  case topic
  case queue(WorkQueue)
  case group(ConsumerGroup)

  /// The state before the first record.
  init(_ kind: PartitionID.Kind) {
    switch kind {
    case .topic: self = .topic
    case .queue: self = .queue(WorkQueue())
    case .group: self = .group(ConsumerGroup())
    }
  }

  /// Size in bytes, near enough.
  var byteCount: Int {
    switch self {
    case .topic: 0
    case .queue(let queue): queue.messages.values.reduce(0) { $0 + $1.value.count + 40 } + queue.dead.count * 64
    case .group(let group): group.members.count * 64 + group.committed.values.reduce(0) { $0 + $1.count * 12 }
    }
  }

  var kind: PartitionID.Kind {
    switch self {
    case .topic: .topic
    case .queue: .queue
    case .group: .group
    }
  }

  /// Applies the committed record at an offset. A record of another kind, which nobody writes, does nothing.
  mutating func apply(_ record: Record, at offset: Offset, _ configuration: Configuration) -> Applied {
    switch (self, record.entry) {
    case (.queue(var queue), .value(let value)):
      self = .topic  // so that the queue is not copied
      queue.enqueue(value, at: offset)
      self = .queue(queue)
      return .outcome(.appended(offset))
    case (.queue(var queue), .queue(let command)):
      self = .topic
      let outcome = queue.apply(command, at: record.time, configuration.bug)
      self = .queue(queue)
      return .outcome(outcome)
    case (.group(var group), .group(let command)):
      let applied = group.apply(command, partitions: configuration.partitions)
      self = .group(group)
      return applied
    default: return .outcome(.appended(offset))
    }
  }
}
