import Checkers
import Histories
import Testing

/// One history for each thing that the convergence checkers must tell apart, with the sentence that a reader gets.
@Suite struct ConvergenceCaseTests {
  /// The history of lines like `n2 1 ok local-read 5`, where the node may be `-`.
  static func history(_ text: String) throws -> History {
    var history = History()
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      var event = try InvariantText.history(parts[1])[0]
      event.node = parts[0] == "-" ? nil : parts[0]
      event.time = Int64(history.count) * 1_000_000
      history.append(event)
    }
    return history
  }

  static func finals(_ states: [String]) -> String {
    states.enumerated().map { "n\($0 + 1) 9 invoke local-read null\nn\($0 + 1) 9 ok local-read \($1)" }.joined(
      separator: "\n")
  }

  static func report(
    _ type: ReplicatedType, _ updates: String, _ states: [String], _ options: ConvergenceChecker.Options = .init()
  ) throws -> InvariantReport {
    try ConvergenceChecker.report(history(updates + "\n" + finals(states)), type, options)
  }

  // MARK: What others call valid

  private static let unknownIncrement = """
    - 0 invoke increment 5
    - 0 ok increment 5
    - 3 invoke increment 7
    - 3 info increment 7
    """

  /// Jepsen's counter checker asks of each read by itself whether it lies between what was acknowledged, 5, and what
  /// was attempted, 12: both reads do. But nothing is under way any more when the replicas are read, so that they
  /// should have come to the same answer, whichever it is.
  @Test func `two replicas that disagree inside the acceptable range of a counter`() throws {
    let report = try Self.report(.gCounter, Self.unknownIncrement, ["12", "5", "12"])
    #expect(report.verdict == .invalid)
    let finding = try #require(report.findings.first)
    #expect(finding.anomaly == .diverged)
    #expect(
      finding.summary
        == "replica n2 has 5, but n1 and n3 have 12: n2 misses as much as process 3's increment (event 2, 0.002 s) by 7"
    )
    #expect(finding.operations == [2, 6, 4, 8])
    #expect(finding.events == [2, 4, 5, 6, 7, 8, 9])
    for agreed in ["5", "12"] {
      #expect(try Self.report(.gCounter, Self.unknownIncrement, [agreed, agreed, agreed]).verdict == .valid)
    }
  }

  /// Sets of EDN and JSON readers, and checkers that build a set of what a read lists, lose the second copy before
  /// anybody looks at it. A set that holds an element twice is broken all the same: it will have to be removed twice.
  @Test func `a duplicated element in a set read`() throws {
    let updates = "- 0 invoke add 1\n- 0 ok add 1"
    let replicated = try Self.report(.gSet, updates, ["[1,1]", "[1]"])
    #expect(replicated.findings.map(\.anomaly) == [.duplicateElement])
    #expect(replicated.findings.first?.summary == "process 9's local-read (events 2–3, 0.003 s) lists 1 2 times")
    let single = try Self.history(updates + "\n- 1 invoke read null\n- 1 ok read [1,1]")
    for usesLastReadOnly in [false, true] {
      let report = try SetFullChecker.report(single, .init(usesLastReadOnly: usesLastReadOnly))
      #expect(report.verdict == .invalid)
      #expect(report.findings.map(\.anomaly) == [.duplicateElement])
    }
  }

  // MARK: Which reads are final

  @Test func `without the last state of every replica nothing is valid`() throws {
    let update = "- 0 invoke add 1\n- 0 ok add 1\n"
    func reason(_ text: String, _ options: ConvergenceChecker.Options = .init()) throws -> String? {
      let report = try ConvergenceChecker.report(Self.history(text), .gSet, options)
      #expect(report.verdict == .unknown, "\(text)")
      return report.reason
    }
    let one = Self.finals(["[1]"])
    #expect(
      try reason(update + "- 1 invoke read null\n- 1 ok read [1]")?.hasPrefix("no replica was read directly") == true)
    #expect(try reason(update + one)?.hasPrefix("only n1 was read directly") == true)
    let failed = update + Self.finals(["[1]", "[1]"]) + "\nn2 9 invoke local-read null\nn2 9 fail local-read null"
    #expect(try reason(failed)?.hasPrefix("there is no last read of n2") == true)
    let early = Self.finals(["[]", "[]"]) + "\n" + update
    #expect(try reason(early) == "no replica was read after the last update's end (event 5)")
    let open = "- 0 invoke add 1\n" + Self.finals(["[1]", "[1]"])
    #expect(try reason(open)?.hasPrefix("the update of event 0 never ended") == true)
    let settled = update + Self.finals(["[1]", "[1]"])
    #expect(
      try reason(settled, .init(quiescenceNanoseconds: 5_000_000))?.hasSuffix("and the time for it to settle") == true)
    #expect(try ConvergenceChecker.report(Self.history(settled), .gSet).verdict == .valid)
  }

  @Test func `reads before the last fault was healed are not final`() throws {
    var history = try Self.history("- 0 invoke add 1\n- 0 ok add 1\n" + Self.finals(["[1]", "[]"]))
    #expect(try ConvergenceChecker.report(history, .gSet).verdict == .invalid)
    history.append(Event(index: 0, time: 0, process: .nemesis, type: .info, function: "heal", value: .null))
    let report = try ConvergenceChecker.report(history, .gSet)
    #expect(report.verdict == .unknown)
    #expect(report.reason == "no replica was read after the nemesis's last event (event 6)")
  }

  /// One replica is enough to see that something acknowledged is gone.
  @Test func `a loss is certain even if another replica was not read`() throws {
    let report = try Self.report(.gSet, "- 0 invoke add 1\n- 0 ok add 1", ["[]"])
    #expect(report.findings.map(\.anomaly) == [.lostUpdate])
    #expect(report.findings.first?.summary == "replica n1 misses 1, which process 0's add (events 0–1, 0.001 s) added")
  }

  // MARK: Counters

  @Test func `a sum that no choice of outcomes makes`() throws {
    let updates = Self.unknownIncrement + "\n- 4 invoke decrement 2\n- 4 info decrement 2"
    for (value, verdict) in [("3", Verdict.valid), ("5", .valid), ("10", .valid), ("12", .valid), ("4", .invalid)] {
      #expect(try Self.report(.pnCounter, updates, [value, value]).verdict == verdict, "\(value)")
    }
    let report = try Self.report(.pnCounter, updates, ["4", "4"])
    #expect(report.findings.map(\.anomaly) == [.wrongMerge])
    #expect(
      report.findings.first?.summary
        == "replicas n1 and n2 have 4: what was acknowledged adds up to 5, and no choice of the 2 of "
        + "unknown outcome makes the rest, -1")
  }

  /// A range from 0 to 12 has 3 in it, but 5 and 7 do not add up to it, whichever of them the read had heard of.
  @Test func `a read in the range of a counter that no updates add up to`() throws {
    let updates = Self.unknownIncrement + "\n- 4 invoke read null\n- 4 ok read "
    for (value, verdict) in [("0", Verdict.valid), ("5", .valid), ("7", .valid), ("12", .valid), ("3", .invalid)] {
      #expect(try Self.report(.gCounter, updates + value, ["12", "12"]).verdict == verdict, "\(value)")
    }
    let report = try Self.report(.gCounter, updates + "3", ["12", "12"])
    #expect(report.findings.map(\.anomaly) == [.wrongMerge])
    #expect(
      report.findings.first?.summary
        == "process 4's read (events 4–5, 0.005 s) found 3, which no choice of the updates that had begun by then adds up to"
    )
  }

  /// Nobody knows which operation "x" is, but none of the two makes 3 of 5 and 7.
  @Test func `a read that names unknown operations shows a sum all the same`() throws {
    let updates = Self.unknownIncrement + "\n- 4 invoke read null\n- 4 ok read {\"value\":3,\"visible\":[\"x\"]}"
    #expect(try Self.report(.gCounter, updates, ["12", "12"]).findings.map(\.anomaly) == [.wrongMerge])
    let possible = updates.replacing("\"value\":3", with: "\"value\":7")
    #expect(try Self.report(.gCounter, possible, ["12", "12"]).verdict == .unknown)
  }

  /// Another replica may have taken it: that its process reads it is a guarantee to sessions, which nobody claimed.
  @Test func `a read need not show what its own process added`() throws {
    let updates = "- 0 invoke increment 5\n- 0 ok increment 5\n- 0 invoke read null\n- 0 ok read 0"
    #expect(try Self.report(.gCounter, updates, ["5", "5"]).verdict == .valid)
  }

  @Test func `sums of many large amounts are told apart within a budget only`() throws {
    func report(_ factor: Int) throws -> InvariantReport {
      let updates = (0..<30).map { "- \($0) invoke increment \(factor << $0)\n- \($0) ok increment null\n" }
      let all = "\(factor * ((1 << 30) - 1))"
      return try Self.report(
        .gCounter, updates.joined() + "- 40 invoke read null\n- 40 ok read 77", [all, all])
    }
    let dense = try report(1)
    #expect(dense.verdict == .valid && dense.statistic("reads-by-range") == 0)
    // 3 does not divide 77, but nobody looks at a thousand million sums.
    let sparse = try report(3)
    #expect(sparse.verdict == .valid && sparse.statistic("reads-by-range") == 3)
  }

  @Test func `a sum past the budget is unknown`() throws {
    let updates = (0..<50).map { "- \($0) invoke increment \(1_000_000_007 + 97 * $0 * $0)\n- \($0) info increment 0" }
    let report = try Self.report(.gCounter, updates.joined(separator: "\n"), ["20000001234", "20000001234"])
    #expect(report.verdict == .unknown)
    #expect(report.reason?.contains("takes more than the budget") == true)
  }

  // MARK: Sets

  /// n1 took the removal before it heard of the second addition.
  @Test func `a removal takes away what it has observed`() throws {
    let updates = """
      n1 0 invoke add 7
      n1 0 ok add {"value":7,"id":"a"}
      n2 1 invoke add 7
      n2 1 ok add {"value":7,"id":"b"}
      n1 0 invoke remove 7
      n1 0 ok remove {"value":7,"context":["a"]}
      """
    #expect(try Self.report(.orSet, updates, ["[7]", "[7]"]).verdict == .valid)
    #expect(try Self.report(.orSet, updates, ["[]", "[]"]).findings.map(\.anomaly) == [.lostUpdate])
    let both = updates.replacing("[\"a\"]", with: "[\"a\",\"b\"]")
    let report = try Self.report(.orSet, both, ["[7]", "[7]"])
    #expect(report.findings.map(\.anomaly) == [.resurrection])
    #expect(
      report.findings.first?.summary
        == "replicas n1 and n2 have 7 still, though process 0's remove (events 4–5, 0.005 s) took away "
        + "what process 0's add (events 0–1, 0.001 s) added, as every other addition")
  }

  /// Replicas that take updates by themselves need not have heard of an addition that ended long ago elsewhere, so that
  /// real time decides only where it is said to.
  @Test func `a removal that does not say what it observed decides nothing by itself`() throws {
    let updates = "n1 0 invoke add 7\nn1 0 ok add 7\nn2 0 invoke remove 7\nn2 0 ok remove 7"
    for state in ["[7]", "[]"] {
      let report = try Self.report(.orSet, updates, [state, state])
      #expect(report.verdict == .unknown)
      #expect(
        report.reason == "1 element was removed, and the removals do not say which additions they observed")
    }
    let isMajority = ConvergenceChecker.Options(observesAcknowledged: true)
    #expect(try Self.report(.orSet, updates, ["[7]", "[7]"], isMajority).findings.map(\.anomaly) == [.resurrection])
    #expect(try Self.report(.orSet, updates, ["[]", "[]"], isMajority).verdict == .valid)
    #expect(try Self.report(.twoPhaseSet, updates, ["[7]", "[7]"]).findings.map(\.anomaly) == [.resurrection])
  }

  @Test func `an element that only some replicas have`() throws {
    let updates = "- 3 invoke add 7\n- 3 ok add 7\n- 4 invoke remove 7\n- 4 info remove 7"
    let report = try Self.report(.twoPhaseSet, updates, ["[7]", "[]", "[7]"])
    #expect(report.findings.map(\.anomaly) == [.diverged])
    #expect(
      report.findings.first?.summary
        == "replica n2 misses 7, which n1 and n3 have: process 3's add (events 0–1, 0.001 s) is not in "
        + "n2, or process 4's remove (event 2, 0.002 s) is not in n1 and n3")
  }

  // MARK: Registers

  private static let timedWrites = """
    - 0 invoke write 1
    - 0 ok write {"value":1,"timestamp":[20,0,"a"]}
    - 1 invoke write 2
    - 1 ok write {"value":2,"timestamp":[20,0,"b"]}
    """

  @Test func `the greatest timestamp wins`() throws {
    #expect(try Self.report(.lwwRegister, Self.timedWrites, ["2", "2"]).verdict == .valid)
    let report = try Self.report(.lwwRegister, Self.timedWrites, ["1", "1"])
    #expect(report.findings.map(\.anomaly) == [.lostUpdate])
    #expect(
      report.findings.first?.summary
        == "replicas n1 and n2 have 1, but process 1's write (events 2–3, 0.003 s) of 2 has a greater timestamp, [20,0,\"b\"]"
    )
    let apart = try Self.report(.lwwRegister, Self.timedWrites, ["1", "2"])
    #expect(
      apart.findings.first?.summary
        == "replica n2 has 2, but n1 has 1: 2 is process 1's write (events 2–3, 0.003 s), 1 is process "
        + "0's write (events 0–1, 0.001 s)")
  }

  /// A replica that does not tell its timestamp agrees with both, but they do not agree.
  @Test func `one value with two timestamps is two states`() throws {
    let updates = """
      - 0 invoke write 1
      - 0 ok write {"value":1,"timestamp":1}
      - 1 invoke write 1
      - 1 ok write {"value":1,"timestamp":2}
      """
    let (early, late) = (#"{"value":1,"timestamp":1}"#, #"{"value":1,"timestamp":2}"#)
    #expect(try Self.report(.lwwRegister, updates, ["1", late, "1"]).verdict == .valid)
    for states in [["1", late, early], [late, "1", early], [late, early, "1"]] {
      #expect(try Self.report(.lwwRegister, updates, states).findings.map(\.anomaly) == [.diverged], "\(states)")
    }
  }

  @Test func `without timestamps the last write is known only where updates keep real time`() throws {
    let updates = "- 0 invoke write 1\n- 0 ok write 1\n- 1 invoke write 2\n- 1 ok write 2"
    for state in ["1", "2"] {
      #expect(try Self.report(.lwwRegister, updates, [state, state]).verdict == .unknown)
    }
    let isMajority = ConvergenceChecker.Options(observesAcknowledged: true)
    #expect(try Self.report(.lwwRegister, updates, ["1", "1"], isMajority).findings.map(\.anomaly) == [.lostUpdate])
    #expect(try Self.report(.lwwRegister, updates, ["2", "2"], isMajority).verdict == .valid)
    #expect(try Self.report(.lwwRegister, updates, ["null", "null"]).findings.map(\.anomaly) == [.lostUpdate])
  }

  @Test func `a register of many values keeps what nobody has observed`() throws {
    let updates = """
      - 0 invoke write 1
      - 0 ok write {"value":1,"context":[]}
      - 0 invoke write 2
      - 0 ok write {"value":2,"context":[1]}
      - 1 invoke write 3
      - 1 ok write {"value":3,"context":[1]}
      """
    let expected: [(String, [InvariantAnomaly])] = [
      ("[2,3]", []), ("[3,2]", []), ("[2]", [.lostUpdate]), ("[1,2,3]", [.falseConflict]),
      ("[]", [.lostUpdate, .lostUpdate]),
    ]
    for (state, anomalies) in expected {
      #expect(
        try Self.report(.mvRegister, updates, [state, "[2,3]"]).findings.count(where: { $0.anomaly == .diverged })
          == (anomalies.isEmpty ? 0 : max(1, state == "[]" ? 2 : 1)))
      #expect(try Self.report(.mvRegister, updates, [state, state]).findings.map(\.anomaly) == anomalies, "\(state)")
    }
  }

  // MARK: Names of operations

  /// The second addition is the one that no removal has observed.
  @Test func `the addition is named for which an element has to be there`() throws {
    let updates = #"""
      - 0 invoke add 7
      - 0 ok add {"value":7,"id":"a"}
      - 1 invoke remove 7
      - 1 ok remove {"value":7,"context":["a"]}
      - 2 invoke add 7
      - 2 ok add {"value":7,"id":"b"}
      """#
    let lost = try Self.report(.orSet, updates, ["[]", "[]"])
    #expect(lost.findings.map(\.anomaly) == [.lostUpdate])
    #expect(
      lost.findings.first?.summary == "replicas n1 and n2 all miss 7, which process 2's add (events 4–5, 0.005 s) added"
    )
    let apart = try Self.report(.orSet, updates, ["[7]", "[]"])
    #expect(apart.findings.first?.summary.contains("process 2's add (events 4–5, 0.005 s) is not in n2") == true)
  }

  // MARK: Visibility

  @Test func `a read shows what it says it has seen`() throws {
    let updates = """
      - 0 invoke increment 5
      - 0 ok increment {"value":5,"id":1}
      - 1 invoke read null
      - 1 ok read {"value":3,"visible":[1]}
      """
    let report = try Self.report(.gCounter, updates, ["5", "5"])
    #expect(report.findings.map(\.anomaly) == [.wrongVisibility])
    #expect(
      report.findings.first?.summary
        == "process 1's read (events 2–3, 0.003 s) shows 3, but what it has seen adds up to 5")
    let unknown = updates.replacing("[1]", with: "[2]")
    #expect(try Self.report(.gCounter, unknown, ["5", "5"]).findings.map(\.anomaly) == [.thinAirRead])
  }
}
