import Checkers
import Histories
import Testing

/// A read of a bank is judged by the openings that may be in force when it is made.
@Suite struct BankOpeningTests {
  private static func report(_ text: String) throws -> InvariantReport {
    try BankChecker.report(InvariantText.history(text))
  }

  private static let twoOpenings = """
    0 invoke txn [["w",0,10],["w",1,10]]
    0 ok txn [["w",0,10],["w",1,10]]
    1 invoke read null
    1 ok read {"0":4,"1":16}
    0 invoke txn [["w",2,5],["w",3,5]]
    1 invoke read null
    1 ok read {"0":3,"1":17}
    2 invoke read null
    2 ok read {"2":3,"3":7}
    0 ok txn [["w",2,5],["w",3,5]]
    1 invoke read null
    1 ok read {"2":1,"3":9}
    """

  @Test func `each opening is in force until the next one`() throws {
    #expect(try Self.report(Self.twoOpenings).verdict == .valid)
    let late = try Self.report(Self.twoOpenings + "\n1 invoke read null\n1 ok read {\"0\":3,\"1\":17}")
    #expect(late.findings.map(\.anomaly) == [.unexpectedKey])
    #expect(late.findings.first?.operations == [12])
    #expect(late.findings.first?.summary.hasSuffix("those of the opening of the accounts (event 9)") == true)
    let early = try Self.report(Self.twoOpenings.replacing("{\"0\":4,\"1\":16}", with: "{\"2\":4,\"3\":6}"))
    #expect(early.findings.map(\.anomaly) == [.unexpectedKey])
    #expect(early.findings.first?.operations == [2])
  }

  /// One that nobody answered happened once or never, at any time since it was sent.
  @Test(arguments: ["\n0 info txn [[\"w\",0,10],[\"w\",1,10]]", ""])
  func `an opening of unknown outcome may be in force`(end: String) throws {
    func report(_ read: String) throws -> InvariantReport {
      try Self.report(
        "0 invoke txn [[\"w\",0,10],[\"w\",1,10]]\(end)\n"
          + """
          1 invoke txn [["w",2,5],["w",3,5]]
          1 ok txn [["w",2,5],["w",3,5]]
          2 invoke transfer {"from":0,"to":1,"amount":3}
          2 ok transfer {"from":0,"to":1,"amount":3}
          2 invoke read null
          2 ok read \(read)
          """)
    }
    #expect(try report(#"{"2":3,"3":7}"#).verdict == .valid)
    #expect(try report(#"{"0":3,"1":17}"#).verdict == .valid)
    #expect(try report(#"{"0":3,"1":7}"#).findings.map(\.anomaly) == [.unexpectedKey])
    #expect(try report(#"{"2":3,"3":17}"#).findings.map(\.anomaly) == [.wrongTotal])
  }

  @Test func `without the completion of an opening its reads still fit it`() throws {
    let lines = Self.twoOpenings.split(separator: "\n")
    for line in [1, 9] {
      var rest = lines
      rest.remove(at: line)
      let text = rest.joined(separator: "\n").replacing("\n0 invoke txn [[\"w\",2", with: "\n8 invoke txn [[\"w\",2")
        .replacing("0 ok txn [[\"w\",2", with: "8 ok txn [[\"w\",2")
      #expect(try Self.report(text).verdict == .valid, "\(text)")
    }
  }

  /// Before the first opening nothing is known of the bank, but that all reads see the same.
  @Test func `reads before the first opening agree with one another`() throws {
    func report(_ second: String, _ during: String) throws -> InvariantReport {
      try Self.report(
        """
        1 invoke read null
        1 ok read {"7":1}
        1 invoke read null
        1 ok read \(second)
        0 invoke txn [["w",0,10],["w",1,10]]
        1 invoke read null
        1 ok read \(during)
        0 ok txn [["w",0,10],["w",1,10]]
        1 invoke read null
        1 ok read {"0":0,"1":20}
        """)
    }
    for during in [#"{"7":1}"#, #"{"0":0,"1":20}"#] { #expect(try report(#"{"7":1}"#, during).verdict == .valid) }
    let changed = try report(#"{"7":2}"#, #"{"7":1}"#)
    #expect(changed.findings.map(\.anomaly) == [.wrongTotal])
    #expect(
      changed.findings.first?.summary.hasSuffix(
        "found 2 in all accounts together, not the 1 of the first read (event 1)") == true)
    #expect(try report(#"{"7":1}"#, #"{"0":1,"1":20}"#).findings.map(\.operations) == [[5]])
    #expect(try report(#"{"0":0,"1":20}"#, #"{"7":1}"#).findings.map(\.operations) == [[2]])
  }

  /// If nobody knows whether the accounts were opened, half a transfer that a later read sees is still one: the read
  /// before it saw the accounts opened, or is what all reads before the opening look like.
  @Test func `half a transfer after an opening of unknown outcome`() throws {
    let report = try Self.report(
      """
      0 invoke txn [["w",0,10],["w",1,10]]
      1 invoke read null
      1 ok read {"0":10,"1":10}
      1 invoke read null
      1 ok read {"0":7,"1":10}
      """)
    #expect(report.findings.map(\.anomaly) == [.wrongTotal])
    #expect(report.findings.first?.operations == [3])
  }

  @Test func `a transfer of accounts that no opening in force has`() throws {
    let transfer = "\n1 invoke transfer {\"from\":0,\"to\":1,\"amount\":1}\n1 ok transfer null"
    #expect(try Self.report(Self.twoOpenings + transfer).findings.map(\.anomaly) == [.unknownAccount])
    let unknown = Self.twoOpenings.replacing("0 ok txn [[\"w\",2,5],[\"w\",3,5]]", with: "0 info txn null")
    #expect(try Self.report(unknown + transfer).verdict == .valid)
    #expect(try Self.report(unknown + transfer.replacing("\"to\":1", with: "\"to\":9")).count(.unknownAccount) == 1)
  }
}
