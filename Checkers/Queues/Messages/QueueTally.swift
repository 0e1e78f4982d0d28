import Histories

/// The numbers that results of both kinds of queue have, over all queues of a history.
struct QueueTally {
  private var (queues, acknowledged, unknown, deliveries, delivered, recovered) = (0, 0, 0, 0, 0, 0)
  private var (lost, perhapsTaken, undrained, doubled, drains, takers) = (0, 0, 0, 0, 0, 0)

  mutating func add(_ object: QueueObject, _ losses: MessageLosses) {
    queues += 1
    deliveries += object.deliveries.count
    drains += object.drains.count
    takers += object.takers.count
    for message in object.messages {
      if message.deliveries > 0 { delivered += 1 }
      if message.deliveries > 1 { doubled += 1 }
      guard message.enqueued != QueueObject.never else { continue }
      if message.isAcknowledged { acknowledged += 1 } else { unknown += 1 }
      if !message.isAcknowledged, message.deliveries > 0 { recovered += 1 }
    }
    lost += losses.lost.count
    perhapsTaken += losses.perhapsTaken
    undrained += losses.undrained
  }

  /// Why it cannot be said that nothing was lost, unless something was.
  var unknownLoss: String? {
    if acknowledged == 0 { return "no enqueue was acknowledged" }
    if undrained > 0 {
      return "\(undrained) of \(acknowledged) acknowledged messages never came out, and nobody drained their queue "
        + "afterwards: they may still be in it"
    }
    return perhapsTaken == 0
      ? nil
      : "\(perhapsTaken) of \(acknowledged) acknowledged messages never came out, though their queue was drained: "
        + "\(takers == 1 ? "an operation" : "\(takers) operations") of unknown outcome may have taken them"
  }

  /// Why nothing can be said of what came out.
  var unknownDelivery: String? { deliveries == 0 ? "no message came out" : nil }

  var statistics: [(name: String, value: Value)] {
    [
      ("queues", queues), ("acknowledged", acknowledged), ("enqueues-unknown", unknown), ("deliveries", deliveries),
      ("delivered", delivered), ("recovered", recovered), ("lost", lost), ("perhaps-taken", perhapsTaken),
      ("undrained", undrained), ("duplicated", doubled), ("drains", drains), ("takers-unknown", takers),
    ].map { (name: $0.0, value: .int(Int64($0.1))) }
  }
}
