import Histories

/// Messages that a queue handed out and then forgot, though nobody had acknowledged them.
///
/// A queue that lends keeps a message until its ack: whoever got it may never come back. That it was handed out shows that
/// it was there; a drain that began after all of its deliveries had completed, and takes all that is left, has to return
/// it. It is gone for certain if it is in no drain, and no ack of it can have taken effect: every one of them failed. A
/// drain of unknown outcome that began before may have taken it, and an ack of an id that nobody got may be of it: then it
/// is not known. `MessageLosses` is about messages that nobody was ever handed.
struct Keeping {
  /// Gone for certain, increasing.
  private(set) var gone: [UInt32] = []
  /// In no drain, though they may have been taken off by operations whose effect nobody knows.
  private(set) var perhapsTaken = 0
  /// Handed out, never acknowledged, and nobody drained the queue afterwards.
  private(set) var undrained = 0

  private let object: QueueObject
  /// By message: the last completion of a receive that got it; 0 where there is none.
  private var received: [UInt32]

  init(_ object: QueueObject) {
    self.object = object
    received = Array(repeating: 0, count: object.messages.count)
    var isDone = [Bool](repeating: false, count: object.messages.count)
    for delivery in object.deliveries {
      let message = Int(delivery.message)
      if delivery.place > 0 {
        isDone[message] = true
      } else {
        received[message] = max(received[message], delivery.completion)
      }
    }
    for release in object.releases where release.isAck { isDone[Int(release.message)] = true }
    for message in received.indices where received[message] > 0 && !isDone[message] {
      guard let drain = drain(after: received[message]) else {
        undrained += 1
        continue
      }
      if object.strayReleases > 0 || object.takers.firstOfMany < drain.completion {
        perhapsTaken += 1
      } else {
        gone.append(UInt32(truncatingIfNeeded: message))
      }
    }
  }

  private func drain(after event: UInt32) -> QueueObject.Drain? {
    let place = object.drains.partitioningIndex { $0.invocation > event }
    return place < object.drains.count ? object.drains[place] : nil
  }

  func report(to log: inout FindingLog) {
    for number in gone {
      log.add(.unkeptMessage, key: object.key) { witnesses in
        guard let drain = drain(after: received[Int(number)]),
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
