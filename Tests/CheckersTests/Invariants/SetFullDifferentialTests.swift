import Checkers
import Generators
import Histories
import Testing

/// The set-full checker against the definition of each fate, on small random histories, under each of its options.
@Suite struct SetFullDifferentialTests {
  private static let statistics = ["elements", "stable", "stale", "lost", "never-read", "duplicated"]

  @Test(arguments: [false, true], [false, true])
  func `every element has the fate that the twin says`(isLinearizable: Bool, lastReadOnly: Bool) throws {
    let name = "invariants/set-full \(isLinearizable) \(lastReadOnly)"
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream(name))
    var split = InvariantSplit()
    let options = SetFullChecker.Options(isLinearizable: isLinearizable, usesLastReadOnly: lastReadOnly)
    for number in 0..<Soak.histories(slice: 4_000, parts: 4) {
      let events = Self.history(&maker)
      let twin = SetFullTwin(events, lastReadOnly: lastReadOnly)
      let report = try SetFullChecker.report(History(events), options)
      split.count(twin.verdict(isLinearizable: isLinearizable))
      if let flaw = Self.flaw(report, twin, isLinearizable) {
        Issue.record("history \(number): \(flaw): \(report)\n\(InvariantText.text(events))")
        return
      }
    }
    split.show("set-full\(isLinearizable ? ", linearizable" : "")\(lastReadOnly ? ", last read only" : "")")
    #expect(split.isBalanced)
  }

  private static func flaw(_ report: InvariantReport, _ twin: SetFullTwin, _ isLinearizable: Bool) -> String? {
    let (tally, verdict) = (twin.tally(), twin.verdict(isLinearizable: isLinearizable))
    if report.verdict != verdict { return "expected \(verdict)" }
    for name in statistics where report.statistic(name) != .int(Int64(tally[name] ?? 0)) {
      return "expected \(tally[name] ?? 0) \(name)"
    }
    let counted: [(InvariantAnomaly, String)] = [
      (.lostElement, "lost"), (.duplicateElement, "duplicated"), (.staleRead, "stale"),
      (.abortedRead, "aborted-read"), (.thinAirRead, "thin-air-read"),
    ]
    for (anomaly, name) in counted where report.count(anomaly) != tally[name] ?? 0 {
      return "expected \(tally[name] ?? 0) × \(anomaly.rawValue)"
    }
    let shown = isLinearizable ? report.findings : report.observations
    if shown.contains(where: { $0.anomaly == .staleRead }) != (report.count(.staleRead) > 0) { return "stale reads" }
    return report.statistic("stable-latency-ns-max") == twin.worstStableLatency().map { .int($0) }
      ? nil : "expected a worst latency of \(String(describing: twin.worstStableLatency()))"
  }

  private static func history(_ maker: inout RandomWorkload) -> [Event] {
    var elements: [Value] = []
    var next: Int64 = 0
    var calls = (0..<2 + maker.random.below(8)).map { _ in
      if maker.random.below(2) == 0 { return RandomWorkload.Call(function: "read", input: .null) }
      // Now and then an element is added again.
      if maker.random.below(8) != 0 { next += 1 }
      return RandomWorkload.Call(function: "add", input: .int(max(1, next)))
    }
    calls.append(RandomWorkload.Call(function: "read", input: .null))
    var events = maker.events(calls) { call in
      if call.function == "read" { return .list(elements) }
      if !elements.contains(call.input) { elements.append(call.input) }
      return call.input
    }
    maker.tamper(&events, changesMax: 3, percent: 80) { value, random in
      var list = value.list ?? []
      switch random.below(8) {
      case 0: list.append(.int(Int64(1 + random.below(6))))
      case 1: list += list.prefix(1)
      default: if !list.isEmpty { list.remove(at: random.below(list.count)) }
      }
      return list.isEmpty && random.below(2) == 0 ? .null : .list(list)
    }
    return events
  }
}
