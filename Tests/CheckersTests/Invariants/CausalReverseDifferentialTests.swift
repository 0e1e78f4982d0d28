import Checkers
import Generators
import Histories
import Testing

/// The causal-reverse checker against all orders of the writes, on small random histories.
@Suite struct CausalReverseDifferentialTests {
  @Test func `a read is refuted where no order of the writes explains it`() throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("invariants/causal-reverse"))
    var split = InvariantSplit()
    for number in 0..<Soak.histories(slice: 3_000) {
      let events = Self.history(&maker)
      let twin = CausalReverseTwin(events)
      let report = try CausalReverseChecker.report(History(events))
      split.count(twin.verdict())
      let reversed = twin.reversed()
      let unwritten = twin.unwritten()
      let isSame =
        report.verdict == twin.verdict() && report.count(.causalReverse) == reversed.count
        && report.count(.abortedRead) == unwritten.count { $0 == "aborted-read" }
        && report.count(.thinAirRead) == unwritten.count { $0 == "thin-air-read" }
        && report.findings.filter { $0.anomaly == .causalReverse }.allSatisfy { Self.proves($0, events, reversed) }
      guard isSame else {
        Issue.record("history \(number): \(report) but \(reversed) \(unwritten)\n\(InvariantText.text(events))")
        return
      }
    }
    split.show("causal-reverse")
    #expect(split.isBalanced)
  }

  /// The first write ended before the second began, and the read has only the second.
  private static func proves(_ finding: InvariantReport.Finding, _ events: [Event], _ reversed: [Int]) -> Bool {
    guard finding.operations.count == 3 else { return false }
    let calls = TwinCall.all(in: events)
    let involved = finding.operations.compactMap { begin in calls.first { $0.begin == begin } }
    let seen = involved[2].output.list ?? []
    return involved[0].isOK && involved[0].end < involved[1].begin && !seen.contains(involved[0].input)
      && seen.contains(involved[1].input) && reversed.contains(involved[2].end)
  }

  static func history(_ maker: inout RandomWorkload) -> [Event] {
    var written: [Value] = []
    var next: Int64 = 0
    let calls = (0..<2 + maker.random.below(7)).map { _ in
      if next == 5 || maker.random.below(2) == 0 { return RandomWorkload.Call(function: "read", input: .null) }
      next += 1
      return RandomWorkload.Call(function: "write", input: .int(next))
    }
    var events = maker.events(calls) { call in
      if call.function == "read" { return .list(written) }
      written.append(call.input)
      return call.input
    }
    maker.tamper(&events, changesMax: 3) { value, random in
      var list = value.list ?? []
      if random.below(4) == 0 || list.isEmpty {
        list.append(.int(Int64(1 + random.below(6))))
      } else {
        list.remove(at: random.below(list.count))
      }
      return list.isEmpty && random.below(2) == 0 ? .null : .list(list)
    }
    return events
  }
}
