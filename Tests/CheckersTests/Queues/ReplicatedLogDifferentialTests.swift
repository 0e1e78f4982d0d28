import Checkers
import Generators
import Histories
import Testing

/// The replicated-log checker against the definitions of its anomalies, on small random histories.
@Suite struct ReplicatedLogDifferentialTests {
  private static let broken: [(promise: ReplicatedLogChecker.Promise, names: [String])] = [
    (
      .logAgreement,
      ["conflicting-entries", "lost-entry", "reordered-entries", "shrunken-log", "aborted-read", "thin-air-read"]
    ),
    (.logGapless, ["log-gap"]), (.noDuplicates, ["duplicate-entry"]), (.noLoss, ["lost-entry"]),
  ]

  @Test func `every anomaly is found as often as the twin finds it`() throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("queues/replicated-log"))
    var split = QueueSplit()
    var found: [String: Int] = [:]
    for number in 0..<Soak.histories(slice: 2_500, whole: 60_000) {
      let events = Self.history(&maker)
      let twin = ReplicatedLogTwin(events)
      let counts = twin.counts()
      for (promise, names) in Self.broken {
        let report = try ReplicatedLogChecker.report(History(events), ReplicatedLogChecker.Options(promise: promise))
        let expected: Verdict =
          names.contains { counts[$0] ?? 0 > 0 }
          ? .invalid
          : [.noLoss, .logAgreement].contains(promise)
            ? twin.canTellLoss ? .valid : .unknown : twin.hasReads ? .valid : .unknown
        if promise == .logAgreement { split.count(expected) }
        let wrong = InvariantAnomaly.allCases.first { report.count($0) != counts[$0.rawValue] ?? 0 }
        guard report.verdict == expected, wrong == nil else {
          Issue.record(
            """
            history \(number), \(promise): expected \(expected), \
            \(wrong.map { "\(counts[$0.rawValue] ?? 0) × \($0)" } ?? ""): \(report)
            \(InvariantText.text(events))
            """)
          return
        }
      }
      for (name, count) in counts where count > 0 { found[name, default: 0] += 1 }
    }
    split.show("replicated-log")
    print(found.sorted { $0.key < $1.key }.map { "\($0.value) with \($0.key)" }.joined(separator: ", "))
    #expect(split.isBalanced)
    #expect(found.count == 9, "an anomaly was never met: \(found)")
  }

  private static func history(_ maker: inout RandomWorkload) -> [Event] {
    var log: [Value] = []
    var next: Int64 = 0
    let first = Int64(maker.random.below(2))
    var calls = (0..<2 + maker.random.below(9)).map { _ -> RandomWorkload.Call in
      switch maker.random.below(5) {
      case 0: return RandomWorkload.Call(function: "read", input: [.int(Int64(maker.random.below(3))), 9])
      case 1: return RandomWorkload.Call(function: "read-all", input: .null)
      case 2: return RandomWorkload.Call(function: "read", input: .null)
      default:
        next += 1
        return RandomWorkload.Call(function: "append", input: .int(next))
      }
    }
    // What was acknowledged is to be seen by somebody in the end.
    if maker.random.below(5) > 0 { calls.append(RandomWorkload.Call(function: "read-all", input: .null)) }
    func entries(from start: Int64) -> Value {
      .list(log.enumerated().map { [.int(Int64($0) + first), $1] }.filter { $0.list?[0].int ?? 0 >= start })
    }
    var events = maker.events(calls) { call in
      guard call.function == "append" else { return entries(from: call.input.list?[0].int ?? 0) }
      log.append(call.input)
      return [.int(Int64(log.count - 1) + first), call.input]
    }
    maker.tamper(&events, ["read", "read-all", "append"], changesMax: 2, percent: 60, change)
    for place in events.indices where events[place].function == "read-all" {
      events[place].node = "n\(maker.random.below(2))"
    }
    return maker.random.below(3) == 0 ? disturbed(events, &maker.random) : events
  }

  /// The same with a replica that is killed, and mostly started again.
  private static func disturbed(_ events: [Event], _ random: inout RandomStream) -> [Event] {
    var all = events
    var place = 0
    for function in random.below(3) == 0 ? ["kill"] : ["kill", "start"] {
      place += random.below(all.count - place + 1)
      all.insert(
        Event(index: 0, time: 0, process: .nemesis, type: .info, function: function, value: .null), at: place)
      place += 1
    }
    for place in all.indices { (all[place].index, all[place].time) = (place, Int64(place) * 1_000_000) }
    return all
  }

  private static func change(_ value: Value, _ random: inout RandomStream) -> Value {
    guard var list = value.list else { return value }
    if list.count == 2, list[0].int != nil { return [.int(Int64(random.below(5))), list[1]] }
    let other: Value = [.int(Int64(random.below(4))), .int(Int64(1 + random.below(5)))]
    switch random.below(4) {
    case 0: list.append(other)
    case 1: if !list.isEmpty { list[random.below(list.count)] = other }
    default: if !list.isEmpty { list.remove(at: random.below(list.count)) }
    }
    return .list(list)
  }
}
