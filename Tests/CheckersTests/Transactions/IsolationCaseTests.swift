import Checkers
import Histories
import Testing

/// The smallest history of every anomaly: what it is called, which levels it leaves and which it breaks.
@Suite struct IsolationCaseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// Event by event: `T1(` invokes, `T1)` completes, `T1!` fails, `T1?` has an unknown outcome. All at once if nil.
    var schedule: String?
    /// Process and micro-operations of each transaction.
    var transactions: [(Int, [Value])]
    /// The levels that the ladder ends at.
    var satisfied: [IsolationLevel]
    var broken: [IsolationLevel]

    init(
      _ name: String, at schedule: String? = nil, _ transactions: [(Int, [Value])], satisfied: [IsolationLevel],
      broken: [IsolationLevel]
    ) {
      (self.name, self.schedule, self.transactions) = (name, schedule, transactions)
      (self.satisfied, self.broken) = (satisfied, broken)
    }

    var testDescription: String { name }

    var history: History {
      let names = transactions.indices.map { "T\($0 + 1)" }
      let events = schedule ?? (names.map { $0 + "(" } + names.map { $0 + ")" }).joined(separator: " ")
      var history = History()
      for event in events.split(separator: " ") {
        guard let number = Int(event.dropFirst().dropLast()), let mark = event.last else { continue }
        let type = [Character("("): EventType.invoke, ")": .ok, "!": .fail, "?": .info][mark] ?? .invoke
        let (process, micro) = transactions[number - 1]
        let value = Value.list(type == .ok ? micro : micro.map(Self.invoked))
        history.append(
          Event(index: 0, time: 0, process: ProcessID(Int32(process)), type: type, function: "txn", value: value))
      }
      return history
    }

    private static func invoked(_ micro: Value) -> Value {
      guard let parts = micro.list, parts[0] == "r" else { return micro }
      return ["r", parts[1], nil]
    }
  }

  static func append(_ key: String, _ element: Int64) -> Value { ["append", .string(key), .int(element)] }
  static func read(_ key: String, _ list: Value) -> Value { ["r", .string(key), list] }

  // MARK: Single reads

  static let reads: [Case] = [
    Case(
      "G1a", at: "T1( T2( T1! T2)", [(0, [append("x", 1)]), (1, [read("x", [1])])],
      satisfied: [.writesFollowReads, .pram], broken: [.readCommitted]),
    Case(
      "G1b", [(0, [append("x", 1), append("x", 2)]), (1, [read("x", [1])])],
      satisfied: [.writesFollowReads, .pram], broken: [.readCommitted]),
    Case(
      "dirty-update", at: "T1( T2( T3( T1! T2) T3)",
      [(0, [append("x", 1)]), (1, [append("x", 2)]), (2, [read("x", [1, 2])])],
      satisfied: [.writesFollowReads, .pram], broken: [.readCommitted]),
    Case(
      "internal", [(0, [append("x", 1), read("x", [])])],
      satisfied: [.writesFollowReads, .pram, .monotonicAtomicView, .cursorStability], broken: [.readAtomic]),
    Case(
      "internal", [(0, [append("x", 1), append("x", 2)]), (1, [read("x", [2])])],
      satisfied: [.writesFollowReads, .pram, .monotonicAtomicView, .cursorStability], broken: [.readAtomic]),
    Case(
      "internal", [(0, [append("x", 1), append("x", 2)]), (1, [append("x", 3)]), (2, [read("x", [2, 1, 3])])],
      satisfied: [.writesFollowReads, .pram, .monotonicAtomicView, .cursorStability], broken: [.readAtomic]),
    Case(
      "future-read", [(0, [read("x", [1]), append("x", 1)])],
      satisfied: [.writesFollowReads, .pram, .monotonicAtomicView, .cursorStability], broken: [.readAtomic]),
    Case(
      "fractured-read", [(0, [append("x", 1), append("y", 1)]), (1, [read("x", []), read("y", [1])])],
      satisfied: [.writesFollowReads, .pram, .monotonicAtomicView, .cursorStability], broken: [.readAtomic]),
    Case(
      "observed-transaction-vanishes",
      [(0, [append("x", 1), append("y", 1)]), (1, [read("y", [1]), read("x", [])])],
      satisfied: [.writesFollowReads, .pram, .cursorStability], broken: [.monotonicAtomicView]),
    Case(
      "lost-update", [(0, [read("x", []), append("x", 1)]), (1, [read("x", []), append("x", 2)])],
      satisfied: [.prefix, .causal], broken: [.cursorStability]),
    Case(
      "duplicate-elements", [(0, [append("x", 1)]), (1, [read("x", [1, 1])])],
      satisfied: [], broken: [.readUncommitted]),
    Case(
      "incompatible-order",
      [(0, [append("x", 1)]), (1, [append("x", 2)]), (2, [read("x", [1])]), (3, [read("x", [2])])],
      satisfied: [], broken: [.readUncommitted]),
    Case("garbage-read", [(0, [read("x", [9])])], satisfied: [], broken: [.readUncommitted]),
  ]

  // MARK: Cycles of dependencies

  static let cycles: [Case] = [
    Case(
      "G0",
      [
        (0, [append("x", 1), append("y", 1)]), (1, [append("x", 2), append("y", 2)]),
        (2, [read("x", [1, 2]), read("y", [2, 1])]),
      ], satisfied: [], broken: [.readUncommitted]),
    Case(
      "G1c", [(0, [append("x", 1), read("y", [1])]), (1, [append("y", 1), read("x", [1])])],
      satisfied: [.pram], broken: [.writesFollowReads, .readCommitted]),
    Case(
      "G-single",
      [(0, [append("x", 1)]), (1, [read("x", [1]), append("y", 1)]), (2, [read("x", []), read("y", [1])])],
      satisfied: [.pram, .readAtomic, .cursorStability],
      broken: [.writesFollowReads, .repeatableRead, .parallelSnapshotIsolation, .prefix]),
    Case(
      "G-nonadjacent",
      [
        (0, [append("x", 1)]), (1, [append("y", 1)]), (2, [read("x", [1]), read("y", [])]),
        (3, [read("x", []), read("y", [1])]),
      ], satisfied: [.updateSerializable, .causal], broken: [.repeatableRead, .prefix]),
    Case(
      "G2-item", [(0, [read("x", []), append("y", 1)]), (1, [read("y", []), append("x", 1)])],
      satisfied: [.strongSnapshotIsolation], broken: [.repeatableRead, .updateSerializable]),
  ]

  // MARK: Cycles with the order of processes

  /// Everything in one process is in real time too, but no level below the strong-session ones asks for either.
  static let processes: [Case] = [
    Case(
      "G0-process", at: "T1( T3( T1) T2( T2) T3)",
      [(0, [append("x", 1)]), (0, [append("x", 2)]), (1, [read("x", [2, 1])])],
      satisfied: [.readYourWrites, .monotonicReads, .writesFollowReads, .serializable], broken: [.monotonicWrites]),
    Case(
      "G1c-process", at: "T1( T1) T2( T2)", [(0, [read("x", [1])]), (0, [append("x", 1)])],
      satisfied: [.pram, .serializable], broken: [.writesFollowReads]),
    Case(
      "G-single-process", at: "T1( T1) T2( T2)", [(0, [append("x", 1)]), (0, [read("x", [])])],
      satisfied: [.monotonicReads, .monotonicWrites, .writesFollowReads, .serializable], broken: [.readYourWrites]),
    Case(
      "G-nonadjacent-process", at: "T1( T3( T1) T3) T2( T4( T2) T4)",
      [(0, [append("x", 1)]), (0, [read("y", [])]), (1, [append("y", 1)]), (1, [read("x", [])])],
      satisfied: [.serializable, .causal], broken: [.strongSessionSnapshotIsolation]),
    Case(
      "G2-item-process", at: "T1( T2( T2) T3( T3) T1)",
      [(0, [read("x", []), append("y", 1)]), (1, [append("x", 1)]), (1, [read("y", [])])],
      satisfied: [.strongSnapshotIsolation, .serializable], broken: [.strongSessionSerializable]),
  ]

  // MARK: Guarantees to sessions

  static let sessions: [Case] = [
    // Two processes agree that there is nothing, one after it had read something.
    Case(
      "G-single-process", at: "T1( T2( T2) T1) T3( T3)",
      [(0, [append("x", 1)]), (1, [read("x", [1])]), (1, [read("x", [])])],
      satisfied: [.readYourWrites, .monotonicWrites, .writesFollowReads, .serializable], broken: [.monotonicReads]),
    // The second write of a process is seen without the first.
    Case(
      "G-single-process", at: "T1( T1) T2( T3( T2) T3)",
      [(0, [append("x", 1)]), (0, [append("y", 1)]), (1, [read("y", [1]), read("x", [])])],
      satisfied: [.readYourWrites, .monotonicReads, .writesFollowReads, .serializable], broken: [.monotonicWrites]),
    // An answer is seen without the question that its process had read.
    Case(
      "G-single-process", at: "T1( T2( T2) T1) T3( T4( T3) T4)",
      [
        (0, [append("x", 1)]), (1, [read("x", [1])]), (1, [append("y", 1)]), (2, [read("y", [1]), read("x", [])]),
      ], satisfied: [.pram, .serializable], broken: [.writesFollowReads]),
    // A process saw the second write of another, and later misses the first: all three guarantees together forbid it.
    Case(
      "G-single-process", at: "T1( T1) T2( T3( T2) T3) T4( T4)",
      [(0, [append("x", 1)]), (0, [append("y", 1)]), (1, [read("y", [1])]), (1, [read("x", [])])],
      satisfied: [.readYourWrites, .monotonicReads, .monotonicWrites, .writesFollowReads, .serializable],
      broken: [.pram]),
    // The own write is missed, and another one before it.
    Case(
      "missing-your-writes", at: "T1( T2( T1) T2) T3( T4( T3) T4)",
      [(0, [append("x", 1)]), (1, [append("x", 2)]), (1, [read("x", [])]), (2, [read("x", [1, 2])])],
      satisfied: [.monotonicReads, .monotonicWrites, .writesFollowReads, .serializable], broken: [.readYourWrites]),
    // What comes after an unanswered transaction of the process is another session.
    Case(
      "G-single", at: "T1( T1? T2( T2) T3( T3)",
      [
        (0, [append("x", 1), append("y", 1)]), (0, [read("x", [])]), (1, [read("x", [1]), read("y", [])]),
      ], satisfied: [.writesFollowReads, .pram, .cursorStability], broken: [.monotonicAtomicView]),
  ]

  // MARK: Cycles with real time

  static let realTime: [Case] = [
    Case(
      "G0-realtime", at: "T1( T3( T1) T2( T2) T3)",
      [(0, [append("x", 1)]), (1, [append("x", 2)]), (2, [read("x", [2, 1])])],
      satisfied: [.strongSessionSerializable], broken: [.strongSnapshotIsolation]),
    Case(
      "G1c-realtime", at: "T1( T1) T2( T2)", [(0, [read("x", [1])]), (1, [append("x", 1)])],
      satisfied: [.strongSessionSerializable], broken: [.strongSnapshotIsolation]),
    Case(
      "G-single-realtime", at: "T1( T1) T2( T2)", [(0, [append("x", 1)]), (1, [read("x", [])])],
      satisfied: [.strongSessionSerializable], broken: [.strongSnapshotIsolation]),
    Case(
      "G-nonadjacent-realtime", at: "T1( T2( T3( T3) T4( T4) T1) T2)",
      [
        (0, [append("x", 1)]), (1, [read("x", [1]), read("y", [])]), (2, [append("y", 1)]), (3, [read("x", [])]),
      ], satisfied: [.strongSessionSerializable], broken: [.strongSnapshotIsolation]),
    Case(
      "G2-item-realtime", at: "T1( T2( T2) T3( T3) T1)",
      [(0, [read("x", []), append("y", 1)]), (1, [append("x", 1)]), (2, [read("y", [])])],
      satisfied: [.strongSnapshotIsolation, .strongSessionSerializable], broken: [.strictSerializable]),
  ]

  // MARK: Where the checker once was wrong

  static let disagreements: [Case] = [
    // What a process saw was replaced twice before its next read: the version after the one read is not what it saw.
    Case(
      "G-single-process", at: "T1( T1) T2( T2) T3( T3) T4( T5( T4) T5)",
      [
        (1, [append("x", 1)]), (1, [append("x", 2)]), (0, [append("x", 3)]), (0, [read("x", [])]),
        (2, [read("x", [1, 2, 3])]),
      ], satisfied: [.monotonicReads, .monotonicWrites, .writesFollowReads, .serializable], broken: [.readYourWrites]),
    // A transaction of unknown outcome that was read may not have committed, as far as read uncommitted is concerned.
    Case(
      "G0", at: "T1( T2( T3( T1? T2) T3)",
      [
        (0, [append("x", 1), append("y", 1)]), (1, [append("x", 2), append("y", 2)]),
        (2, [read("x", [1, 2]), read("y", [2, 1])]),
      ], satisfied: [.readYourWrites, .monotonicReads], broken: [.monotonicWrites, .writesFollowReads, .readCommitted]),
    // A list in another order than its transaction appended it is no update that was lost.
    Case(
      "internal",
      [(0, [read("x", [9, 8, 2])]), (1, [read("x", [9]), append("x", 2)]), (2, [append("x", 8), append("x", 9)])],
      satisfied: [.writesFollowReads, .pram, .monotonicAtomicView, .cursorStability], broken: [.readAtomic]),
    // Whoever saw the last version of x was not the next to write it, in whichever order nobody saw.
    Case(
      "G-single",
      [(0, [read("x", []), append("x", 5), read("y", [7])]), (1, [append("x", 1), append("y", 7)])],
      satisfied: [.writesFollowReads, .pram, .monotonicAtomicView], broken: [.readAtomic, .cursorStability]),
    // The last append of a transaction is seen, of two keys, without the one before it: no new version, and no cycle.
    Case(
      "observed-transaction-vanishes",
      [(0, [append("x", 1), append("y", 1), append("x", 2)]), (1, [read("y", [1]), read("x", [2])])],
      satisfied: [.writesFollowReads, .pram, .cursorStability], broken: [.monotonicAtomicView]),
    Case(
      "observed-transaction-vanishes",
      [
        (0, [append("x", 1), append("y", 1), append("x", 2)]), (1, [read("y", [1]), read("x", [2])]),
        (2, [read("x", [2, 1])]),
      ], satisfied: [.writesFollowReads, .pram], broken: [.readCommitted]),
    // What a read does not show is of the version's own writer, or of one that failed: what nobody saw comes next.
    Case(
      "missing-your-writes", at: "T1( T2( T1) T2) T3( T3)",
      [(0, [append("x", 5)]), (1, [append("x", 1), append("x", 2), read("x", [1, 2])]), (0, [read("x", [1])])],
      satisfied: [.monotonicReads, .monotonicWrites, .writesFollowReads], broken: [.readYourWrites, .readCommitted]),
    Case(
      "missing-your-writes", at: "T1( T2( T1) T3( T2! T3) T4( T4)",
      [(0, [append("x", 5)]), (1, [append("x", 1)]), (2, [read("x", [1])]), (0, [read("x", [])])],
      satisfied: [.monotonicReads, .monotonicWrites, .writesFollowReads], broken: [.readYourWrites, .readCommitted]),
    // The version that was read, and the append that it misses, are of one transaction: no update was lost.
    Case(
      "internal", [(0, [append("x", 6), append("x", 7)]), (1, [read("x", [7]), append("x", 10)])],
      satisfied: [.writesFollowReads, .pram, .monotonicAtomicView, .cursorStability], broken: [.readAtomic]),
  ]

  @Test(arguments: reads + cycles + processes + sessions + realTime + disagreements) func smallest(_ example: Case)
    throws
  {
    let history = example.history
    let report = try ListAppendChecker.report(history)
    #expect(report.anomalies.map(\.name).contains(example.name), "\(report.anomalies)")
    #expect(report.strongestSatisfied == IsolationLevel.allCases.filter(example.satisfied.contains))
    #expect(report.weakestBroken == IsolationLevel.allCases.filter(example.broken.contains))
    #expect(try IsolationJudge(history).problem(with: report) == nil)
    let levels = try IsolationTwin(history).levels()
    for level in IsolationLevel.allCases {
      #expect((report.rung(level)?.verdict == .valid) == levels.contains(level.rawValue), "\(level.rawValue)")
    }
  }

  @Test func `a history without transactions, and one without faults, satisfy every level`() throws {
    let clean = Case("", [(0, [Self.append("x", 1)]), (1, [Self.read("x", [1])])], satisfied: [], broken: [])
    for history in [History(), clean.history] {
      let report = try ListAppendChecker.report(history)
      #expect(report.anomalies.isEmpty)
      #expect(report.strongestSatisfied == [.strictSerializable])
      #expect(report.weakestBroken.isEmpty)
    }
  }

  /// A file whose events name no process says nothing of sessions and of real time, so nothing is counted that needs them.
  @Test func `without orders there is nothing that needs them`() throws {
    let late = Case(
      "a read that misses what was there", at: "T1( T1) T2( T2) T3( T3)",
      [
        (0, [["append", "x", 1]]), (0, [["r", "x", .list([])]]), (1, [["r", "x", .list([1])]]),
      ], satisfied: [], broken: [])
    let report = try ListAppendChecker.report(late.history)
    #expect(report.rung(.serializable)?.verdict == .valid)
    #expect(report.rung(.strictSerializable)?.verdict == .invalid)
    #expect(report.rung(.readYourWrites)?.verdict == .invalid)
    let unordered = report.withoutOrders()
    #expect(unordered.anomalies.isEmpty && unordered.counts.isEmpty, "\(unordered)")
    #expect(unordered.ladder.allSatisfy { $0.witnesses.isEmpty && $0.verdict != .invalid })
  }
}
