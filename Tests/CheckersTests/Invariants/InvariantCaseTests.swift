import Checkers
import Histories
import Testing

/// One history for each thing that the invariant checkers must tell apart, with the sentence that a reader gets.
@Suite struct InvariantCaseTests {
  // MARK: bank

  private static let oddRead = """
    0 invoke read null
    0 ok read {"0":10,"1":10}
    1 invoke transfer {"from":0,"to":1,"amount":3}
    0 invoke read null
    0 ok read {"0":7,"1":10}
    1 info transfer {"from":0,"to":1,"amount":3}
    """

  @Test func `half a transfer is a wrong total`() throws {
    let report = try BankChecker.report(InvariantText.history(Self.oddRead))
    #expect(report.verdict == .invalid)
    let finding = try #require(report.findings.first)
    #expect(finding.anomaly == .wrongTotal)
    #expect(finding.operations == [3])
    #expect(finding.events == [3, 4])
    #expect(
      finding.summary == "process 0's read (events 3–4, 0.004 s) found 17 in all accounts together, not the 20 of the "
        + "first read (event 1)")
    #expect(report.statistic("total-smallest") == 17)
    #expect(report.statistic("transfers-unknown") == 1)
    #expect(report.result.findings.first?.fingerprint == "bank/wrong-total")
  }

  @Test func `the total can be given, by itself or by balances`() throws {
    let history = try InvariantText.history("0 invoke read null\n0 ok read {\"0\":10,\"1\":10}")
    func verdict(_ baseline: BankChecker.Baseline) throws -> Verdict {
      try BankChecker.report(history, BankChecker.Options(baseline: baseline)).verdict
    }
    #expect(try verdict(.total(20)) == .valid)
    #expect(try verdict(.total(21)) == .invalid)
    #expect(try verdict(.balances(["0": 15, "1": 5])) == .valid)
    #expect(try verdict(.balances(["0": 10, "2": 10])) == .invalid)
    #expect(try verdict(.balances(["0": 10, "1": 5])) == .invalid)
  }

  @Test func `a baseline is a total, a map or a list`() {
    #expect(BankChecker.Baseline(20) == .total(20))
    #expect(BankChecker.Baseline(["a": 1, "b": -2]) == .balances(["a": 1, "b": -2]))
    #expect(BankChecker.Baseline([3, 4]) == .balances(["0": 3, "1": 4]))
    for wrong: Value in [nil, "20", [1, "2"], ["a": nil], .double(2.5)] { #expect(BankChecker.Baseline(wrong) == nil) }
  }

  /// 2^63 - 1 twice is more than an integer of 64 bits holds, and is a sum like any other.
  @Test func `totals do not overflow`() throws {
    let text = "0 invoke read null\n0 ok read [9223372036854775807,9223372036854775807]"
    let report = try BankChecker.report(InvariantText.history(text))
    #expect(report.verdict == .valid)
    #expect(report.statistic("total") == "18446744073709551614")
  }

  @Test func `an empty account may be left out where that is allowed`() throws {
    let text = "0 invoke read null\n0 ok read {\"0\":0,\"1\":5}\n0 invoke read null\n0 ok read {\"1\":5}"
    let history = try InvariantText.history(text)
    #expect(try BankChecker.report(history).findings.map(\.anomaly) == [.missingKey])
    #expect(try BankChecker.report(history, .init(allowsMissingAccounts: true)).verdict == .valid)
  }

  @Test func `the accounts that were opened are the ones that count`() throws {
    func report(_ opening: String, _ read: String) throws -> InvariantReport {
      try BankChecker.report(
        InvariantText.history(
          """
          0 invoke txn [["w",0,10],["w",1,10]]
          0 fail txn [["w",0,10],["w",1,10]]
          1 invoke txn \(opening)
          1 ok txn \(opening)
          1 invoke read [2,3]
          1 ok read \(read)
          """))
    }
    let opening = #"[["w",2,10],["w",3,10]]"#
    #expect(try report(opening, #"{"2":4,"3":16}"#).verdict == .valid)
    let wrong = try report(opening, #"{"2":4,"3":10}"#)
    #expect(wrong.findings.map(\.anomaly) == [.wrongTotal])
    #expect(wrong.findings[0].summary.hasSuffix("not the 20 of the opening of the accounts (event 3)"))
    #expect(try report(opening, #"{"0":10,"1":10}"#).findings.map(\.anomaly) == [.unexpectedKey])
    for bad in ["[]", #"[["w",2,10],["w",2,10]]"#, #"[["r",2,null]]"#, #"[["w",2,"x"]]"#, "3"] {
      let error = #expect(throws: MalformedHistory.self) { try report(bad, "null") }
      #expect(error?.index == 2 && error?.message.contains("opens accounts") == true)
    }
  }

  // MARK: long fork

  @Test func `two reads that saw two writes in opposite orders fork`() throws {
    let report = try LongForkChecker.report(
      InvariantText.history(
        """
        0 invoke txn [["w","x",1]]
        1 invoke txn [["w","y",1]]
        2 invoke txn [["r","x",null],["r","y",null]]
        3 invoke txn [["r","y",null],["r","x",null]]
        0 ok txn [["w","x",1]]
        1 info txn [["w","y",1]]
        2 ok txn [["r","x",1],["r","y",null]]
        3 ok txn [["r","y",1],["r","x",null]]
        """))
    #expect(report.verdict == .invalid)
    let fork = try #require(report.findings.first)
    #expect(fork.anomaly == .longFork)
    #expect(fork.operations == [2, 3, 0, 1])
    #expect(fork.events == [0, 1, 2, 3, 6, 7])
    #expect(fork.summary.contains("saw the write of key \"x\" but not that of key \"y\""))
  }

  @Test func `more keys than fit into one word of bits`() throws {
    func reads(_ isSeen: (Int) -> Bool) -> String {
      "[" + (0..<100).map { "[\"r\",\($0),\(isSeen($0) ? "1" : "null")]" }.joined(separator: ",") + "]"
    }
    let writes = (0..<100).map { "\($0) invoke txn [[\"w\",\($0),1]]" }.joined(separator: "\n")
    func verdict(_ states: [String]) throws -> Verdict {
      let text = states.map { "200 invoke txn \(reads { _ in false })\n200 ok txn \($0)" }.joined(separator: "\n")
      return try LongForkChecker.report(InvariantText.history(writes + "\n" + text)).verdict
    }
    #expect(try verdict([reads { $0 < 99 }, reads { $0 < 3 }, reads { $0 < 80 }]) == .valid)
    #expect(try verdict([reads { $0 < 99 }, reads { $0 < 3 }, reads { $0 > 98 }]) == .invalid)
    #expect(try verdict([reads { $0 < 70 }, reads { $0 < 80 && $0 != 69 }]) == .invalid)
  }

  @Test func `what cannot be compared is unknown, with the reason`() throws {
    let rewritten = try LongForkChecker.report(
      InvariantText.history(
        """
        0 invoke txn [["w",1,1]]
        1 invoke txn [["w",1,2]]
        2 invoke txn [["r",1,null],["r",2,null]]
        2 ok txn [["r",1,1],["r",2,null]]
        """))
    #expect(rewritten.verdict == .unknown)
    #expect(rewritten.reason == "key 1 is written twice (events 0 and 1): its versions have no known order")
    let overlap = try LongForkChecker.report(
      InvariantText.history(
        """
        2 invoke txn [["r",1,null],["r",2,null]]
        2 ok txn [["r",1,null],["r",2,null]]
        2 invoke txn [["r",2,null],["r",3,null]]
        2 ok txn [["r",2,null],["r",3,null]]
        """))
    #expect(overlap.verdict == .unknown)
    #expect(overlap.reason?.hasPrefix("the reads of events 1 and 3 share keys") == true)
  }

  // MARK: causal reverse

  @Test func `a read that has a write but not what was acknowledged before it`() throws {
    let history = try InvariantText.history(
      """
      0 invoke write 1
      0 ok write 1
      1 invoke write 2
      2 invoke read null
      2 ok read [2]
      """)
    let report = try CausalReverseChecker.report(history)
    #expect(report.findings.map(\.anomaly) == [.causalReverse])
    #expect(report.findings.first?.operations == [0, 2, 3])
    #expect(
      report.findings.first?.summary == "process 2's read (events 3–4, 0.004 s) saw 2 but not 1: process 0's write "
        + "(events 0–1, 0.001 s) ended before process 1's write (event 2, 0.002 s) began")
  }

  /// Sentences use the word of the operation.
  @Test func `a value that nobody wrote`() throws {
    let history = try InvariantText.history(
      """
      0 invoke read null
      0 ok read [2,3,4]
      1 invoke write 3
      2 invoke write 4
      2 fail write 4
      2 invoke read null
      2 ok read [4]
      """)
    let report = try CausalReverseChecker.report(history)
    let sentences = report.findings.map(\.summary)
    #expect(sentences.contains { $0.hasSuffix("saw 2, which nobody wrote") }, "\(sentences)")
    #expect(sentences.contains { $0.contains("saw 3, which nobody had begun to write: ") }, "\(sentences)")
    #expect(
      sentences.contains { $0.contains("saw 4, which only ") && $0.contains(" tried to write, ") }, "\(sentences)")
    #expect(!sentences.contains { $0.contains("add") }, "\(sentences)")
    let set = try SetFullChecker.report(InvariantText.history("0 invoke read null\n0 ok read [2]"))
    #expect(set.findings.map(\.summary) == ["process 0's read (events 0–1, 0.001 s) saw 2, which nobody added"])
  }

  /// A value that is listed twice stands for one write only.
  @Test func `a doubled value does not hide a missing one`() throws {
    let history = try InvariantText.history(
      """
      0 invoke write 1
      0 ok write 1
      0 invoke write 2
      0 ok write 2
      0 invoke write 3
      0 ok write 3
      2 invoke read null
      2 ok read [1,1,3]
      """)
    #expect(try CausalReverseChecker.report(history).count(.causalReverse) == 1)
  }

  @Test func `keys are decided apart`() throws {
    let text = """
      0 invoke write [7,1]
      0 ok write [7,1]
      0 invoke write [8,2]
      0 ok write [8,2]
      0 invoke read [8,null]
      0 ok read [8,[2]]
      0 invoke write [7,3]
      0 info write [7,3]
      1 invoke read [7,null]
      1 ok read [7,[3]]
      """
    let report = try CausalReverseChecker.report(InvariantText.history(text, keyed: true))
    #expect(report.findings.map(\.key) == [7])
    #expect(report.findings.first?.summary.hasPrefix("key 7: process 1's read") == true)
    #expect(report.statistic("objects") == 2)
  }

  // MARK: set-full

  @Test func `an element that was acknowledged and never seen is lost`() throws {
    let text = """
      0 invoke add 1
      0 ok add 1
      0 invoke add 2
      0 ok add 2
      1 invoke read null
      1 ok read [2]
      """
    let report = try SetFullChecker.report(InvariantText.history(text))
    #expect(report.verdict == .invalid)
    #expect(report.findings.map(\.anomaly) == [.lostElement])
    #expect(
      report.findings.first?.summary == "1 was acknowledged (event 1) and was never seen; process 1's read "
        + "(events 4–5, 0.005 s), the last one, misses it")
  }

  private static let lateElement = """
    0 invoke add 1
    0 ok add 1
    1 invoke read null
    1 ok read []
    1 invoke read null
    1 ok read [1]
    """

  @Test func `an element that comes late breaks only the linearizable claim`() throws {
    let history = try InvariantText.history(Self.lateElement)
    let relaxed = try SetFullChecker.report(history)
    #expect(relaxed.verdict == .valid)
    #expect(relaxed.observations.map(\.anomaly) == [.staleRead])
    #expect(relaxed.statistic("stable-latency-ns-max") == 1_000_000)
    let strict = try SetFullChecker.report(history, SetFullChecker.Options(isLinearizable: true))
    #expect(strict.verdict == .invalid)
    #expect(
      strict.findings.first?.summary
        == "1 was acknowledged (event 1), but process 1's read (events 2–3, 0.003 s), which "
        + "began 0.001 s later, misses it")
  }

  /// The read of process 2 began before that of process 1, but may have looked later.
  @Test func `an element is not lost while a read is under way that has it`() throws {
    let text = """
      0 invoke add 1
      0 ok add 1
      2 invoke read null
      1 invoke read null
      1 ok read []
      2 ok read [1]
      """
    let report = try SetFullChecker.report(InvariantText.history(text))
    #expect(report.verdict == .valid)
    #expect(report.statistic("stale") == 1)
  }

  @Test func `an unknown addition that nobody sees is no loss, one that is seen must stay`() throws {
    let unseen = "0 invoke add 1\n0 info add 1\n1 invoke add 2\n1 ok add 2\n1 invoke read null\n1 ok read [2]"
    #expect(try SetFullChecker.report(InvariantText.history(unseen)).verdict == .valid)
    let seen = "0 invoke add 1\n1 invoke read null\n1 ok read [1]\n1 invoke read null\n1 ok read []"
    let report = try SetFullChecker.report(InvariantText.history(seen))
    #expect(report.findings.map(\.anomaly) == [.lostElement])
    #expect(report.statistic("recovered") == 1)
  }

  /// Of fifty stale elements the eight that were missed longest are shown, longest first, and all are counted.
  @Test func `the worst stale elements are shown`() throws {
    let adds = (0..<50).map { "0 invoke add \($0)\n0 ok add \($0)" }.joined(separator: "\n")
    let all = (0..<50).map { "\($0)" }.joined(separator: ",")
    let text = adds + "\n1 invoke read null\n1 ok read []\n1 invoke read null\n1 ok read [\(all)]"
    let report = try SetFullChecker.report(InvariantText.history(text), .init(isLinearizable: true))
    #expect(report.count(.staleRead) == 50)
    #expect(report.findings.count == InvariantReport.findingsPerAnomalyMax)
    #expect(report.findings.map { $0.operations[0] } == (0..<8).map { 2 * $0 })
    #expect(report.statistic("stable-latency-ns-max") == 99_000_000)
    #expect(report.statistic("stable-latency-ns-p50") == 49_000_000)
  }

  /// As Jepsen writes them: sets and keywords of EDN.
  @Test func `a set that is read as a set`() throws {
    let text = """
      {:process 0 :type :invoke :f :add :value :a}
      {:process 0 :type :ok :f :add :value :a}
      {:process 1 :type :invoke :f :read :value nil}
      {:process 1 :type :ok :f :read :value #{:a}}
      """
    let history = try HistoryReader(format: .edn).read(Array(text.utf8)).history
    let report = try SetFullChecker.report(history, SetFullChecker.Options(isLinearizable: true))
    #expect(report.verdict == .valid)
    #expect(report.statistic("stable") == 1)
  }

  // MARK: G2

  @Test func `two inserts that each rule the other out`() throws {
    let text = """
      0 invoke insert [5,[1,null]]
      1 invoke insert [5,[null,2]]
      0 ok insert [5,[1,null]]
      1 ok insert [5,[null,2]]
      """
    for keyed in [false, true] {
      let report = try InsertPairChecker.report(InvariantText.history(text, keyed: keyed))
      #expect(report.findings.map(\.anomaly) == [.doubleInsert])
      #expect(report.findings.first?.key == 5)
      #expect(report.findings.first?.operations == [0, 1])
    }
    let unknown = text.replacing("1 ok", with: "1 info")
    #expect(try InsertPairChecker.report(InvariantText.history(unknown)).verdict == .valid)
  }

  @Test func `nothing seen, nothing known`() throws {
    let add = try InvariantText.history("0 invoke add 1\n0 ok add 1")
    #expect(try SetFullChecker.report(add).reason == "no read completed: nobody saw the set")
    let write = try InvariantText.history("0 invoke write 1\n0 ok write 1")
    #expect(try CausalReverseChecker.report(write).verdict == .unknown)
    let transfer = try InvariantText.history("0 invoke transfer {\"from\":0,\"to\":1,\"amount\":3}")
    #expect(try BankChecker.report(transfer).verdict == .unknown)
    for empty in [History(), History(keyed: true)] {
      #expect(try LongForkChecker.report(empty).verdict == .unknown)
      #expect(try InsertPairChecker.report(empty).verdict == .unknown)
    }
  }
}
