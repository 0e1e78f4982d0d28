import Histories

/// Who held each message of a queue when: redeliveries that the queue must not make.
///
/// *Again after its ack*: a delivery whose `receive` began after an ack of the message had been acknowledged.
///
/// *Too early*: two deliveries of a message, the first of which was still its holder's. Each lies at some moment
/// between its invocation and its completion, and a holder has the message from then on for the visibility timeout,
/// unless an ack or a nack of it takes effect before. So it is certain only if all of both lies within one timeout,
/// from the invocation that was first to the completion that was last, and no ack or nack that did not fail can have
/// taken effect between the two: each that began before the second completion and had not completed before the first
/// invocation may have. Whose id it carried does not matter, which is on the safe side.
///
/// Of the deliveries that completed before a given one, the one that was invoked last decides: an earlier invocation
/// only makes the time longer and more releases possible. So each delivery is held against one other: O(n log n).
struct Leases {
  private let object: QueueObject
  /// Deliveries by message, then by completion.
  private let deliveries: [QueueObject.Delivery]
  /// Releases by message, then by invocation.
  private let releases: [QueueObject.Release]
  /// By message: where its releases begin, and one more.
  private let starts: [Int]
  /// By release: the last completion of those of its message up to it.
  private let latest: [UInt32]

  init(_ object: QueueObject) {
    self.object = object
    deliveries = Self.grouped(object.deliveries, by: \.message, \.completion)
    releases = Self.grouped(object.releases, by: \.message, \.invocation)
    var starts = [Int](repeating: 0, count: object.messages.count + 1)
    for release in releases { starts[Int(release.message) + 1] += 1 }
    for message in object.messages.indices { starts[message + 1] += starts[message] }
    self.starts = starts
    var latest: [UInt32] = []
    latest.reserveCapacity(releases.count)
    for (place, release) in releases.enumerated() {
      let isFirst = place == starts[Int(release.message)]
      latest.append(isFirst ? release.completion : max(latest[place - 1], release.completion))
    }
    self.latest = latest
  }

  /// Sorted by message, then by an event.
  private static func grouped<Row>(
    _ rows: [Row], by message: KeyPath<Row, UInt32>, _ event: KeyPath<Row, UInt32>
  ) -> [Row] {
    var order = rows.indices.map { place -> (key: UInt64, place: Int) in
      (UInt64(rows[place][keyPath: message]) << 32 | UInt64(rows[place][keyPath: event]), place)
    }
    order.sort { ($0.key, $0.place) < ($1.key, $1.place) }
    return order.map { rows[$0.place] }
  }

  /// - Parameter timeout: nanoseconds; nil where it is not known.
  func report(_ timeout: Int64?, to log: inout FindingLog) {
    reportShared(to: &log)
    let acks = FirstAcks(object)
    for place in deliveries.indices {
      if let ack = acks.before(deliveries[place]) { reportAcked(deliveries[place], ack, &log) }
    }
    guard let timeout else { return }
    // The delivery before the one at hand, of the same message, that was invoked last.
    var holder: QueueObject.Delivery?
    for delivery in deliveries {
      if holder?.message != delivery.message { holder = nil }
      if let first = holder, isEarly(first, delivery, timeout) { reportEarly(first, delivery, timeout, &log) }
      if holder.map({ $0.invocation <= delivery.invocation }) ?? true { holder = delivery }
    }
  }

  private func isEarly(_ first: QueueObject.Delivery, _ second: QueueObject.Delivery, _ timeout: Int64) -> Bool {
    let begin = min(first.invocation, second.invocation)
    let elapsed = time(second.completion).subtractingReportingOverflow(time(begin))
    if elapsed.overflow || elapsed.partialValue >= timeout { return false }
    let range = starts[Int(second.message)]..<starts[Int(second.message) + 1]
    let begun = releases[range].partitioningIndex { $0.invocation > second.completion }
    return begun == range.lowerBound || latest[begun - 1] < begin
  }

  private func time(_ event: UInt32) -> Int64 { object.history.time(at: Int(event)) }

  // MARK: Sentences

  private func reportShared(to log: inout FindingLog) {
    for (first, second) in object.sharedIDs {
      log.add(.sharedID, key: object.key) { witnesses in
        let both = [first, second].map { object.deliveries[Int($0)] }
        return (
          "\(object.name(both[0], witnesses)) got \(object.value(both[0].message)), and "
            + "\(object.name(both[1], witnesses)) got \(object.value(both[1].message)) under the same id",
          both.map { Int($0.invocation) }, both.flatMap { [Int($0.invocation), Int($0.completion)] }
        )
      }
    }
  }

  private func reportAcked(
    _ delivery: QueueObject.Delivery, _ ack: QueueObject.Release, _ log: inout FindingLog
  ) {
    log.add(.ackedRedelivery, key: object.key) { witnesses in
      let (begin, end) = (Int(ack.invocation), Int(ack.completion))
      return (
        "\(object.name(delivery, witnesses)) got \(object.value(delivery.message)), which "
          + "\(witnesses.name(begin, end)) had taken off the queue for good",
        [begin, Int(delivery.invocation)], [begin, end, Int(delivery.invocation), Int(delivery.completion)]
      )
    }
  }

  private func reportEarly(
    _ first: QueueObject.Delivery, _ second: QueueObject.Delivery, _ timeout: Int64, _ log: inout FindingLog
  ) {
    log.add(.earlyRedelivery, key: object.key) { witnesses in
      let all = first.invocation <= second.invocation ? [first, second] : [second, first]
      let elapsed = time(second.completion) - time(all[0].invocation)
      return (
        "\(object.name(all[0], witnesses)) and \(object.name(all[1], witnesses)) both got "
          + "\(object.value(first.message)) within \(Witnesses.seconds(elapsed)), less than the visibility timeout of "
          + "\(Witnesses.seconds(timeout)), and nobody gave it back between",
        all.map { Int($0.invocation) }, all.flatMap { [Int($0.invocation), Int($0.completion)] }
      )
    }
  }
}

/// For each message, the ack that was the first to be acknowledged.
private struct FirstAcks {
  private var first: [QueueObject.Release?]

  init(_ object: QueueObject) {
    first = Array(repeating: nil, count: object.messages.count)
    for release in object.releases where release.isAck && release.isAcknowledged {
      let message = Int(release.message)
      if first[message].map({ release.completion < $0.completion }) ?? true { first[message] = release }
    }
  }

  /// The ack after which the delivery began, if there is one.
  func before(_ delivery: QueueObject.Delivery) -> QueueObject.Release? {
    first[Int(delivery.message)].flatMap { $0.completion < delivery.invocation ? $0 : nil }
  }
}
