import Checkers
import Generators
import Histories
import Testing

/// The long-fork checker against all orders of the writes, on small random histories.
@Suite struct LongForkDifferentialTests {
  @Test func `a fork is found where no order of the writes explains the reads`() throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("invariants/long-fork"))
    var split = InvariantSplit()
    for number in 0..<Soak.histories(slice: 3_000) {
      let events = Self.history(&maker)
      let twin = LongForkTwin(events)
      let report = try LongForkChecker.report(History(events))
      let verdict = twin.verdict()
      split.count(verdict)
      if let flaw = Self.flaw(report, twin, verdict, events) {
        Issue.record("history \(number): \(flaw): \(report)\n\(InvariantText.text(events))")
        return
      }
    }
    split.show("long-fork")
    #expect(split.isBalanced)
    #expect(split.unknown > 0)
  }

  private static func flaw(
    _ report: InvariantReport, _ twin: LongForkTwin, _ verdict: Verdict, _ events: [Event]
  ) -> String? {
    if report.verdict != verdict { return "expected \(verdict)" }
    if (report.verdict == .unknown) != (report.reason != nil) { return "reason" }
    let unwritten = twin.unwritten()
    for anomaly in [InvariantAnomaly.thinAirRead, .abortedRead] {
      let count = unwritten.count { $0 == anomaly.rawValue }
      if report.count(anomaly) != count { return "\(count) × \(anomaly.rawValue)" }
    }
    for fork in report.findings where fork.anomaly == .longFork {
      let ends = fork.operations.prefix(2).map { begin in
        events.first { $0.index > begin && $0.process == events[begin].process }?.index ?? -1
      }
      if !twin.isFork(ends[0], ends[1]) { return "no fork: \(fork)" }
    }
    return nil
  }

  /// One or two groups of two to four keys.
  static func history(_ maker: inout RandomWorkload) -> [Event] {
    let size = 2 + maker.random.below(3)
    let groups = 1 + maker.random.below(2)
    var unwritten = Array(0..<Int64(size * groups))
    var written: [Value: Value] = [:]
    let calls = (0..<3 + maker.random.below(8)).map { _ in
      if maker.random.below(2) == 0, !unwritten.isEmpty {
        let key = unwritten.remove(at: maker.random.below(unwritten.count))
        if maker.random.below(25) == 0 { unwritten.append(key) }
        return RandomWorkload.Call(function: "txn", input: [["w", .int(key), .int(key + 10)]])
      }
      let group = maker.random.below(groups) * size
      var keys = (group..<group + size).shuffled(using: &maker.random)
      if maker.random.below(25) == 0 { keys.removeLast() }
      return RandomWorkload.Call(function: "txn", input: .list(keys.map { ["r", .int(Int64($0)), nil] }))
    }
    var events = maker.events(calls) { call in
      let micro = (call.input.list ?? []).compactMap(\.list)
      if micro[0][0] == "w" {
        written[micro[0][1]] = micro[0][2]
        return call.input
      }
      return .list(micro.map { ["r", $0[1], written[$0[1]] ?? .null] })
    }
    maker.tamper(&events, ["txn"], changesMax: 8, percent: 90) { value, random in
      let micro = (value.list ?? []).compactMap(\.list)
      if micro[0][0] != "r" { return value }
      let (changed, isThorough) = (random.below(micro.count), random.below(4) != 0)
      return .list(
        micro.enumerated().map { place, parts in
          let isSeen = isThorough ? random.below(2) == 0 : parts[2].isNull == (place == changed)
          let value = written[parts[1]] ?? (isThorough ? .null : 99)
          return ["r", parts[1], isSeen ? value : .null]
        })
    }
    return events
  }
}
