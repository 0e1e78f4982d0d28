import Checkers
import Histories
import Testing

/// Checks that cannot end: what they say, and that they hold to their budgets.
@Suite struct BudgetTests {
  /// Any set of many writes may have happened before the read that nobody can explain.
  static func hopeless(writes: Int = 60) -> History {
    var events = (0..<writes).map { WideTests.event($0, .invoke, "write", .int(Int64($0 / 2))) }
    for value in [1, 2, 1, 2, 1, 2, 1, 2] {
      events.append(WideTests.event(900, .invoke, "read", .null))
      events.append(WideTests.event(900, .ok, "read", .int(Int64(value))))
    }
    events += (0..<writes).map { WideTests.event($0, .ok, "write", .int(Int64($0 / 2))) }
    return History(events)
  }

  @Test func memoryBudgetHolds() throws {
    let budget = CheckBudget(secondsMax: 60, bytesMax: 200 << 10)
    let decision = try #require(
      try LinearizabilityChecker.decide(Self.hopeless(writes: 30), model: CASRegister(), budget: budget).first)
    #expect(decision.verdict == .unknown)
    #expect(decision.reason?.hasPrefix("memory budget of 200 KiB used up: got to completion ") == true)
    #expect(decision.bytes <= 200 << 10)
    #expect(decision.configurations > 500)
  }

  @Test func timeBudgetEnds() {
    let result = LinearizabilityChecker.check(
      Self.hopeless(), model: CASRegister(), budget: CheckBudget(secondsMax: 0, bytesMax: 1 << 30))
    #expect(result.verdict == .unknown)
    #expect(result.reason?.hasPrefix("time budget of 0.0 s used up") == true)
  }

  @Test func cancellationEnds() {
    let cancellation = CheckCancellation()
    cancellation.cancel()
    let result = LinearizabilityChecker.check(Self.hopeless(), model: CASRegister(), cancellation: cancellation)
    #expect(result.verdict == .unknown)
    #expect(result.reason?.hasPrefix("cancelled: got to completion ") == true)
  }
}
