@testable import Checkers
import Histories
import Testing

/// Histories of the literature, one by one.
@Suite struct SequentialCaseTests {
  /// Operations of one process after another: `[process, f, key, value]`; a value of nil is an unknown outcome.
  typealias Call = (process: Int32, f: String, key: String, value: Value)

  /// Each call invoked and completed at once, in this order.
  static func history(_ calls: [Call], crashed: [Call] = []) -> History {
    var history = History(keyed: true)
    for (calls, type) in [(crashed, EventType.info), (calls, .ok)] {
      for call in calls {
        let input = call.f == "read" ? .null : call.value
        for (type, value) in [(EventType.invoke, input), (type, call.value)] {
          history.append(
            Event(
              index: history.count, time: Int64(history.count), process: ProcessID(call.process), type: type,
              function: call.f, value: .keyed(.string(call.key), value), node: nil))
        }
      }
    }
    return history
  }

  private func decide(_ history: History) throws -> SequentialDecision {
    let decision = try SequentialConsistencyChecker.decide(history, model: CASRegister(), threads: 1)
    let operations = SequentialTwinOperation.all(in: history)
    #expect((decision.verdict == .valid) == SequentialTwin.isConsistent(operations))
    if decision.verdict == .valid {
      #expect(SequentialJudge.problem(withOrder: decision.order, operations) == nil)
    } else if let counterexample = decision.counterexample {
      #expect(SequentialJudge.problem(with: counterexample, operations) == nil)
    }
    return decision
  }

  static let storeBuffering: [Call] = [
    (0, "write", "x", 1), (0, "read", "y", .null), (1, "write", "y", 1), (1, "read", "x", .null),
  ]

  @Test func storeBufferingPassesOnEachKeyAndFailsOnBoth() throws {
    for key in ["x", "y"] {
      #expect(try decide(Self.history(Self.storeBuffering.filter { $0.key == key })).verdict == .valid)
    }
    let decision = try decide(Self.history(Self.storeBuffering))
    #expect(decision.verdict == .invalid)
    #expect(decision.finding?.anomaly == "sequential-cycle")
    let counterexample = try #require(decision.counterexample)
    #expect(counterexample.claim == "sequential")
    #expect(counterexample.key == nil)
    #expect(
      counterexample.operations.map(\.label) == ["\"x\": w 1", "\"y\": r → null", "\"y\": w 1", "\"x\": r → null"])
    #expect(
      counterexample.explanation.contains("Process 0 did w 1 of key \"x\" before r → null of key \"y\"."),
      "\(counterexample.explanation)")
  }

  @Test func staleReadNeedsNoLinearization() throws {
    let history = Self.history([(0, "write", "x", 1), (0, "write", "x", 2), (1, "read", "x", 1)])
    #expect(LinearizabilityChecker.check(history, model: CASRegister()).verdict == .invalid)
    let decision = try decide(history)
    #expect(decision.verdict == .valid)
    #expect(decision.order == [0, 4, 2])
  }

  /// Real time does not count: what was seen may have been invoked later. So a prefix of a consistent history need not
  /// be consistent.
  @Test func aReadMaySeeWhatIsInvokedAfterIt() throws {
    #expect(try decide(Self.history([(1, "read", "x", 1), (0, "write", "x", 1)])).verdict == .valid)
    #expect(try decide(Self.history([(1, "read", "x", 1)])).finding?.anomaly == "thin-air-read")
  }

  @Test func independentReadsOfIndependentWritesAgree() throws {
    let iriw: [Call] = [
      (0, "write", "x", 1), (1, "write", "y", 1), (2, "read", "x", 1), (2, "read", "y", .null), (3, "read", "y", 1),
      (3, "read", "x", .null),
    ]
    #expect(try decide(Self.history(iriw)).verdict == .invalid)
    #expect(try decide(Self.history(Array(iriw.dropLast()))).verdict == .valid)
  }

  @Test func coherenceOfOneKey() throws {
    let calls: [Call] = [
      (0, "write", "x", 1), (1, "write", "x", 2), (2, "read", "x", 1), (2, "read", "x", 2), (3, "read", "x", 2),
      (3, "read", "x", 1),
    ]
    #expect(try decide(Self.history(calls)).verdict == .invalid)
    #expect(try decide(Self.history(Array(calls.dropLast()))).verdict == .valid)
  }

  @Test func chainsOfCompareAndSet() throws {
    func cas(_ process: Int32, _ from: Value, _ to: Value) -> Call { (process, "cas", "x", .list([from, to])) }
    let chain = [cas(0, 2, 3), cas(1, 1, 2), cas(2, .null, 1), (3, "read", "x", 3)]
    #expect(try decide(Self.history(chain)).verdict == .valid)
    #expect(try decide(Self.history(chain + [cas(3, 1, 4)])).verdict == .invalid)
    #expect(try decide(Self.history(chain + [(3, "read", "x", 2)])).verdict == .invalid)
    #expect(try decide(Self.history([cas(0, 1, 2), cas(1, 2, 1)])).verdict == .invalid)
  }

  @Test func aCrashedWriteHappensWhereItWasSeen() throws {
    let crashed: [Call] = [(7, "write", "x", 1)]
    #expect(try decide(Self.history([(0, "read", "x", .null)], crashed: crashed)).verdict == .valid)
    #expect(try decide(Self.history([(0, "read", "x", 1)], crashed: crashed)).verdict == .valid)
    #expect(
      try decide(Self.history([(0, "read", "x", 1), (0, "read", "x", .null)], crashed: crashed)).verdict == .invalid)
    // After what its process did before: it read y = 1.
    var history = Self.history([(7, "read", "y", 1)])
    for event in Self.history([(0, "read", "x", 1), (0, "read", "y", .null), (1, "write", "y", 1)], crashed: crashed)
      .events
    {
      history.append(event)
    }
    #expect(try decide(history).verdict == .invalid)
  }

  /// A client that goes on after an unknown outcome: the operation may take effect after what the client did next.
  @Test func anUnknownOutcomeMayComeLater() throws {
    let history = Self.history(
      [(7, "read", "x", .null), (7, "write", "x", 2), (0, "read", "x", 2), (0, "read", "x", 1)],
      crashed: [(7, "write", "x", 1)])
    #expect(try decide(history).verdict == .valid)
  }

  // MARK: Errors and budgets

  @Test func malformedHistoriesAreErrors() {
    var unkeyed = History(keyed: true)
    unkeyed.append(
      Event(index: 0, time: 0, process: ProcessID(0), type: .invoke, function: "write", value: 1, node: nil))
    let result = SequentialConsistencyChecker.check(unkeyed, model: CASRegister())
    #expect(result.verdict == .error)
    #expect(result.reason == "event 0: expected [key, value], not 1")
    var tuning = SequentialTuning()
    tuning.usesLinearizations = false
    #expect(throws: MalformedHistory.self) {
      try SequentialConsistencyChecker.decide(
        unkeyed, model: CASRegister(), budget: CheckBudget(), threads: 1, cancellation: nil, tuning: tuning)
    }
  }

  /// Small values, and a read that nobody can explain among writes in any order.
  private static let hopeless: History = {
    var calls: [Call] = []
    for process in 0..<8 as Range<Int32> {
      for step in 0..<8 { calls.append((process, "write", "x", .int(Int64((Int(process) + step) % 3)))) }
    }
    for _ in 0..<40 { calls += [(9, "read", "x", 0), (9, "read", "x", 1), (9, "read", "x", 2)] }
    return history(calls)
  }()

  @Test func budgetsEndInUnknown() {
    let memory = SequentialConsistencyChecker.check(
      Self.hopeless, model: CASRegister(), budget: CheckBudget(secondsMax: 60, bytesMax: 1 << 20))
    #expect(memory.verdict == .unknown)
    #expect(memory.reason?.hasPrefix("memory budget of 1 MiB used up: placed at most ") == true, "\(memory)")
    let time = SequentialConsistencyChecker.check(
      Self.hopeless, model: CASRegister(), budget: CheckBudget(secondsMax: 0))
    #expect(time.verdict == .unknown)
    #expect(time.reason?.hasPrefix("time budget of 0.0 s used up: placed at most ") == true, "\(time)")
    let cancellation = CheckCancellation()
    cancellation.cancel()
    let cancelled = SequentialConsistencyChecker.check(
      Self.hopeless, model: CASRegister(), cancellation: cancellation)
    #expect(cancelled.verdict == .unknown)
    #expect(cancelled.reason?.hasPrefix("cancelled: placed at most ") == true, "\(cancelled)")
  }
}
