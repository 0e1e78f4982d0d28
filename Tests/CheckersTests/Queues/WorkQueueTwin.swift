import Histories

/// Redeliveries that a queue must not make, by trying out when everything may have happened.
struct WorkQueueTwin {
  private struct Delivery {
    var id: Value?
    var value: Value
    var call: TwinCall
    var number: Int
  }

  private let calls: [TwinCall]
  private var deliveries: [Delivery] = []

  init(_ events: [Event]) {
    calls = TwinCall.all(in: events)
    for call in calls where call.isOK && ["receive", "drain"].contains(call.function) {
      for item in call.output.list ?? (call.output.isNull ? [] : [call.output]) {
        deliveries.append(
          Delivery(id: item.map?["id"], value: item.map?["value"] ?? item, call: call, number: deliveries.count))
      }
    }
  }

  /// The same history of a queue whose `dequeue` removes, for the twin of that.
  static func removing(_ events: [Event]) -> [Event] {
    func plain(_ value: Value) -> Value { value.map?["value"] ?? value.list.map { .list($0.map(plain)) } ?? value }
    return events.filter { !["ack", "nack"].contains($0.function) }.map { event in
      var event = event
      if event.function == "receive" { event.function = "dequeue" }
      event.value = plain(event.value)
      return event
    }
  }

  /// Deliveries under an id that was another message's before.
  var sharedIDs: Int {
    deliveries.count { delivery in
      let first = deliveries.first { $0.id == delivery.id }
      return delivery.id != nil && first.map { $0.value != delivery.value } ?? false
    }
  }

  /// Deliveries that began after an ack of their message had been acknowledged.
  var acked: Int {
    deliveries.count { delivery in
      releases(of: delivery.value).contains {
        $0.function == "ack" && $0.isOK && $0.end < delivery.call.begin && isFirst(delivery.value, under: $0.input)
      }
    }
  }

  /// Messages that were lent, never drained, and not there when the queue was drained after their last delivery: the
  /// least number whatever operations of unknown outcome took, and the number if they took nothing. Then those that
  /// were never acked and that nobody drained the queue after.
  func unkept() -> (least: Int, most: Int, undrained: Int) {
    var undrained = 0
    /// By message: the ends of the drains that had to have it, but for those that an ack of it may have come before.
    var missed: [(value: Value, ends: [Int])] = []
    for value in Set(deliveries.map(\.value)) {
      let own = deliveries.filter { $0.value == value }
      if own.contains(where: { $0.call.function == "drain" }) { continue }
      let last = own.map(\.call.end).max() ?? 0
      let acks = releases(of: value).filter { $0.function == "ack" }
      let drains = calls.filter { $0.function == "drain" && $0.isOK && $0.begin > last }
      if drains.isEmpty, acks.isEmpty { undrained += 1 }
      let ends = drains.map(\.end).filter { end in !acks.contains { $0.begin < end } }
      if !ends.isEmpty { missed.append((value, ends)) }
    }
    let stray = calls.filter { call in
      call.function == "ack" && call.type != .fail && !deliveries.contains { $0.id == call.input }
    }
    let takers = stray + calls.filter { $0.function == "drain" && $0.type == .info }
    return (Self.least(takers[...], missed), missed.count, undrained)
  }

  /// The least number of messages that are left, whichever of them each of these took: an ack one, a drain any number.
  private static func least(_ takers: ArraySlice<TwinCall>, _ missed: [(value: Value, ends: [Int])]) -> Int {
    guard let taker = takers.first else { return missed.count }
    // It explains a message only where it began before the ends of all drains that had to have it.
    let possible = missed.indices.filter { place in missed[place].ends.allSatisfy { taker.begin < $0 } }
    let choices =
      taker.function == "ack"
      ? [[]] + possible.map { [$0] }
      : possible.reduce([[]]) { sets, next in sets + sets.map { $0 + [next] } }
    return choices.map { taken in
      least(takers.dropFirst(), missed.indices.filter { !taken.contains($0) }.map { missed[$0] })
    }.min() ?? missed.count
  }

  /// Deliveries that certainly were made while another, which had completed before, still held.
  ///
  /// - Parameter timeout: in events, which are equally far apart.
  func early(_ timeout: Double) -> Int {
    deliveries.count { second in
      deliveries.contains { first in
        first.number != second.number && first.value == second.value
          && (first.call.end, first.number) < (second.call.end, second.number)
          && isEarly(first.call, second.call, second.value, timeout)
      }
    }
  }

  private func releases(of value: Value) -> [TwinCall] {
    calls.filter { call in
      guard ["ack", "nack"].contains(call.function), call.type != .fail else { return false }
      return deliveries.contains { $0.id == call.input && $0.value == value }
    }
  }

  /// Whether an id stands for the message, whoever got it later.
  private func isFirst(_ value: Value, under id: Value) -> Bool {
    deliveries.first { $0.id == id }?.value == value
  }

  /// Whatever the moments of both, quarters of the time between two events, and of every release. One that lies within
  /// the other counts only if both together are within the timeout: the safe side, as the checker says.
  private func isEarly(_ first: TwinCall, _ second: TwinCall, _ value: Value, _ timeout: Double) -> Bool {
    func moments(_ call: TwinCall) -> [Double] {
      stride(from: Double(call.begin) + 0.25, to: Double(call.end), by: 0.25).filter { $0 != $0.rounded() }
    }
    if first.begin == second.begin { return Double(first.end - first.begin) < timeout && isHeld(first, first, value) }
    if second.begin < first.begin, Double(second.end - second.begin) > timeout { return false }
    for one in moments(first) {
      for other in moments(second) where one != other {
        if abs(one - other) >= timeout { return false }
        let isReleased = releases(of: value).contains { release in
          let end = release.isOK ? Double(release.end) : .infinity
          return max(Double(release.begin), min(one, other)) < min(end, max(one, other))
        }
        if isReleased { return false }
      }
    }
    return true
  }

  /// Two messages of one drain.
  private func isHeld(_ first: TwinCall, _ second: TwinCall, _ value: Value) -> Bool {
    !releases(of: value).contains { $0.begin < second.end && ($0.isOK ? $0.end : .max) > first.begin }
  }
}
