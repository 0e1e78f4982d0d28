import Checkers
import Histories
import Testing

/// Histories whose verdict a person can see, and what is said of them.
@Suite struct RegisterCaseTests {
  /// One event: process, type, function, value.
  typealias Line = (process: Int, type: EventType, f: String, value: Value)

  static func history(_ lines: [Line], keyed: Bool = false) -> History {
    History(
      keyed: keyed,
      lines.enumerated().map { index, line in
        Event(
          index: index, time: Int64(index) * 1000, process: ProcessID(Int32(line.process)), type: line.type,
          function: line.f, value: line.value, node: "n\(line.process + 1)")
      })
  }

  private func verdict(_ lines: [Line], initial: Value = .null) -> Verdict {
    LinearizabilityChecker.check(Self.history(lines), model: CASRegister(initial: initial)).verdict
  }

  @Test func emptyHistoryIsValid() { #expect(verdict([]) == .valid) }

  @Test func readOfNullIsAnObservation() {
    #expect(verdict([(0, .invoke, "read", .null), (0, .ok, "read", .null)]) == .valid)
    #expect(verdict([(0, .invoke, "read", .null), (0, .ok, "read", .null)], initial: 0) == .invalid)
  }

  @Test func failedOperationsConstrainNothing() {
    let failed: [Line] = [
      (0, .invoke, "write", 1), (0, .ok, "write", 1), (1, .invoke, "cas", [1, 2]), (1, .fail, "cas", [1, 2]),
    ]
    #expect(verdict(failed + [(2, .invoke, "read", .null), (2, .ok, "read", 1)]) == .valid)
    #expect(verdict(failed + [(2, .invoke, "read", .null), (2, .ok, "read", 2)]) == .invalid)
  }

  @Test func crashedOperationsMayHappenAtAnyLaterTime() {
    let crashed: [Line] = [
      (0, .invoke, "write", 1), (0, .ok, "write", 1), (1, .invoke, "cas", [1, 2]), (1, .info, "cas", [1, 2]),
    ]
    #expect(verdict(crashed + [(2, .invoke, "read", .null), (2, .ok, "read", 2)]) == .valid)
    // Once only.
    let again: [Line] = [
      (2, .invoke, "read", .null), (2, .ok, "read", 2), (2, .invoke, "write", 1), (2, .ok, "write", 1),
      (2, .invoke, "read", .null), (2, .ok, "read", 2),
    ]
    #expect(verdict(crashed + again) == .invalid)
  }

  @Test func crashedWriteNeverHappensBeforeItsInvocation() {
    #expect(
      verdict([
        (0, .invoke, "read", .null), (0, .ok, "read", 1), (1, .invoke, "write", 1), (1, .info, "write", 1),
      ]) == .invalid)
  }

  /// The write that returns first has happened unseen, and would change nothing: the other must be tried all the same.
  @Test func `a write that changes nothing makes room for a compare-and-set`() {
    #expect(
      verdict([
        (1, .invoke, "cas", [1, 2]), (0, .invoke, "write", 1), (2, .invoke, "write", 1), (0, .ok, "write", 1),
        (0, .invoke, "write", 1), (1, .ok, "cas", [1, 2]), (2, .ok, "write", 1), (0, .ok, "write", 1),
        (3, .invoke, "read", .null), (3, .ok, "read", 2),
      ]) == .valid)
  }

  @Test func chainOfCrashedCompareAndSets() {
    var lines: [Line] = [(0, .invoke, "write", 0), (0, .ok, "write", 0)]
    for step in 0..<6 {
      lines += [
        (10 + step, .invoke, "cas", [.int(Int64(step)), .int(Int64(step + 1))]),
        (10 + step, .info, "cas", [.int(Int64(step)), .int(Int64(step + 1))]),
      ]
    }
    #expect(verdict(lines + [(1, .invoke, "read", .null), (1, .ok, "read", 6)]) == .valid)
    #expect(verdict(lines + [(1, .invoke, "read", .null), (1, .ok, "read", 7)]) == .invalid)
  }

  @Test func staleReadIsNamedAndExplained() throws {
    let lines: [Line] = [
      (0, .invoke, "write", 1), (0, .ok, "write", 1), (2, .invoke, "write", 3), (2, .ok, "write", 3),
      (0, .invoke, "read", .null), (0, .ok, "read", 1),
    ]
    let result = LinearizabilityChecker.check(Self.history(lines), model: CASRegister())
    #expect(result.verdict == .invalid)
    #expect(result.algorithm.hasPrefix("zones of unique values"))
    let finding = try #require(result.findings.first)
    #expect(finding.anomaly == "stale-read")
    #expect(finding.fingerprint == "linearizable/stale-read/read")
    #expect(
      finding.summary
        == "Stale read: w 3 by process 2 on n3 finished before r → 1 by process 0 on n1 began, and nobody wrote 1 after it"
    )
    let counterexample = try #require(result.counterexamples.first)
    #expect(counterexample.operations.map(\.label) == ["w 1", "w 3", "r → 1"])
    #expect(counterexample.operations.map(\.role) == [.context, .required, .required])
    #expect(counterexample.violation == 2)
    #expect(counterexample.earlierOperations == 1)
    let path = try #require(counterexample.paths.first)
    #expect(path.steps.last?.state == 3)
    #expect(path.stuck.map(\.reason) == ["needs 1, but the register holds 3"])
  }

  @Test func crashedWriterForbidsTheWordStale() throws {
    let lines: [Line] = [
      (0, .invoke, "write", 1), (0, .ok, "write", 1), (1, .invoke, "write", 1), (1, .info, "write", 1),
      (2, .invoke, "write", 3), (2, .ok, "write", 3), (0, .invoke, "read", .null), (0, .ok, "read", 1),
      (0, .invoke, "write", 4), (0, .ok, "write", 4), (0, .invoke, "read", .null), (0, .ok, "read", 3),
      (2, .invoke, "read", .null), (2, .ok, "read", 1),
    ]
    let result = LinearizabilityChecker.check(Self.history(lines), model: CASRegister())
    #expect(result.findings.map(\.anomaly) == ["stale-read"])
    #expect(result.findings.first?.operations.contains(10) == true)
  }

  @Test func valueFromNowhereIsNamed() throws {
    let result = LinearizabilityChecker.check(
      Self.history([(0, .invoke, "read", .null), (0, .ok, "read", 9)]), model: CASRegister())
    #expect(result.findings.map(\.anomaly) == ["thin-air-read"])
    #expect(
      result.findings.first?.summary == "Thin air read: r → 9 by process 0 on n1 needs 9, but nobody ever wrote it")
  }

  /// The one write of the value failed: it must not have happened. One that also may have happened is no such case.
  @Test(arguments: [EventType.fail, .info]) func readOfAFailedWriteIsNamed(other: EventType) throws {
    var lines: [Line] = [
      (3, .invoke, "write", [1, 5]), (3, .fail, "write", [1, 5]), (4, .invoke, "write", [1, 6]),
      (4, .fail, "write", [1, 6]), (0, .invoke, "read", [1, .null]), (0, .ok, "read", [1, 5]),
    ]
    let failing = LinearizabilityChecker.check(Self.history(lines, keyed: true), model: CASRegister())
    let finding = try #require(failing.findings.first)
    #expect(finding.anomaly == "aborted-read")
    #expect(finding.fingerprint == "linearizable/aborted-read/read")
    #expect(
      finding.summary == "Key 1, aborted read: w 5 by process 3 on n4 failed, yet r → 5 by process 0 on n1 saw it")
    #expect(finding.operations == [4, 0])
    lines.insert(contentsOf: [(5, .invoke, "write", [1, 5]), (5, other, "write", [1, 5])] as [Line], at: 0)
    let result = LinearizabilityChecker.check(Self.history(lines, keyed: true), model: CASRegister())
    #expect(result.verdict == (other == .fail ? .invalid : .valid))
  }

  /// A failed write that had not been invoked yet explains nothing.
  @Test func laterFailedWriteIsNoAbortedRead() {
    let result = LinearizabilityChecker.check(
      Self.history([
        (0, .invoke, "read", .null), (0, .ok, "read", 5), (3, .invoke, "write", 5), (3, .fail, "write", 5),
      ]), model: CASRegister())
    #expect(result.findings.map(\.anomaly) == ["thin-air-read"])
  }

  @Test func staleReadOfNothingSpeaksOfEmptiness() throws {
    let result = LinearizabilityChecker.check(
      Self.history(
        [
          (1, .invoke, "write", [1, 3]), (1, .ok, "write", [1, 3]), (0, .invoke, "read", [1, .null]),
          (0, .ok, "read", [1, .null]),
        ], keyed: true), model: CASRegister())
    #expect(
      result.findings.first?.summary
        == "Key 1, stale read: w 3 by process 1 on n2 finished before r → null by process 0 on n1 began, and the key was never"
        + " empty again after it")
    let counterexample = try #require(result.counterexamples.first)
    #expect(!counterexample.explanation.contains { $0.hasPrefix(counterexample.summary) })
  }

  @Test func keysAreDecidedApart() throws {
    let good: [Line] = [
      (0, .invoke, "write", ["x", 1]), (0, .ok, "write", ["x", 1]), (1, .invoke, "read", ["y", .null]),
      (1, .ok, "read", ["y", .null]), (0, .invoke, "read", ["x", .null]), (0, .ok, "read", ["x", 1]),
    ]
    let bad: [Line] = [
      (0, .invoke, "read", ["y", .null]), (0, .ok, "read", ["y", 5]), (0, .invoke, "read", ["x", .null]),
      (0, .ok, "read", ["x", 7]),
    ]
    #expect(LinearizabilityChecker.check(Self.history(good, keyed: true), model: CASRegister()).verdict == .valid)
    let history = Self.history(good + bad, keyed: true)
    for threads in 1...4 {
      let result = LinearizabilityChecker.check(history, model: CASRegister(), threads: threads)
      #expect(result.verdict == .invalid)
      // In order of the events that prove them, whoever was ready first.
      #expect(result.counterexamples.map(\.key) == ["y", "x"])
    }
  }

  @Test func nemesisEventsAreSkipped() {
    var history = Self.history([(0, .invoke, "write", 1)])
    history.append(
      Event(index: 0, time: 0, process: .nemesis, type: .info, function: "start-partition", value: ["n1", "n2"]))
    history.append(Event(index: 0, time: 5, process: ProcessID(0), type: .ok, function: "write", value: 1))
    #expect(LinearizabilityChecker.check(history, model: CASRegister()).verdict == .valid)
  }

  @Test func malformedOperationsAreErrorsThatNameTheEvent() {
    let cases: [(lines: [Line], keyed: Bool, reason: String)] = [
      (
        [(0, .invoke, "append", 1), (0, .ok, "append", 1)], false,
        "event 0: unknown function 'append': cas-register knows read, write, cas"
      ),
      (
        [(0, .invoke, "write", 1), (0, .ok, "write", 1), (1, .invoke, "cas", 7), (1, .info, "cas", 7)], false,
        "event 2: 'cas' takes [from, to], not 7"
      ),
      ([(0, .invoke, "write", 3), (0, .ok, "write", 3)], true, "event 0: expected [key, value], not 3"),
      (
        [(0, .invoke, "read", ["x", .null]), (0, .ok, "read", ["y", 1])], true,
        "event 1: completes key \"y\", but key \"x\" was invoked"
      ),
      ([(0, .ok, "read", 1)], false, "event 0: process 0 completes an operation that it never invoked"),
    ]
    for entry in cases {
      let result = LinearizabilityChecker.check(Self.history(entry.lines, keyed: entry.keyed), model: CASRegister())
      #expect(result.verdict == .error)
      #expect(result.reason == entry.reason)
    }
  }
}
