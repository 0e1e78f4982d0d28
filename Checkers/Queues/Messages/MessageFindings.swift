import Histories

extension QueueObject {
  /// Reports what can be wrong with one message by itself: it was lost, nobody put it in, or it came out again.
  ///
  /// - Parameter losses: of this queue.
  func reportMessages(_ losses: MessageLosses, _ log: inout FindingLog) {
    for message in losses.lost { reportLost(message, losses, &log) }
    for (position, message) in messages.enumerated() where message.deliveries > 0 {
      let number = UInt32(truncatingIfNeeded: position)
      if message.firstReturn < message.enqueued { reportUnexpected(number, &log) }
      if message.deliveries > 1 { reportDuplicate(number, &log) }
    }
  }

  /// `process 3's dequeue (events 12–15, 11.341 s)`.
  func name(_ delivery: Delivery, _ witnesses: Witnesses) -> String {
    witnesses.name(Int(delivery.invocation), Int(delivery.completion))
  }

  private func reportLost(_ number: UInt32, _ losses: MessageLosses, _ log: inout FindingLog) {
    log.add(.lostMessage, key: key) { witnesses in
      let message = messages[Int(number)]
      let enqueue = (begin: Int(message.enqueued), end: Int(message.acknowledged))
      guard let drain = losses.drain(missing: number, self) else { return ("", [], []) }
      let (begin, end) = (Int(drain.invocation), Int(drain.completion))
      let others = takers.isEmpty ? "" : ", and no operation of unknown outcome is left that can have taken it"
      return (
        "\(value(number)) was acknowledged to \(witnesses.name(enqueue.begin, enqueue.end)) and never came out, though "
          + "\(witnesses.name(begin, end)) took all that was left\(others)",
        [enqueue.begin, begin], [enqueue.begin, enqueue.end, begin, end]
      )
    }
  }

  private func reportUnexpected(_ number: UInt32, _ log: inout FindingLog) {
    let message = messages[Int(number)]
    let isAborted = message.failed < message.firstReturn
    log.add(isAborted ? .abortedRead : .unexpectedMessage, key: key) { witnesses in
      guard let delivery = deliveries(of: number).min(by: { $0.completion < $1.completion }) else {
        return ("", [], [])
      }
      let other = [isAborted ? message.failed : message.enqueued].filter { $0 != Self.never }.map { Int($0) }
      let why =
        if isAborted, let failed = other.first {
          "which only \(witnesses.name(failed, nil)) put in, and that failed"
        } else if let later = other.first {
          "which nobody had begun to put in: \(witnesses.name(later, nil)) did so later"
        } else { "which nobody put in" }
      let events = [Int(delivery.invocation), Int(delivery.completion)] + other
      return ("\(name(delivery, witnesses)) got \(value(number)), \(why)", [events[0]] + other, events)
    }
  }

  private func reportDuplicate(_ number: UInt32, _ log: inout FindingLog) {
    log.add(.duplicateMessage, key: key) { witnesses in
      let all = deliveries(of: number)
      let names = all.prefix(2).map { name($0, witnesses) }
      let more = all.count > 2 ? ", \(all.count) times in all" : ""
      return (
        "\(value(number)) came out of \(names.joined(separator: " and of "))\(more)",
        all.prefix(2).map { Int($0.invocation) },
        all.prefix(2).flatMap { [Int($0.invocation), Int($0.completion)] }
      )
    }
  }
}
