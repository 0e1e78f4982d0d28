import Checkers
import Histories
import Testing

/// Which anomalies a result lists where there are more than anybody reads.
@Suite struct AnomalyListTests {
  /// So many reads that contradict their own transactions, one by one, then a write skew, and a read of what failed.
  private static func crowd(_ count: Int) throws -> History {
    var lines: [String] = []
    for number in 0..<count {
      lines += [
        #"0 invoke [["append","i\#(number)",1],["r","i\#(number)",null]]"#,
        #"0 ok [["append","i\#(number)",1],["r","i\#(number)",[]]]"#,
      ]
    }
    lines += [
      #"1 invoke [["r","x",null],["append","y",1]]"#, #"2 invoke [["r","y",null],["append","x",1]]"#,
      #"1 ok [["r","x",[]],["append","y",1]]"#, #"2 ok [["r","y",[]],["append","x",1]]"#,
      #"3 invoke [["append","z",1]]"#, #"4 invoke [["r","z",null]]"#, #"3 fail [["append","z",1]]"#,
      #"4 ok [["r","z",[1]]]"#,
    ]
    return try ListHistory.parse(lines.joined(separator: "\n"))
  }

  private static func result(_ history: History, claim: IsolationLevel) throws -> CheckResult {
    try ListAppendChecker.report(history).result(claim: claim, of: history)
  }

  @Test(arguments: [IsolationLevel.strictSerializable, .repeatableRead, .readCommitted, .readUncommitted])
  func `many of one kind leave room for every other kind`(claim: IsolationLevel) throws {
    let result = try Self.result(Self.crowd(50), claim: claim)
    let evidence = try #require(result.isolation)
    #expect(evidence.anomalies.count == IsolationReport.anomaliesMax)
    #expect(Set(evidence.anomalies.map(\.name)) == ["internal", "G2-item", "G1a"])
    #expect(evidence.counts.first { $0.name == "internal" }?.count == 50)
    let more =
      "not all anomalies are listed, but some of each kind; in all there are 1 G1a, at least 1 G2-item, 50 internal"
    // The reason of what is broken; worth a notice where the claim holds.
    #expect((result.verdict == .invalid ? result.reason.map { [$0] } : result.notices) == [more])
    #expect(result.verdict == .valid || result.notices.isEmpty)
    // Whatever is broken has somebody to show for it, and what comes first breaks the claim.
    for rung in evidence.ladder { #expect((rung.verdict == .invalid) != rung.anomalies.isEmpty, "\(rung.level)") }
    let claimed = try #require(evidence.ladder.first { $0.level == claim.rawValue })
    #expect(claimed.verdict == .valid || claimed.anomalies.contains(0))
    #expect(result.findings.isEmpty == (claim == .readUncommitted))
  }

  @Test func `what fits is listed, and nothing is said of more`() throws {
    let result = try Self.result(Self.crowd(5), claim: .strictSerializable)
    let evidence = try #require(result.isolation)
    #expect(evidence.anomalies.map(\.name).sorted() == ["G1a", "G2-item"] + Array(repeating: "internal", count: 5))
    #expect(result.notices == [])
    #expect(evidence.unlisted == nil)
  }

  @Test func `an anomaly says which levels it is shown for`() throws {
    let result = try Self.result(Self.crowd(1), claim: .strictSerializable)
    let breaks = try #require(result.isolation).anomalies.map { [$0.name] + ($0.breaks ?? []) }
    #expect(
      Set(breaks) == [
        ["G1a", "read-committed"], ["internal", "read-atomic"], ["G2-item", "update-serializable", "repeatable-read"],
      ])
    #expect(result.findings.contains { $0.summary.hasSuffix("; breaks update-serializable, repeatable-read") })
    #expect(result.findings.contains { $0.summary.hasPrefix("G1a: key \"z\": a read shows 1") })
  }

  /// The shortest cycle of its class does not break prefix consistency, a longer one of the same class does.
  @Test func `two cycles of one name are told apart`() throws {
    // T1 and T2: a read missed an append whose transaction's other append it saw not either, by way of a write.
    let history = try ListHistory.parse(
      """
      0 invoke [["r","a",null],["append","b",1]]
      1 invoke [["append","a",1],["append","b",2]]
      2 invoke [["r","b",null]]
      0 ok [["r","a",[]],["append","b",1]]
      1 ok [["append","a",1],["append","b",2]]
      2 ok [["r","b",[2,1]]]
      3 invoke [["append","x",1]]
      4 invoke [["r","x",null],["append","y",1]]
      5 invoke [["r","x",null],["r","y",null]]
      3 ok [["append","x",1]]
      4 ok [["r","x",[1]],["append","y",1]]
      5 ok [["r","x",[]],["r","y",[1]]]
      """)
    let evidence = try #require(Self.result(history, claim: .strictSerializable).isolation)
    let single = evidence.anomalies.filter { $0.name == "G-single" }
    #expect(single.count == 2)
    #expect(single.contains { $0.breaks?.contains("prefix") == true })
    #expect(Set(single.map { $0.breaks ?? [] }).count == 2, "\(single.map(\.breaks))")
  }
}
