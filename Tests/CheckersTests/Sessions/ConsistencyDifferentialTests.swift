import Checkers
import Generators
import Histories
import Testing

/// Guarantees to sessions and causal consistency of registers against their definitions, on small random histories.
@Suite struct ConsistencyDifferentialTests {
  @Test func `weak causal consistency is as by its definition`() throws {
    var maker = RegisterCalls(random: RandomStreams(seed: 0).stream("consistency/weak"))
    var split = InvariantSplit()
    for number in 0..<Soak.histories(slice: 3_000) {
      let events = maker.events(operationsMax: 7)
      let twin = CausalTwin(events)
      let report = try WeakCausalChecker.report(History(keyed: true, events))
      split.count(report.verdict)
      let expected = !twin.isWeaklyCausal ? Verdict.invalid : twin.reads == 0 ? .unknown : .valid
      guard report.verdict == expected else {
        Issue.record("history \(number): \(report), by definition \(expected)\n\(InvariantText.text(events))")
        return
      }
    }
    split.show("weak causal consistency")
    #expect(split.isBalanced)
  }

  @Test func `causal consistency with convergence is as by its definition`() throws {
    var maker = RegisterCalls(random: RandomStreams(seed: 0).stream("consistency/convergent"))
    var split = InvariantSplit()
    for number in 0..<Soak.histories(slice: 3_000) {
      let events = maker.events(operationsMax: 6)
      let twin = CausalTwin(events)
      let result = try RegisterConsistency.result(History(keyed: true, events), claim: .causal)
      split.count(result.verdict)
      let expected =
        Self.isAnswered(events) && twin.reads > 0 ? twin.isConvergent ? Verdict.valid : .invalid : .unknown
      guard result.verdict == expected else {
        Issue.record("history \(number): \(result), by definition \(expected)\n\(InvariantText.text(events))")
        return
      }
    }
    split.show("causal consistency with convergence")
    #expect(split.isBalanced)
  }

  /// By the definitions for transactions: an operation is a transaction of its own.
  @Test func `sessions are guaranteed what single transactions are`() throws {
    var maker = RegisterCalls(random: RandomStreams(seed: 0).stream("consistency/sessions"))
    var splits = RegisterConsistency.levels.map { ($0, InvariantSplit()) }
    for number in 0..<Soak.histories(slice: 1_500) {
      let events = maker.events(operationsMax: 5)
      if !Self.isAnswered(events) || CausalTwin(events).reads == 0 { continue }
      let held = try RegisterTwin(Self.transactions(events)).levels()
      for place in splits.indices {
        let level = splits[place].0
        let result = try RegisterConsistency.result(History(keyed: true, events), claim: level)
        splits[place].1.count(result.verdict)
        guard result.verdict == (held.contains(level.rawValue) ? .valid : .invalid) else {
          Issue.record(
            "history \(number), \(level.rawValue): \(result), by definition \(held)\n\(InvariantText.text(events))")
          return
        }
      }
    }
    for (level, split) in splits {
      split.show("\(level.rawValue) of registers")
      #expect(split.valid * 20 > split.invalid && split.invalid * 100 > split.valid, "\(level.rawValue)")
    }
  }

  private static func isAnswered(_ events: [Event]) -> Bool { events.contains { $0.type == .ok || $0.type == .fail } }

  private static func transactions(_ events: [Event]) -> History {
    History(
      events.map { event in
        var transaction = event
        let (key, value) = event.value.keyedPair ?? (.null, .null)
        transaction.function = "txn"
        transaction.value =
          switch event.function {
          case "read": [["r", key, value]]
          case "write": [["w", key, value]]
          default: [["r", key, value.list?.first ?? .null], ["w", key, value.list?.last ?? .null]]
          }
        return transaction
      })
  }
}

/// Small histories on up to three registers whose reads show any value that somebody writes.
struct RegisterCalls {
  var random: RandomStream

  private struct Call {
    var process: Int32
    var key: Int
    var function: String
    /// What a compare-and-set expects.
    var expected = Value.null
    var written: Int64?
    var end: EventType
  }

  mutating func events(operationsMax: Int) -> [Event] {
    let keys = 1 + random.below(3)
    var value: Int64 = 0
    var calls = (0..<2 + random.below(operationsMax - 1)).map { _ in
      let function = ["read", "read", "read", "write", "write", "write", "cas"][random.below(7)]
      if function != "read" { value += 1 }
      return Call(
        process: Int32(random.below(3)), key: random.below(keys), function: function,
        written: function == "read" ? nil : value,
        end: random.below(12) > 0 ? .ok : random.below(3) == 0 ? .fail : .info)
    }
    for number in calls.indices { calls[number].expected = anything(calls[number], calls) }
    var events: [Event] = []
    var open: [Int] = []
    for (number, call) in calls.enumerated() {
      for other in open where calls[other].process == call.process || random.below(3) > 0 {
        open.removeAll { $0 == other }
        events.append(event(calls[other], calls[other].end, calls, events.count))
      }
      events.append(event(call, .invoke, calls, events.count))
      open.append(number)
    }
    for number in open { events.append(event(calls[number], calls[number].end, calls, events.count)) }
    return events
  }

  private mutating func event(_ call: Call, _ type: EventType, _ calls: [Call], _ index: Int) -> Event {
    let written = call.written.map { Value.int($0) } ?? .null
    let value =
      switch call.function {
      case "read": type == .ok ? anything(call, calls) : .null
      case "write": written
      default: Value.list([call.expected, written])
      }
    return Event(
      index: index, time: Int64(index) * 1_000_000, process: ProcessID(call.process), type: type,
      function: call.function, value: [.int(Int64(call.key)), value])
  }

  /// Rarely what nobody writes.
  private mutating func anything(_ call: Call, _ calls: [Call]) -> Value {
    if random.below(60) == 0 { return 99 }
    let written = calls.filter { $0.key == call.key && $0.written != call.written }.compactMap(\.written)
    let place = random.below(written.count + 1)
    return place == 0 ? .null : .int(written[place - 1])
  }
}
