import Histories

/// What can be said of a queue by trying out everything that operations of unknown outcome may have taken.
struct TotalQueueTwin {
  /// One way in which the history may have gone: who took what, when at the earliest and at the latest.
  private struct Taking {
    var value: Value
    var begin: Int
    var end: Int
    /// The list that it is of, and its place there; no two takings of unknown operations are of one list.
    var list: Int
    var place: Int
  }

  private let calls: [TwinCall]
  private let events: [Event]
  private let enqueues: [TwinCall]
  /// What puts something in: sends, and the same said again.
  private let resends: [TwinCall]
  private let drains: [TwinCall]
  private var known: [Taking] = []
  private let unknown: [TwinCall]

  init(_ events: [Event]) {
    self.events = events
    calls = TwinCall.all(in: events)
    enqueues = calls.filter { $0.function == "enqueue" && $0.type != .fail }
    resends = calls.filter { $0.function == "resend" }
    drains = calls.filter { $0.function == "drain" && $0.isOK }
    let takes = { (call: TwinCall) in !["enqueue", "resend"].contains(call.function) }
    unknown = calls.filter { takes($0) && $0.type == .info }
    for (list, call) in calls.enumerated() where call.isOK && takes(call) {
      let values = call.function == "drain" ? call.output.list ?? [] : call.output.isNull ? [] : [call.output]
      for (place, value) in values.enumerated() {
        known.append(Taking(value: value, begin: call.begin, end: call.end, list: list, place: place))
      }
    }
  }

  // MARK: Single messages

  /// Values that came out although nobody had begun to put them in, and those of them that a failed enqueue tried.
  func unexpected() -> (nobody: Int, failed: Int) {
    let bad = Set(known.map(\.value)).filter { value in
      let first = known.filter { $0.value == value }.map(\.end).min() ?? .max
      return !enqueues.contains { $0.input == value && $0.begin < first }
    }
    let failed = bad.filter { value in
      let first = known.filter { $0.value == value }.map(\.end).min() ?? .max
      return calls.contains {
        $0.function == "enqueue" && $0.type == .fail && $0.input == value && $0.begin < first
      }
    }
    return (bad.count - failed.count, failed.count)
  }

  var duplicated: Int { Set(known.map(\.value)).count { value in known.count { $0.value == value } > 1 } }

  /// The least number of messages that are lost, whatever was taken by operations of unknown outcome.
  var lost: Int {
    var least = Int.max
    explore(candidates: missing) { takings in
      least = min(least, missing.count { isLost($0, takings) })
      return least == 0
    }
    return least
  }

  /// Those that are lost if operations of unknown outcome took nothing.
  var lostUnlessTaken: Int { missing.count { isLost($0, []) } }

  /// Acknowledged, never seen, and nobody drained afterwards.
  var undrained: Int {
    missing.count { value in
      guard let end = acknowledged(value) else { return false }
      return !drains.contains { $0.begin > end }
    }
  }

  private var missing: [Value] {
    enqueues.map(\.input).filter { value in acknowledged(value) != nil && !known.contains { $0.value == value } }
  }

  /// When its producer first knew that the queue has it; nil where it never did.
  private func acknowledged(_ value: Value) -> Int? {
    (enqueues + resends).filter { $0.isOK && $0.input == value }.map(\.end).min()
  }

  var isAnyAcknowledged: Bool { enqueues.contains { acknowledged($0.input) != nil } }

  private func isLost(_ value: Value, _ takings: [Taking]) -> Bool {
    guard let acknowledged = acknowledged(value) else { return false }
    return drains.contains { drain in
      drain.begin > acknowledged && !takings.contains { $0.value == value && $0.begin < drain.end }
    }
  }

  // MARK: Order

  /// Whether the messages of every producer may first have come out in their order.
  var keepsOrder: Bool {
    var isKept = false
    explore(candidates: Array(Set(known.map(\.value)))) { takings in
      isKept = keepsOrder(takings)
      return isKept
    }
    return isKept
  }

  /// The same if operations of unknown outcome took nothing.
  var keepsOrderUnlessTaken: Bool { keepsOrder(known) }

  private func keepsOrder(_ takings: [Taking]) -> Bool {
    Set(enqueues.map { events[$0.begin].process }).allSatisfy { process in
      let own = enqueues.filter { events[$0.begin].process == process }.map(\.input)
      let acknowledged = Set(enqueues.map(\.input).filter { self.acknowledged($0) != nil })
      var placed: [Bool] = Array(repeating: false, count: takings.count)
      return place(takings, &placed, own, acknowledged, seen: [])
    }
  }

  /// Whether the takings that are left can be put in some order, so that no message comes after a later one of `own`.
  private func place(
    _ takings: [Taking], _ placed: inout [Bool], _ own: [Value], _ acknowledged: Set<Value>, seen: [Value]
  ) -> Bool {
    guard placed.contains(false) else { return true }
    for next in takings.indices where !placed[next] {
      let isHeldUp = takings.indices.contains { other in
        !placed[other] && other != next
          && (takings[other].end < takings[next].begin
            || takings[other].list == takings[next].list && takings[other].place < takings[next].place)
      }
      if isHeldUp { continue }
      let value = takings[next].value
      if !seen.contains(value), acknowledged.contains(value), let rank = own.firstIndex(of: value),
        own[(rank + 1)...].contains(where: seen.contains)
      {
        continue
      }
      placed[next] = true
      defer { placed[next] = false }
      if place(takings, &placed, own, acknowledged, seen: seen + [value]) { return true }
    }
    return false
  }

  // MARK: Possibilities

  /// Calls the body with the takings of every possibility until it is content.
  private func explore(candidates: [Value], _ body: ([Taking]) -> Bool) {
    _ = explore(unknown[...], candidates, known, body)
  }

  private func explore(
    _ left: ArraySlice<TwinCall>, _ candidates: [Value], _ takings: [Taking], _ body: ([Taking]) -> Bool
  ) -> Bool {
    guard let call = left.first else { return body(takings) }
    func extended(_ values: [Value]) -> [Taking] {
      takings
        + values.map { Taking(value: $0, begin: call.begin, end: .max, list: -1, place: 0) }
    }
    if explore(left.dropFirst(), candidates, takings, body) { return true }
    let choices =
      call.function == "drain"
      ? (1..<(1 << candidates.count)).map { bits in
        candidates.indices.filter { bits >> $0 & 1 == 1 }.map { candidates[$0] }
      }
      : candidates.map { [$0] }
    return choices.contains { explore(left.dropFirst(), candidates, extended($0), body) }
  }
}
