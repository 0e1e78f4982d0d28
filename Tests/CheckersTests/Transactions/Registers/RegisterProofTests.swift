import Checkers
import Generators
import Histories
import Testing

/// What the exact search refutes is explained: by a circle whose orders of versions are derived one by one, or by cases.
@Suite struct RegisterProofTests {
  private static let names = ["G-single", "G-nonadjacent", "G2-item"].flatMap { name in
    ["", "-process", "-realtime"].map { name + $0 }
  }

  @Test func `a contradiction has a proof`() throws {
    let streams = RandomStreams(seed: 7)
    var maker = RegisterHistories(IsolationHistories(streams.stream("lists")), streams.stream("registers"))
    var (derived, cases) = (0, 0)
    for _ in 0..<Soak.histories(slice: 1_500, whole: 20_000) {
      let history = maker.next(transactionsMax: 7)
      // Without rules everything is left to the search.
      let options = RWRegisterChecker.Options(
        inferences: .init(writesFollowReads: false, perProcess: false, realtime: false))
      let report = try RWRegisterChecker(options).report(history)
      #expect(try RegisterJudge(history).problem(with: report) == nil)
      for anomaly in report.anomalies where Self.names.contains(anomaly.name) {
        let isExplained = !anomaly.steps.isEmpty || anomaly.summary.contains("there is the circle")
        #expect(isExplained, "\(anomaly.summary)\n\(ListHistory.text(history))")
        if anomaly.steps.isEmpty { cases += 1 } else if anomaly.summary.contains("else there is") { derived += 1 }
      }
    }
    print("registers: \(derived) proofs by derived orders, \(cases) by cases")
    #expect(derived > 0)
  }

  /// Two readers came to two writes of x by different ways, and each shows the other one than the way says.
  @Test func `orders that exclude each other are derived`() throws {
    let history = try ListHistory.parse(
      """
      0 invoke [["w","x",1]]
      1 invoke [["w","x",2]]
      2 invoke [["r","x",null],["w","y",1]]
      3 invoke [["r","x",null],["w","z",1]]
      4 invoke [["r","y",null],["r","x",null]]
      5 invoke [["r","z",null],["r","x",null]]
      0 ok [["w","x",1]]
      1 ok [["w","x",2]]
      2 ok [["r","x",1],["w","y",1]]
      3 ok [["r","x",2],["w","z",1]]
      4 ok [["r","y",1],["r","x",2]]
      5 ok [["r","z",1],["r","x",1]]
      """)
    let report = try RWRegisterChecker().report(history)
    #expect(report.rung(.serializable)?.verdict == .invalid)
    #expect(try RegisterJudge(history).problem(with: report) == nil)
    let witness = try #require(report.rung(.serializable)?.witnesses.first)
    let anomaly = report.anomalies[witness]
    let text = anomaly.summary + anomaly.steps.map(\.reason).joined(separator: "; ")
    #expect(text.contains("which read the latter") || text.contains("else there is the circle"), "\(text)")
  }
}
