import Checkers
import Generators
import Histories
import Testing

/// Shapes that make a careless search never end: one component of everything, one transaction of thousands of
/// operations, and no time at all.
@Suite struct LargeTransactionTests {
  private static func append(_ number: Int, _ type: EventType, _ micro: [Value], to history: inout History) {
    let asked = micro.map { $0.list?[0] == "r" ? ["r", $0.list?[1] ?? nil, nil] : $0 }
    history.append(
      Event(
        index: 0, time: Int64(history.count), process: ProcessID(Int32(number % 100)), type: type, function: "txn",
        value: .list(type == .ok ? micro : asked)))
  }

  /// A hundred at a time run at once; each reads three others' keys, at random before or after their append.
  private static func tangle(_ count: Int, seed: UInt64) -> History {
    var random = RandomStreams(seed: seed).stream("dense")
    var history = History()
    let micro = (0..<count).map { number in
      let others = Set([(number + 1) % count, (number + count - 1) % count, random.below(count)]).subtracting([number])
      let reads = others.sorted().map { other -> Value in
        ["r", .int(Int64(other)), random.below(2) == 0 ? [] : [.int(0)]]
      }
      return reads + [["append", .int(Int64(number)), .int(0)]]
    }
    for number in 0..<count + 100 {
      if number >= 100 { append(number - 100, .ok, micro[number - 100], to: &history) }
      if number < count { append(number, .invoke, micro[number], to: &history) }
    }
    return history
  }

  /// Each reads nothing of the one before, all the way round.
  private static func ring(_ count: Int) -> History {
    var history = History()
    let micro = (0..<count).map { number -> [Value] in
      [["r", .int(Int64((number + count - 1) % count)), []], ["append", .int(Int64(number)), .int(0)]]
    }
    for number in 0..<count + 100 {
      if number >= 100 { append(number - 100, .ok, micro[number - 100], to: &history) }
      if number < count { append(number, .invoke, micro[number], to: &history) }
    }
    return history
  }

  private static let size = Soak.isOn ? 100_000 : 3_000
  private static let ringSize = Soak.isOn ? 100_000 : 5_000

  @Test func `a dense component has a short cycle of every class`() throws {
    let history = Self.tangle(Self.size, seed: 5)
    let clock = ContinuousClock()
    let start = clock.now
    let report = try ListAppendChecker.report(history)
    let seconds = start.duration(to: clock.now)
    let shapes = ["G1c", "G-single", "G-nonadjacent", "G2-item"]
    for name in shapes + shapes.flatMap({ [$0 + "-process", $0 + "-realtime"] }) {
      let found = try #require(report.anomalies.first { $0.name == name }, "\(name)")
      #expect(found.steps.count <= 8, "\(name): \(found.steps.count) steps")
      #expect(report.counts[name] ?? 0 >= 1)
    }
    #expect(
      try IsolationJudge(history).problem(with: report, among: report.anomalies.filter { !$0.steps.isEmpty }) == nil)
    // Generous, for debug builds on busy machines: quadratic work would take hours.
    #expect(seconds < .seconds(120))
  }

  /// To rule out a shorter one takes a search from each of its transactions.
  @Test(arguments: [1_000, Self.ringSize])
  func `the only cycle is found, however long, and what was not ruled out is said`(count: Int) throws {
    let report = try ListAppendChecker.report(Self.ring(count))
    let cycle = try #require(report.anomalies.first { $0.name == "G2-item" })
    #expect(cycle.steps.count == count)
    #expect(report.rung(.serializable)?.verdict == .invalid)
    #expect(report.rung(.snapshotIsolation)?.verdict == .valid)
    #expect(report.notices.contains { $0.hasPrefix("G2-item: a shorter cycle") } == (count > 1_000))
  }

  /// Twenty thousand operations on one key, and on as many: quadratic work for each would be seen.
  @Test(arguments: [1, 20_000]) func `one transaction of thousands of operations`(keys: Int) throws {
    var history = History()
    var lists: [Int: [Value]] = [:]
    let micro = (0..<20_000).map { number -> Value in
      let key = number % keys
      // Reads are few where lists are long, which is the history's size and not the checker's work.
      if number % 100 == 0 { return ["r", .int(Int64(key)), .list(lists[key] ?? [])] }
      lists[key, default: []].append(.int(Int64(number)))
      return ["append", .int(Int64(key)), .int(Int64(number))]
    }
    Self.append(0, .invoke, micro, to: &history)
    Self.append(0, .ok, micro, to: &history)
    let all = (0..<keys).map { key -> Value in ["r", .int(Int64(key)), .list(lists[key] ?? [])] }
    Self.append(1, .invoke, all, to: &history)
    Self.append(1, .ok, all, to: &history)
    #expect(try ListAppendChecker.report(history).strongestSatisfied == [.strictSerializable])

    // The same where what it read is not what it had left, many times over, and another one saw half of it.
    let wrong = micro.map {
      $0.list?[0] == "r" && $0.list?[2].list?.isEmpty == false ? ["r", $0.list?[1] ?? nil, []] : $0
    }
    var broken = History()
    Self.append(0, .invoke, wrong, to: &broken)
    Self.append(1, .invoke, all, to: &broken)
    let half = all.enumerated().map { place, read in place % 2 == 1 ? ["r", read.list?[1] ?? nil, []] : read }
    Self.append(1, .ok, half, to: &broken)
    Self.append(0, .ok, wrong, to: &broken)
    let report = try ListAppendChecker.report(broken)
    #expect(report.anomalies.contains { $0.name == (keys == 1 ? "internal" : "observed-transaction-vanishes") })
  }

  // MARK: Budgets

  @Test func `without time a verdict is right or unknown, and says why`() throws {
    let history = Self.tangle(2_000, seed: 7)
    let whole = try ListAppendChecker.report(history)
    let stopped = CheckCancellation()
    stopped.cancel()
    for report in [
      try ListAppendChecker.report(history, budget: CheckBudget(secondsMax: 0)),
      try ListAppendChecker.report(history, cancellation: stopped),
    ] {
      for (rung, known) in zip(report.ladder, whole.ladder) {
        #expect(rung.verdict == known.verdict || rung.verdict == .unknown, "\(rung.level.rawValue)")
        #expect((rung.verdict == .unknown) == (rung.reason != nil))
      }
      #expect(report.rung(.serializable)?.verdict == .invalid)
      #expect(report.notices.contains { $0.contains("limits of the search") })
      #expect(
        try IsolationJudge(history).problem(with: report, among: report.anomalies.filter { !$0.steps.isEmpty }) == nil)
    }
  }
}
