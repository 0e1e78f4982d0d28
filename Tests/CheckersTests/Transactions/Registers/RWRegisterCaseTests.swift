import Checkers
import Histories
import Testing

/// The smallest history of every anomaly on registers: what it is called, which levels it leaves and which it breaks.
@Suite struct RWRegisterCaseTests {
  typealias Case = IsolationCaseTests.Case

  static func write(_ key: String, _ value: Int64) -> Value { ["w", .string(key), .int(value)] }
  static func read(_ key: String, _ value: Value) -> Value { ["r", .string(key), value] }

  // MARK: Single transactions

  static let reads: [Case] = [
    Case(
      "G1a", at: "T1( T2( T1! T2)", [(0, [write("x", 1)]), (1, [read("x", 1)])],
      satisfied: [.pram, .writesFollowReads], broken: [.readCommitted]),
    Case(
      "dirty-update", at: "T1( T2( T1! T2)", [(0, [write("x", 1)]), (1, [read("x", 1), write("x", 2)])],
      satisfied: [.pram, .writesFollowReads], broken: [.readCommitted]),
    Case(
      "G1b", [(0, [write("x", 1), write("x", 2)]), (1, [read("x", 1)])],
      satisfied: [.pram, .writesFollowReads], broken: [.readCommitted]),
    Case(
      "internal", [(0, [write("x", 1), read("x", nil)])],
      satisfied: [.monotonicAtomicView, .cursorStability, .pram, .writesFollowReads], broken: [.readAtomic]),
    Case(
      "internal", [(0, [write("x", 1)]), (1, [read("x", nil), read("x", 1)])],
      satisfied: [.monotonicAtomicView, .cursorStability, .pram, .writesFollowReads], broken: [.readAtomic]),
    Case(
      "future-read", [(0, [read("x", 1), write("x", 1)])],
      satisfied: [.monotonicAtomicView, .cursorStability, .pram, .writesFollowReads], broken: [.readAtomic]),
    Case("garbage-read", [(0, [read("x", 9)])], satisfied: [], broken: [.readUncommitted]),
    Case(
      "fractured-read", [(0, [write("x", 1), write("y", 1)]), (1, [read("x", nil), read("y", 1)])],
      satisfied: [.monotonicAtomicView, .cursorStability, .pram, .writesFollowReads], broken: [.readAtomic]),
    // Whichever of the two came first, the reader saw a part of it without the rest.
    Case(
      "fractured-read",
      [(0, [write("x", 1), write("y", 1)]), (1, [write("x", 2), write("y", 2)]), (2, [read("x", 1), read("y", 2)])],
      satisfied: [.monotonicAtomicView, .cursorStability, .pram, .writesFollowReads], broken: [.readAtomic]),
    Case(
      "observed-transaction-vanishes", [(0, [write("x", 1), write("y", 1)]), (1, [read("y", 1), read("x", nil)])],
      satisfied: [.cursorStability, .pram, .writesFollowReads], broken: [.monotonicAtomicView]),
    Case(
      "lost-update", [(0, [read("x", nil), write("x", 1)]), (1, [read("x", nil), write("x", 2)])],
      satisfied: [.prefix, .causal], broken: [.cursorStability]),
  ]

  // MARK: Cycles

  static let cycles: [Case] = [
    Case(
      "G1c", [(0, [write("x", 1), read("y", 1)]), (1, [write("y", 1), read("x", 1)])],
      satisfied: [.pram], broken: [.readCommitted, .writesFollowReads]),
    Case(
      "G-single",
      [(0, [write("x", 1)]), (1, [read("x", 1), write("y", 1)]), (2, [read("x", nil), read("y", 1)])],
      satisfied: [.readAtomic, .cursorStability, .pram],
      broken: [.writesFollowReads, .prefix, .parallelSnapshotIsolation, .repeatableRead]),
    Case(
      "G-single-process", at: "T1( T1) T2( T2)", [(0, [write("x", 1)]), (0, [read("x", nil)])],
      satisfied: [.serializable, .monotonicReads, .monotonicWrites, .writesFollowReads], broken: [.readYourWrites]),
    Case(
      "G-single-realtime", at: "T1( T1) T2( T2)", [(0, [write("x", 1)]), (1, [read("x", nil)])],
      satisfied: [.strongSessionSerializable], broken: [.strongSnapshotIsolation]),
    Case(
      "G-nonadjacent",
      [
        (0, [write("x", 1)]), (1, [write("y", 1)]), (2, [read("x", 1), read("y", nil)]),
        (3, [read("x", nil), read("y", 1)]),
      ], satisfied: [.updateSerializable, .causal], broken: [.prefix, .repeatableRead]),
    Case(
      "G2-item",
      [(0, [read("x", nil), read("y", nil), write("x", 1)]), (1, [read("x", nil), read("y", nil), write("y", 1)])],
      satisfied: [.strongSnapshotIsolation], broken: [.repeatableRead, .updateSerializable]),
    // Two processes saw two writes in opposite orders: no dependency tells, only what each saw before.
    Case(
      "cyclic-versions-process", at: "T1( T2( T3( T3) T4( T4) T5( T5) T6( T6) T1) T2)",
      [
        (0, [write("x", 1)]), (1, [write("x", 2)]), (2, [read("x", 1)]), (2, [read("x", 2)]), (3, [read("x", 2)]),
        (3, [read("x", 1)]),
      ], satisfied: [.serializable, .readYourWrites, .monotonicWrites, .writesFollowReads], broken: [.monotonicReads]),
    Case(
      "cyclic-versions-realtime", at: "T1( T2( T3( T3) T4( T4) T5( T5) T1) T2)",
      [(0, [write("x", 1)]), (1, [write("x", 2)]), (2, [read("x", 1)]), (3, [read("x", 2)]), (4, [read("x", 1)])],
      satisfied: [.strongSessionSerializable], broken: [.strongSnapshotIsolation]),
  ]

  @Test(arguments: reads + cycles) func named(_ example: Case) throws {
    let report = try RWRegisterChecker().report(example.history)
    #expect(report.anomalies.contains { $0.name == example.name }, "\(report.anomalies.map(\.name))")
    #expect(Set(report.strongestSatisfied) == Set(example.satisfied), "\(report.strongestSatisfied)")
    #expect(Set(report.weakestBroken) == Set(example.broken), "\(report.weakestBroken)")
    #expect(!report.ladder.contains { $0.verdict == .unknown })
    #expect(try RegisterJudge(example.history).problem(with: report) == nil)
    let levels = try RegisterTwin(example.history).levels()
    let valid = report.ladder.filter { $0.verdict == .valid }
    #expect(Set(valid.map(\.level.rawValue)) == levels)
  }

  // MARK: What must not be refuted

  @Test func `crashed writers count once they are seen`() throws {
    let history = try ListHistory.parse(
      """
      0 invoke [["w","x",1]]
      0 info [["w","x",1]]
      1 invoke [["r","x",null],["w","x",2]]
      1 ok [["r","x",1],["w","x",2]]
      2 invoke [["w","x",3]]
      2 info [["w","x",3]]
      3 invoke [["r","x",null]]
      3 ok [["r","x",2]]
      """)
    let report = try RWRegisterChecker().report(history)
    #expect(report.strongestSatisfied == [.strictSerializable])
    #expect(report.committed == 3)
  }

  @Test func `real time of a key refutes no level without real time`() throws {
    let stale = try #require(Self.cycles.last).history
    for isOn in [true, false] {
      let report = try RWRegisterChecker(.init(inferences: .init(perProcess: isOn, realtime: isOn))).report(stale)
      #expect(report.strongestSatisfied == [.strongSessionSerializable])
      #expect(report.rung(.strictSerializable)?.verdict == .invalid)
    }
  }

  @Test func `without the initial state a read of nothing says nothing`() throws {
    let history = try ListHistory.parse(
      "0 invoke [[\"w\",0,1]]\n0 ok [[\"w\",0,1]]\n1 invoke [[\"r\",0,null]]\n1 ok [[\"r\",0,null]]")
    #expect(try RWRegisterChecker().report(history).rung(.strictSerializable)?.verdict == .invalid)
    let options = RWRegisterChecker.Options(inferences: .init(initialState: false))
    #expect(try RWRegisterChecker(options).report(history).strongestSatisfied == [.strictSerializable])
  }

  @Test func `without processes nothing is said of sessions and of time`() throws {
    let history = try ListHistory.parse(
      "0 invoke [[\"w\",0,1]]\n0 ok [[\"w\",0,1]]\n1 invoke [[\"r\",0,null]]\n1 ok [[\"r\",0,null]]")
    let report = try RWRegisterChecker(.init(hasProcesses: false)).report(history)
    #expect(report.rung(.serializable)?.verdict == .valid)
    for level in [IsolationLevel.causal, .strongSessionSerializable, .strictSerializable, .strongSnapshotIsolation] {
      #expect(report.rung(level)?.verdict == .unknown, "\(level)")
      #expect(report.rung(level)?.reason?.contains("which process") == true)
    }
  }

  @Test func `a budget of nothing decides only what takes no search`() throws {
    let history = try #require(Self.cycles.first { $0.name == "G-nonadjacent" }).history
    let report = try RWRegisterChecker(.init(budget: .init(secondsMax: 0))).report(history)
    #expect(report.rung(.readAtomic)?.verdict == .valid)
    #expect(report.rung(.updateSerializable)?.verdict == .unknown)
    #expect(report.rung(.updateSerializable)?.reason == "the time budget ran out")
    #expect(report.rung(.serializable)?.verdict == .invalid)
  }

  // MARK: Malformed

  static let malformed: [(text: String, index: Int, message: String)] = [
    ("0 invoke 7", 0, "a transaction is a list of micro-operations"),
    ("0 invoke [[\"append\",0,1]]", 0, "expected"),
    ("0 invoke [[\"w\",[0],1]]", 0, "scalar key"),
    ("0 invoke [[\"w\",0,null]]", 0, "writes null"),
    ("0 invoke [[\"w\",0,[1]]]", 0, "expected"),
    ("0 invoke [[\"r\",0,null]]\n0 ok [[\"r\",0,[1]]]", 1, "expected"),
    ("0 invoke [[\"w\",0,1]]\n0 ok [[\"w\",0,2]]", 1, "other micro-operations than its invocation"),
    (
      "0 invoke [[\"w\",0,1]]\n0 ok [[\"w\",0,1]]\n0 invoke [[\"w\",0,1]]\n0 ok [[\"w\",0,1]]\n"
        + "0 invoke [[\"r\",0,null]]\n0 ok [[\"r\",0,1]]", 4, "written twice (at events 0 and 2)"
    ),
  ]

  @Test(arguments: malformed.indices) func refused(_ number: Int) throws {
    let (text, index, message) = Self.malformed[number]
    let error = #expect(throws: MalformedHistory.self) { try RWRegisterChecker().report(ListHistory.parse(text)) }
    #expect(error?.index == index)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func `a value that is written twice and never read is no problem`() throws {
    let text = "0 invoke [[\"w\",0,1]]\n0 ok [[\"w\",0,1]]\n0 invoke [[\"w\",0,1]]\n0 ok [[\"w\",0,1]]"
    let report = try RWRegisterChecker().report(ListHistory.parse(text))
    #expect(report.strongestSatisfied == [.strictSerializable])
  }

  @Test func `values are any scalars`() throws {
    let text = """
      0 invoke [["w","x","a"],["w",true,1.5]]
      0 ok [["w","x","a"],["w",true,1.5]]
      1 invoke [["r",true,null],["r","x",null]]
      1 ok [["r",true,1.5],["r","x","a"]]
      """
    #expect(try RWRegisterChecker().report(ListHistory.parse(text)).strongestSatisfied == [.strictSerializable])
  }
}
