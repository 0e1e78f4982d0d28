import Checkers
import Generators
import Histories
import Testing

/// The G2 checker against all serial orders of the inserts, on small random histories.
@Suite struct InsertPairDifferentialTests {
  @Test func `inserts are refuted where no serial order explains them`() throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("invariants/adya-g2"))
    var split = InvariantSplit()
    for number in 0..<Soak.histories(slice: 3_000) {
      let isKeyed = number % 2 == 0
      let events = Self.history(&maker)
      let report = try InsertPairChecker.report(History(keyed: isKeyed, events))
      let verdict = Self.verdict(events)
      split.count(verdict)
      guard report.verdict == verdict, report.findings.allSatisfy({ Self.proves($0, events) }) else {
        Issue.record("history \(number): \(report) but \(verdict)\n\(InvariantText.text(events))")
        return
      }
    }
    split.show("adya-g2")
    #expect(split.isBalanced)
  }

  /// Some serial order in which each acknowledged insert of a key finds no row.
  private static func verdict(_ events: [Event]) -> Verdict {
    let inserts = TwinCall.all(in: events).filter { $0.isOK }
    if inserts.isEmpty { return .unknown }
    let isSerializable = Orders.exists(inserts.count) { order in
      var rows: Set<Value> = []
      return order.allSatisfy { rows.insert(inserts[$0].input.list?[0] ?? .null).inserted }
    }
    return isSerializable ? .valid : .invalid
  }

  private static func proves(_ finding: InvariantReport.Finding, _ events: [Event]) -> Bool {
    let calls = finding.operations.compactMap { begin in TwinCall.all(in: events).first { $0.begin == begin } }
    return calls.count == 2 && calls[0].begin != calls[1].begin
      && calls.allSatisfy { $0.isOK && $0.input.list?[0] == finding.key }
  }

  static func history(_ maker: inout RandomWorkload) -> [Event] {
    let isBroken = maker.random.below(3) != 0
    var rows: Set<Value> = []
    let calls = (0..<1 + maker.random.below(4)).map { number in
      let (key, id) = (Value.int(Int64(maker.random.below(3))), Value.int(Int64(number + 1)))
      return RandomWorkload.Call(
        function: "insert", input: [key, maker.random.below(2) == 0 ? [id, nil] : [nil, id]])
    }
    return maker.events(calls) { call in
      let isNew = rows.insert(call.input.list?[0] ?? .null).inserted
      guard isNew || isBroken else { return nil }
      return call.input
    }
  }
}
