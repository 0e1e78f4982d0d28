@testable import Checkers
import Histories
import Testing

/// The names of violations: each on the plainest history that has it, with the sentence that tells it.
@Suite struct AnomalyTests {
  /// A history in one line a operation: process, function, input, answer; one after the other.
  typealias Call = (process: Int32, f: String, input: Value, output: Value)

  private static func history(_ calls: [Call]) -> History {
    History(
      calls.enumerated().flatMap { number, call in
        [
          event(2 * number, call.process, .invoke, call.f, call.input),
          event(2 * number + 1, call.process, .ok, call.f, call.output),
        ]
      })
  }

  private static func event(_ index: Int, _ process: Int32, _ type: EventType, _ f: String, _ value: Value) -> Event {
    Event(index: index, time: Int64(index), process: ProcessID(process), type: type, function: f, value: value)
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var model: String
    var initial: Value?
    var calls: [Call]
    var anomaly: String
    var sentence: String

    init(_ model: String, initial: Value? = .none, _ calls: [Call], _ anomaly: String, _ sentence: String) {
      (self.model, self.initial, self.calls, self.anomaly, self.sentence) = (model, initial, calls, anomaly, sentence)
    }

    var testDescription: String { "\(model): \(anomaly)" }
  }

  private static let containers: [Case] = [
    Case(
      "stack", [(0, "push", 1, 1), (0, "push", 2, 2), (1, "pop", .null, 7)], "phantom",
      "Phantom: pop → 7 by process 1 took out 7, which nobody ever put in"),
    Case(
      "stack", [(0, "push", 1, 1), (0, "push", 2, 2), (1, "pop", .null, 1)], "out-of-order",
      "Out of order: push 2 by process 0 went on top of push 1 by process 0, yet pop → 1 by process 1 came before 2"),
    Case(
      "fifo-queue", [(0, "enqueue", 1, 1), (0, "enqueue", 2, 2), (1, "dequeue", .null, 2)], "out-of-order",
      "Out of order: enqueue 1 by process 0 finished before enqueue 2 by process 0 began, yet dequeue → 2 by process 1"
        + " came before 1"),
    Case(
      "fifo-queue", [(0, "enqueue", 1, 1), (1, "dequeue", .null, 1), (2, "dequeue", .null, 1)], "duplicate-dequeue",
      "Duplicate dequeue: dequeue → 1 by process 1 and dequeue → 1 by process 2 both took out 1, which was put in once"),
    Case(
      "unordered-queue", [(0, "enqueue", 1, 1), (1, "dequeue", .null, .null)], "lost-element",
      "Lost element: enqueue 1 by process 0 finished before dequeue → null by process 1 began, and nobody ever took 1"
        + " out"),
    Case(
      "fifo-queue", [(0, "enqueue", 1, 1), (1, "dequeue", .null, .null), (2, "dequeue", .null, 1)], "false-empty",
      "False empty: dequeue → null by process 1 found nothing, but 1 was there: enqueue 1 by process 0 had finished, and"
        + " dequeue → 1 by process 2 took it out later"),
    Case(
      "priority-queue", [(0, "insert", 5, 5), (0, "insert", 3, 3), (1, "delete-min", .null, 5)], "out-of-order",
      "Out of order: insert 3 by process 0 finished before delete-min → 5 by process 1 began, and nobody took out the"
        + " smaller 3"),
    Case(
      "set-object", [(0, "add", 1, 1), (1, "contains", 1, [1, false])], "lost-element",
      "Lost element: add 1 by process 0 finished before contains 1 → false by process 1 began, and nobody had removed 1"
    ),
    Case(
      "set-object", [(0, "add", 1, 1), (0, "remove", 1, 1), (1, "contains", 1, [1, true])], "stale-read",
      "Stale read: remove 1 by process 0 finished before contains 1 → true by process 1 began, and nobody had added 1"
        + " again"),
    Case(
      "grow-set", [(0, "add", 2, 2), (1, "read", .null, [2, 3])], "phantom",
      "Phantom: r → [2,3] by process 1 shows 3, which nobody had added"),
    Case(
      "grow-set", [(0, "add", 2, 2), (1, "read", .null, [2, 2])], "duplicate-element",
      "Duplicate element: r → [2,2] by process 1 shows 2 twice"),
    Case(
      "log", [(0, "append", "a", [0, "a"]), (1, "read", .null, [])], "lost-element",
      #"Lost element: append "a" at 0 by process 0 finished before r → [] by process 1 began, which does not show "a" at"#
        + " index 0"),
    Case(
      "log", [(0, "append", "a", [0, "a"]), (1, "append", "b", [0, "b"])], "conflicting-entries",
      #"Conflicting entries: append "a" at 0 by process 0 has "a" at index 0, append "b" at 0 by process 1 has "b" there"#
    ),
  ]

  private static let others: [Case] = [
    Case(
      "mutex", [(0, "acquire", .null, .null), (1, "acquire", .null, .null)], "double-grant",
      "Double grant: acquire by process 0 finished before acquire by process 1 began, and nobody released it in between"
    ),
    Case(
      "mutex", [(0, "release", .null, .null)], "release-while-free",
      "Release while free: release by process 0 succeeded, but nobody had acquired the lock"),
    Case(
      "semaphore", initial: 2, (0..<3).map { ($0, "acquire", .null, .null) }, "double-grant",
      "Double grant: acquire by process 2 got a permit though all 2 were taken, the last by acquire by process 1"),
    Case(
      "fenced-lock", [(0, "acquire", .null, 5), (0, "release", 5, 5), (1, "acquire", .null, 4)], "token-not-increasing",
      "Token not increasing: acquire → 5 by process 0 finished before acquire → 4 by process 1 began, but token 4 is not"
        + " above 5"),
    Case(
      "fenced-lock", [(0, "acquire", .null, 5), (1, "acquire", .null, 6)], "double-grant",
      "Double grant: acquire → 5 by process 0 finished before acquire → 6 by process 1 began, and nobody released it in"
        + " between"),
    Case(
      "fenced-lock", [(0, "write", [34, 1], [34, 1]), (1, "write", [33, 2], [33, 2])], "stale-token",
      "Stale token: write 34 by process 0 finished before write 33 by process 1 began, which is of a smaller token"),
    Case(
      "counter", [(0, "add", 1, 1), (0, "add", 2, 2), (1, "read", .null, 1)], "lost-update",
      "Lost update: what had been added when r → 1 by process 1 began, at last by +2 by process 0, makes 3 at least"),
    Case(
      "counter", [(0, "add", 1, 1), (1, "read", .null, 9)], "out-of-bounds",
      "Out of bounds: r → 9 by process 1 is above 1, the most that all additions so far can make"),
    Case(
      "cas-register", [(0, "write", 0, 0), (0, "cas", [0, 1], [0, 1]), (1, "cas", [0, 2], [0, 2])], "stale-read",
      "Stale read: cas 0→1 by process 0 finished before cas 0→2 by process 1 began, and nobody wrote 0 after it"),
    Case(
      "register", [(0, "read", .null, 9)], "thin-air-read",
      "Thin air read: r → 9 by process 0 needs 9, but nobody ever wrote it"),
  ]

  @Test(arguments: containers + others) func violationsAreNamed(example: Case) throws {
    let model = try #require(ModelCatalogue.model(named: example.model))
    let answer = try model.linearizable(Self.history(example.calls), initial: example.initial)
    let finding = try #require(answer.result.findings.first)
    #expect(finding.anomaly == example.anomaly)
    #expect(finding.summary == example.sentence)
    #expect(answer.result.counterexamples.first?.anomaly == example.anomaly)
    let name = try #require(AnomalyName(rawValue: example.anomaly))
    #expect(answer.result.counterexamples.first?.explanation.first == "\(name.rawValue): \(name.meaning)")
  }

  /// Overlapping operations, by their events.
  private static func overlapping(_ lines: [RegisterCaseTests.Line]) throws -> Counterexample {
    let events = lines.enumerated().map { event($0, Int32($1.process), $1.type, $1.f, $1.value) }
    let result = LinearizabilityChecker.check(History(events), model: CASRegister())
    return try #require(result.counterexamples.first)
  }

  /// The textbook's: the write is drawn, and so is the read that had seen it; every state has its own name.
  @Test func newOldInversionShowsTheWrite() throws {
    let counterexample = try Self.overlapping([
      (0, .invoke, "write", 1), (1, .invoke, "read", .null), (1, .ok, "read", 1), (2, .invoke, "read", .null),
      (2, .ok, "read", .null), (0, .ok, "write", 1),
    ])
    #expect(counterexample.anomaly == "new-old-inversion")
    #expect(
      counterexample.summary
        == "New/old inversion: r → 1 by process 1 finished before r → null by process 2 began: first the new value, then"
        + " the old one (w 1 by process 0 wrote the new one)")
    #expect(counterexample.operations.map(\.label) == ["w 1", "r → 1", "r → null"])
    #expect(counterexample.initialStates == [.null])
    #expect(counterexample.paths.first?.steps.map(\.state) == [1, 1])
  }

  @Test func twoUpdatesOfOneValueAreALostUpdate() throws {
    let counterexample = try Self.overlapping([
      (0, .invoke, "write", 0), (0, .ok, "write", 0), (0, .invoke, "cas", [0, 1]), (1, .invoke, "cas", [0, 2]),
      (0, .ok, "cas", [0, 1]), (1, .ok, "cas", [0, 2]),
    ])
    #expect(counterexample.anomaly == "lost-update")
    #expect(counterexample.operations.map(\.label) == ["w 0", "cas 0→1", "cas 0→2"])
  }

  /// The one state that it can have been has its name, though no operation that is drawn needs it.
  @Test func theOnlyPossibleStateIsNamed() throws {
    let values: [Int64] = (0..<20).map { $0 % 2 }
    let lines = values.flatMap { value in
      [(0, .invoke, "write", .int(value)), (0, .ok, "write", .int(value))] as [RegisterCaseTests.Line]
    }
    let swaps: [RegisterCaseTests.Line] = [
      (1, .invoke, "cas", [1, 0]), (2, .invoke, "cas", [0, 1]), (1, .ok, "cas", [1, 0]), (2, .ok, "cas", [0, 1]),
      (3, .invoke, "read", .null), (3, .ok, "read", 0),
    ]
    let counterexample = try Self.overlapping(lines + swaps)
    #expect(!counterexample.initialStates.contains(Counterexample.otherState), "\(counterexample.initialStates)")
    #expect(counterexample.earlierOperations > 0)
  }

  /// A rule's core without the values that do not matter says so.
  @Test func valuesThatAreLeftOutAreCounted() throws {
    let pushes: [Call] = (0..<20).map { (0, "push", .int($0), .int($0)) }
    let model = try #require(ModelCatalogue.model(named: "stack"))
    let answer = try model.linearizable(Self.history(pushes + [(1, "pop", .null, 77)]))
    let counterexample = try #require(answer.result.counterexamples.first)
    #expect(counterexample.operations.map(\.label) == ["pop → 77"])
    #expect(counterexample.leftOut == 20)
  }

  @Test func statesOfLocksAreWords() throws {
    let calls: [Call] = [(0, "acquire", .null, .null), (1, "acquire", .null, .null)]
    let lock = try #require(ModelCatalogue.model(named: "semaphore"))
    let shown = try #require(try lock.linearizable(Self.history(calls), initial: 1).result.counterexamples.first)
    #expect(shown.initialStates.map { shown.text(of: $0) } == ["0 of 1 permits taken"])
    #expect(shown.paths.first?.steps.map { shown.text(of: $0.state) } == ["1 of 1 permits taken"])
  }

  @Test func semaphoresNeedTheirPermits() throws {
    let model = try #require(ModelCatalogue.model(named: "semaphore"))
    let error = #expect(throws: InvalidInitialState.self) { try model.linearizable(History([])) }
    #expect(error?.message == "semaphore needs --initial N, the number of permits: an integer, at least 1")
  }
}
