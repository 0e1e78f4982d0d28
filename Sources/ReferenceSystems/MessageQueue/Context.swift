import ProtocolKit

/// What the partitions of a broker share: time, chance, the way to the disk and to the others.
struct Context: Sendable {
  let configuration: Configuration
  /// The latest time that the broker was told; it never goes back.
  var now: Nanoseconds
  /// Draws time-outs.
  var random: RandomSource
  var durability = Durability()
  /// Messages that leave at the end of the batch.
  var outgoing: [(message: Message, to: NodeID)] = []
  /// Messages of this broker to itself: it takes part in its own quorums like any other.
  var loopback = FIFO<Message>()
  /// Directives besides messages and batches.
  var directives: [Directive] = []
  /// Records that the broker itself waited for, and what they gave; nil when that will not be known.
  var finished: [(poll: UInt64, applied: Applied?)] = []

  init(_ configuration: Configuration, at now: Nanoseconds) {
    self.configuration = configuration
    self.now = now
    random = RandomSource(seed: configuration.seed, stream: UInt64(configuration.id))
  }

  /// Sends at the end of the batch: for messages that promise nothing about this broker's disk.
  mutating func send(_ message: Message, to node: NodeID) {
    if node == configuration.id { loopback.append(message) } else { outgoing.append((message, node)) }
  }

  /// Sends as soon as the disk has everything up to now.
  mutating func sendWhenDurable(_ message: Message, to node: NodeID) {
    let barrier = durability.barrier
    if barrier <= durability.persisted {
      send(message, to: node)
      return
    }
    // To drop a message is always safe; to let them pile up behind a disk that hangs is not.
    if durability.deferred.count >= configuration.limits.deferredMessagesMax { durability.deferred.popFirst() }
    durability.deferred.append((barrier, message, node))
  }

  /// The answer to a request that another broker, or this one, passed on.
  mutating func reply(_ reply: Reply, to request: RequestName, about partition: PartitionID) {
    send(Message(partition: partition, body: .answer(number: request.number, reply)), to: request.origin)
  }
}

/// What must reach the disk, and what waits for it. The core gathers changes over a batch of events, hands them out as one
/// ``PersistBatch``, and keeps the messages that depend on them.
struct Durability: Sendable {
  /// Whether something changed that is not handed out yet.
  var hasChanges = false
  /// The last batch handed to the shell.
  var issued: PersistSequence = 0
  /// The last batch that the disk has.
  var persisted: PersistSequence = 0
  /// Messages that wait for a batch, in the order of the batches.
  var deferred = FIFO<(barrier: PersistSequence, message: Message, to: NodeID)>()

  /// The batch after which everything up to now is durable; it may not have been handed out yet.
  var barrier: PersistSequence { hasChanges ? issued + 1 : issued }
}

/// Names a request that was passed on: who did, and its number there, which never repeats.
struct RequestName: Hashable, Sendable {
  var origin: NodeID
  var number: UInt64
}
