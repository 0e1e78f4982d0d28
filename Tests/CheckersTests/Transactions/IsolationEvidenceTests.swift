import Checkers
import Histories
import Testing

/// What the result of a check says of the levels of a history, beside its verdict.
@Suite struct IsolationEvidenceTests {
  private static func evidence(_ lines: String, claim: IsolationLevel = .strictSerializable) throws -> IsolationEvidence
  {
    let history = try ListHistory.parse(lines)
    return try #require(ListAppendChecker.report(history).result(claim: claim, of: history).isolation)
  }

  /// The order of what nobody saw is not known, but in either one an update is lost: nothing is a G2-item there.
  @Test(arguments: [2, 3, 5]) func `updates of one version that nobody saw are lost, and nothing else`(count: Int)
    throws
  {
    let lines =
      (0..<count).map { #"\#($0) invoke [["r","x",null],["append","x",\#($0)]]"# }
      + (0..<count).map { #"\#($0) ok [["r","x",null],["append","x",\#($0)]]"# }
    let evidence = try Self.evidence(lines.joined(separator: "\n"))
    #expect(Set(evidence.anomalies.map(\.name)) == ["lost-update"])
    #expect(evidence.weakestBroken == ["cursor-stability"])
    #expect(evidence.counts.map(\.name) == ["lost-update"])
    #expect(
      evidence.anomalies[0].summary
        == #"key "x": two transactions read [] and then both appended to it, each without the other's append"#)
    #expect(evidence.anomalies[0].transactions.allSatisfy { $0.operations[0] == #"r "x" → []"# })
  }

  /// Each lost update has one beside it that is a write skew as well.
  @Test func `a write skew beside a lost update is named`() throws {
    let evidence = try Self.evidence(
      """
      0 invoke [["r","x",null],["append","x",1]]
      1 invoke [["r","x",null],["append","x",2]]
      2 invoke [["r","y",null],["append","z",1]]
      3 invoke [["r","z",null],["append","y",1]]
      0 ok [["r","x",[]],["append","x",1]]
      1 ok [["r","x",[]],["append","x",2]]
      2 ok [["r","y",[]],["append","z",1]]
      3 ok [["r","z",[]],["append","y",1]]
      """)
    #expect(Set(evidence.anomalies.map(\.name)) == ["lost-update", "G2-item"])
    let skew = try #require(evidence.anomalies.first { $0.name == "G2-item" })
    #expect(Set(skew.transactions.map(\.index)) == [2, 3])
    #expect(skew.breaks == ["update-serializable", "repeatable-read"])
  }

  /// Whoever read the last version has to be the next to write two keys, each before the other.
  @Test func `no order of what nobody saw may be without a lost update`() throws {
    let evidence = try Self.evidence(
      """
      0 invoke [["r","x",null],["append","x",1],["append","y",2]]
      1 invoke [["r","y",null],["append","y",3],["append","x",4]]
      0 ok [["r","x",[]],["append","x",1],["append","y",2]]
      1 ok [["r","y",[]],["append","y",3],["append","x",4]]
      """)
    let stability = try #require(evidence.ladder.first { $0.level == "cursor-stability" })
    #expect(stability.verdict == .invalid)
    #expect(stability.anomalies.map { evidence.anomalies[$0].name } == ["lost-update"])
  }

  @Test func `two answers of one key in one transaction are one anomaly`() throws {
    let evidence = try Self.evidence(
      """
      0 invoke [["append","x",1]]
      1 invoke [["r","x",null],["r","x",null]]
      0 ok [["append","x",1]]
      1 ok [["r","x",[]],["r","x",[1]]]
      """, claim: .readAtomic)
    #expect(evidence.anomalies.filter { $0.breaks?.contains("read-atomic") == true }.map(\.name) == ["internal"])
  }

  @Test func `what is left out of a list is no element`() throws {
    let list = (1...13).map(String.init).joined(separator: ",")
    let evidence = try Self.evidence(
      """
      0 invoke [["r","x",null]]
      0 ok [["r","x",[\(list)]]]
      """)
    #expect(evidence.anomalies[0].transactions[0].operations == [#"r "x" → [1, 2, 3, 4, …(5 more)…, 10, 11, 12, 13]"#])
  }

  @Test(arguments: ["0 invoke [[\"append\",\"x\",1]]", "0 invoke [[\"r\",\"x\",null]]\n0 info [[\"r\",\"x\",null]]"])
  func `where nothing was answered every level is unknown`(lines: String) throws {
    let history = try ListHistory.parse(lines)
    let result = try ListAppendChecker.report(history).result(claim: .serializable, of: history)
    #expect(result.verdict == .unknown)
    let evidence = try #require(result.isolation)
    #expect(evidence.ladder.map(\.level) == IsolationLevel.allCases.map(\.rawValue))
    #expect(evidence.ladder.allSatisfy { $0.verdict == .unknown && $0.reason == result.reason })
    #expect(evidence.strongestSatisfied == [] && evidence.weakestBroken == [] && evidence.committed == 0)
  }
}
