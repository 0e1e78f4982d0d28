import Checkers
import Generators
import Histories

/// Small random histories of queues, some of them tampered with.
enum MessageHistories {
  /// A queue whose dequeue removes: in order or not, drained at the end or not.
  ///
  /// - Parameter flaw: what is to be wrong with many of them.
  static func total(_ maker: inout RandomWorkload, _ flaw: TotalQueueChecker.Promise) -> [Event] {
    var queue: [Value] = []
    var next: Int64 = 0
    let isOrdered = maker.random.below(6) > (flaw == .fifoPerKey ? 4 : 1)
    let isReversed = flaw == .fifoPerKey
    let least = flaw == .fifoPerKey ? 7 : 2
    var calls = (0..<least + maker.random.below(flaw == .fifoPerKey ? 4 : 8)).map { _ -> RandomWorkload.Call in
      if maker.random.below(7) == 0 { return RandomWorkload.Call(function: "drain", input: .null) }
      if maker.random.below(5) < 2 { return RandomWorkload.Call(function: "dequeue", input: .null) }
      if next > 0, maker.random.below(flaw == .fifoPerKey ? 12 : 4) == 0 {
        return RandomWorkload.Call(function: "resend", input: .int(1 + Int64(maker.random.below(Int(next)))))
      }
      next += 1
      return RandomWorkload.Call(function: "enqueue", input: .int(next))
    }
    if flaw == .fifoPerKey {
      let dequeue = RandomWorkload.Call(function: "dequeue", input: .null)
      calls =
        calls.filter { isPut($0.function) } + calls.filter { !isPut($0.function) } + [dequeue, dequeue]
    }
    if flaw == .noLoss || maker.random.below(6) > 0 {
      calls.append(RandomWorkload.Call(function: "drain", input: .null))
    }
    var random = maker.random
    var known: Set<Value> = []
    var events = maker.events(calls) { call in
      switch call.function {
      case "enqueue", "resend":
        if known.insert(call.input).inserted { queue.append(call.input) }
        return call.input
      case "drain":
        defer { queue = [] }
        return .list(queue)
      default:
        if queue.isEmpty { return .null }
        return queue.remove(at: isOrdered ? 0 : isReversed ? queue.count - 1 : random.below(queue.count))
      }
    }
    events = withoutStrangeResends(events)
    maker.tamper(&events, ["dequeue", "drain"], changesMax: 3, percent: 70) {
      switch flaw {
      case .noLoss: $1.below(4) > 0 ? lessened($0, &$1) : change($0, &$1)
      case .fifoPerKey where $1.below(2) == 0: $0.list.map { .list($0.reversed()) } ?? $0
      case .noDuplicates: $1.below(4) > 0 ? repeated($0, next, &$1) : change($0, &$1)
      default: change($0, &$1)
      }
    }
    return events
  }

  private static func isPut(_ function: String) -> Bool { ["enqueue", "resend"].contains(function) }

  /// Only what was put in before, by an enqueue that did not fail, may be put in again.
  private static func withoutStrangeResends(_ events: [Event]) -> [Event] {
    let puts = TwinCall.all(in: events).filter { $0.function == "enqueue" && $0.type != .fail }
    let strange = TwinCall.all(in: events).filter { call in
      call.function == "resend" && !puts.contains { $0.input == call.input && $0.begin < call.begin }
    }
    let places = Set(strange.flatMap { [$0.begin, $0.end] })
    return events.filter { !places.contains($0.index) }.enumerated().map { place, event in
      var event = event
      (event.index, event.time) = (place, Int64(place) * 1_000_000)
      return event
    }
  }

  private static func lessened(_ value: Value, _ random: inout RandomStream) -> Value {
    guard var list = value.list else { return .null }
    if !list.isEmpty { list.remove(at: random.below(list.count)) }
    return .list(list)
  }

  private static func repeated(_ value: Value, _ last: Int64, _ random: inout RandomStream) -> Value {
    let other = Value.int(Int64(1 + random.below(Int(max(1, last)))))
    return value.list.map { .list($0 + [other]) } ?? other
  }

  /// A queue that lends: some messages are delivered early, after their ack, or under the id of another.
  ///
  /// - Parameter flaw: what is to be wrong with many of them.
  static func lending(_ maker: inout RandomWorkload, _ flaw: WorkQueueChecker.Promise) -> [Event] {
    var visible: [Int64] = []
    var hidden: [Int64] = []
    var next: Int64 = 0
    let hasDeliveryIDs = maker.random.below(2) == 0
    var attempts: [Int64: Int64] = [:]
    func call(_ function: String, _ input: Value = .null) -> RandomWorkload.Call {
      RandomWorkload.Call(function: function, input: input)
    }
    var calls = (0..<3 + maker.random.below(8)).map { _ -> RandomWorkload.Call in
      let id = Value.int(Int64(maker.random.below(flaw == .ackedNeverAgain ? 1 : 4)) * 10)
      if next > 0, maker.random.below(8) == 0 {
        return call("resend", .int(1 + Int64(maker.random.below(Int(next)))))
      }
      switch maker.random.below(9) {
      case 0: return call("nack", id)
      case 1: return call(flaw == .exclusiveDelivery ? "receive" : "ack", id)
      case 2: return call(flaw == .ackedNeverAgain ? "ack" : "receive", id)
      case 3 where flaw == .keptUntilAcked && maker.random.below(2) == 0: return call("drain")
      case 3 where flaw != .ackedNeverAgain, 4 where flaw != .ackedNeverAgain:
        next += 1
        return call("enqueue", .int(next))
      default: return call("receive")
      }
    }
    calls.insert(call("enqueue", 100), at: 0)
    if flaw == .ackedNeverAgain { calls += [call("receive"), call("receive")] }
    for place in calls.indices where calls[place].function == "receive" { calls[place].input = .null }
    if [.atLeastOnce, .keptUntilAcked].contains(flaw) || maker.random.below(3) > 0 { calls.append(call("drain")) }
    var random = maker.random
    let isCareless = random.below(4) > 0
    // Whether what is lent is forgotten when the queue is drained.
    let forgets = random.below(2) == 0
    var known: Set<Int64> = []
    func lent(_ message: Int64) -> Value {
      attempts[message, default: -1] += 1
      return .map([
        "id": .int(message * 10 + (hasDeliveryIDs ? attempts[message] ?? 0 : 0)),
        "value": .int(message == 0 ? 100 : message),
        "attempt": .int(attempts[message] ?? 0),
      ])
    }
    var events = maker.events(calls) { call in
      let number = call.input.int.map { $0 == 100 ? 0 : $0 } ?? 0
      switch call.function {
      case "enqueue", "resend": if known.insert(number).inserted { visible.append(number) }
      case "receive":
        let choice = visible + (isCareless || random.below(8) == 0 ? hidden : [])
        if choice.isEmpty { return .null }
        let message = choice[random.below(choice.count)]
        visible.removeAll { $0 == message }
        hidden.append(message)
        return lent(message)
      case "ack": if random.below(3) > 0 { hidden.removeAll { $0 == number / 10 } }
      case "nack": if hidden.contains(number / 10) { visible.append(number / 10) }
      default:
        defer { (visible, hidden) = ([], flaw == .keptUntilAcked ? [] : hidden) }
        let all = visible + (flaw == .keptUntilAcked && !forgets ? hidden.filter { !visible.contains($0) } : [])
        return .list(all.map { random.below(2) == 0 ? lent($0) : .int($0 == 0 ? 100 : $0) })
      }
      return call.input
    }
    events = withoutStrangeResends(events)
    maker.tamper(&events, ["receive", "drain"], changesMax: 2, percent: flaw == .atLeastOnce ? 60 : 20) {
      changeLent($0, &$1)
    }
    return events
  }

  private static func changeLent(_ value: Value, _ random: inout RandomStream) -> Value {
    guard var map = value.map else { return value.list == nil ? .null : .list([]) }
    map[random.below(2) == 0 ? "value" : "id"] = .int(Int64(1 + random.below(3)) * (random.below(2) == 0 ? 1 : 10))
    return .map(map)
  }

  /// Another answer: one more message, one less, or others in another order.
  static func change(_ value: Value, _ random: inout RandomStream) -> Value {
    guard var list = value.list else {
      return random.below(3) == 0 ? .null : .int(Int64(1 + random.below(6)))
    }
    switch random.below(4) {
    case 0: list.append(.int(Int64(1 + random.below(6))))
    case 1: list.reverse()
    case 2: list += list.prefix(1)
    default: if !list.isEmpty { list.remove(at: random.below(list.count)) }
    }
    return .list(list)
  }
}
