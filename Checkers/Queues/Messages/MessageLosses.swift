/// The acknowledged messages of a queue that never came out.
///
/// That a message did not come out says nothing as long as it may lie in the queue. It is missing for certain where a
/// drain, which returns all that is left, began after its enqueue was acknowledged: the first such drain to end is its
/// deadline. An operation of unknown outcome that began before that may have taken it; of several missing messages,
/// those that such operations can explain together are not counted as lost, which is the least number that is
/// compatible with the history. Whether they were lost all the same the history does not tell: where there are any, it
/// is not known that nothing was.
struct MessageLosses {
  /// Lost for certain, increasing.
  private(set) var lost: [UInt32] = []
  /// Missing ones that operations of unknown outcome may have taken.
  private(set) var perhapsTaken = 0
  /// Acknowledged, never seen, and nobody drained the queue afterwards.
  private(set) var undrained = 0

  private let deadlines: DrainDeadlines

  init(_ object: QueueObject) {
    deadlines = DrainDeadlines(object.drains)
    var needs: [(deadline: UInt32, message: UInt32)] = []
    for (position, message) in object.messages.enumerated() where message.isAcknowledged && message.deliveries == 0 {
      if let drain = deadlines.drain(after: message.acknowledged) {
        needs.append((drain.completion, UInt32(truncatingIfNeeded: position)))
      } else {
        undrained += 1
      }
    }
    lost = object.takers.unexplained(needs)
    perhapsTaken = needs.count - lost.count
  }

  /// The drain that had to return the message.
  func drain(missing message: UInt32, _ object: QueueObject) -> QueueObject.Drain? {
    deadlines.drain(after: object.messages[Int(message)].acknowledged)
  }
}

/// For every event, which of the drains that began after it ended first.
struct DrainDeadlines {
  /// In order of invocation.
  private let drains: [QueueObject.Drain]
  /// By place: which of the drains from there on ended first.
  private let first: [Int]

  init(_ drains: [QueueObject.Drain]) {
    self.drains = drains
    var first = Array(drains.indices)
    for place in drains.indices.dropLast().reversed()
    where drains[first[place + 1]].completion < drains[place].completion { first[place] = first[place + 1] }
    self.first = first
  }

  func drain(after event: UInt32) -> QueueObject.Drain? {
    let place = drains.partitioningIndex { $0.invocation > event }
    return place < drains.count ? drains[first[place]] : nil
  }
}
