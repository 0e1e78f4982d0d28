import Histories

/// Messages that a queue handed out and then forgot, though nobody had acknowledged them.
///
/// A queue that lends keeps a message until its ack: whoever got it may never come back. That it was handed out shows that
/// it was there; a drain that began after all of its deliveries had completed, and takes all that is left, has to return
/// it: the first such drain to end is its deadline. It is gone for certain if it is in no drain, and every ack of it
/// that began before the deadline failed. A drain of unknown outcome that began before may have taken any messages, and an
/// ack of an id that nobody got one: of several that are missing, as many count as gone as these cannot have taken
/// (`UnknownTakers`). `MessageLosses` is about messages that nobody was ever handed.
struct Keeping {
  /// Gone for certain, increasing.
  private(set) var gone: [UInt32] = []
  /// In no drain, though they may have been taken off by operations whose effect nobody knows.
  private(set) var perhapsTaken = 0
  /// Handed out, never acknowledged, and nobody drained the queue afterwards.
  private(set) var undrained = 0

  private let object: QueueObject
  private let deadlines: DrainDeadlines
  /// By message: the last completion of a receive that got it; 0 where there is none.
  private var received: [UInt32]

  init(_ object: QueueObject) {
    self.object = object
    deadlines = DrainDeadlines(object.drains)
    received = Array(repeating: 0, count: object.messages.count)
    var isDrained = [Bool](repeating: false, count: object.messages.count)
    for delivery in object.deliveries {
      let message = Int(delivery.message)
      if delivery.place > 0 {
        isDrained[message] = true
      } else {
        received[message] = max(received[message], delivery.completion)
      }
    }
    let acks = firstAcks
    var needs: [(deadline: UInt32, message: UInt32)] = []
    for message in received.indices where received[message] > 0 && !isDrained[message] {
      if let drain = deadlines.drain(after: received[message]) {
        if acks[message] > drain.completion {
          needs.append((drain.completion, UInt32(truncatingIfNeeded: message)))
        }
      } else if acks[message] == QueueObject.never {
        undrained += 1
      }
    }
    var takers = object.strayAcks
    takers.addMany(from: object.takers.firstOfMany)
    gone = takers.unexplained(needs)
    perhapsTaken = needs.count - gone.count
  }

  /// By message: the first invocation of an ack that did not fail.
  private var firstAcks: [UInt32] {
    var first = [UInt32](repeating: QueueObject.never, count: object.messages.count)
    for release in object.releases where release.isAck {
      first[Int(release.message)] = min(first[Int(release.message)], release.invocation)
    }
    return first
  }

  func report(to log: inout FindingLog) {
    for number in gone {
      log.add(.unkeptMessage, key: object.key) { witnesses in
        guard let drain = deadlines.drain(after: received[Int(number)]),
          let delivery = object.deliveries(of: number).last(where: { $0.completion == received[Int(number)] })
        else { return ("", [], []) }
        let (begin, end) = (Int(drain.invocation), Int(drain.completion))
        return (
          "\(object.name(delivery, witnesses)) got \(object.value(number)), which nobody acknowledged, and "
            + "\(witnesses.name(begin, end)), which took all that was left, does not have it",
          [Int(delivery.invocation), begin], [Int(delivery.invocation), Int(delivery.completion), begin, end]
        )
      }
    }
  }

  /// Why it cannot be said that nothing was forgotten, unless something was.
  static func unknown(undrained: Int, perhapsTaken: Int) -> String? {
    if undrained > 0 {
      return "\(undrained) messages were handed out and never acknowledged, and nobody drained their queue afterwards: "
        + "they may still be in it"
    }
    return perhapsTaken == 0
      ? nil
      : "\(perhapsTaken) messages were handed out, never acknowledged, and not there when their queue was drained: "
        + "operations of unknown outcome may have taken them"
  }
}
