import Checkers
import Generators
import Histories
import Testing

/// Staleness against all orders of the operations, on small random histories of one register.
@Suite struct StalenessDifferentialTests {
  @Test func `a bound in time is broken where no order keeps it`() throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("staleness/time"))
    var split = InvariantSplit()
    for number in 0..<Soak.histories(slice: 1_500) {
      let events = Self.history(&maker)
      let twin = StalenessTwin(events)
      let bound = 1 + Int64(maker.random.below(12_000_000))
      let report = try StalenessChecker.report(History(events), .init(bound: .time(bound)))
      let isBroken = !twin.isAtomic(shift: bound - 1)
      split.count(report.verdict)
      guard case .double(let least) = report.statistic("least-time-bound-seconds") else {
        Issue.record("no least bound: \(report)")
        return
      }
      let nanoseconds = Int64((least * 1_000_000_000).rounded())
      let isSame =
        report.verdict == Self.verdict(twin, isBroken: isBroken)
        && (report.count(.staleBeyondBound) > 0) == isBroken && Self.agreesOnReads(report, twin)
        && twin.isAtomic(shift: nanoseconds) && (nanoseconds == 0 || !twin.isAtomic(shift: nanoseconds - 1))
      guard isSame else {
        Issue.record("history \(number), t<\(bound): \(report), broken: \(isBroken)\n\(InvariantText.text(events))")
        return
      }
    }
    split.show("staleness in time")
    #expect(split.isBalanced)
  }

  @Test func `a read misses what every order has between`() throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("staleness/versions"))
    var split = InvariantSplit()
    for number in 0..<Soak.histories(slice: 1_500) {
      let events = Self.history(&maker)
      let twin = StalenessTwin(events)
      let bound = 1 + maker.random.below(2)
      let report = try StalenessChecker.report(History(events), .init(bound: .versions(bound)))
      let missed = twin.missed()
      let broken = missed.count { $0 >= bound }
      split.count(report.verdict)
      let isSame =
        report.verdict == Self.verdict(twin, isBroken: broken > 0) && report.count(.staleBeyondBound) == broken
        && report.statistic("staleness-max-versions") == .int(Int64(missed.max() ?? 0))
        && report.statistic("stale-reads") == .int(Int64(missed.count { $0 > 0 })) && Self.agreesOnReads(report, twin)
      guard isSame else {
        Issue.record("history \(number), k<\(bound): \(report), missed: \(missed)\n\(InvariantText.text(events))")
        return
      }
    }
    split.show("staleness in versions")
    #expect(split.isBalanced)
  }

  private static func verdict(_ twin: StalenessTwin, isBroken: Bool) -> Verdict {
    if isBroken || twin.unwritten != (0, 0) { return .invalid }
    return twin.reads == 0 ? .unknown : .valid
  }

  private static func agreesOnReads(_ report: InvariantReport, _ twin: StalenessTwin) -> Bool {
    report.statistic("reads") == .int(Int64(twin.reads)) && report.count(.thinAirRead) == twin.unwritten.thinAir
      && report.count(.abortedRead) == twin.unwritten.aborted
  }

  /// Values are 1, 2, …; reads are tampered with; up to 4 ms lie between events.
  private static func history(_ maker: inout RandomWorkload) -> [Event] {
    var state = Value.null
    var next: Int64 = 0
    let calls = (0..<2 + maker.random.below(5)).map { _ in
      if next == 4 || maker.random.below(5) < 3 { return RandomWorkload.Call(function: "read", input: .null) }
      next += 1
      if maker.random.below(5) > 0 { return RandomWorkload.Call(function: "write", input: .int(next)) }
      let from = maker.random.below(Int(next))
      return RandomWorkload.Call(function: "cas", input: [from == 0 ? .null : .int(Int64(from)), .int(next)])
    }
    var events = maker.events(calls) { call in
      if call.function == "read" { return state }
      if call.function == "cas", call.input.list?.first != state { return nil }
      state = call.input.list?.last ?? call.input
      return call.input
    }
    maker.tamper(&events, changesMax: 2, percent: 85) { _, random in
      let value = random.below(Int(next) + 1 + (random.below(8) == 0 ? 1 : 0))
      return value == 0 ? .null : .int(Int64(value))
    }
    var time: Int64 = 0
    for place in events.indices {
      time += 1_000 * Int64(1 + maker.random.below(4_000))
      events[place].time = time
    }
    return events
  }
}
