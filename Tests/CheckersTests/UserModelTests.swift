import Checkers
import Histories
import Testing

/// A counter in another module: no traits, so that every reduction has to do without them.
private struct Counter: SequentialModel {
  enum Operation: Hashable, Sendable, BitwiseCopyable {
    case add(Int64)
    case read(Int64)
  }

  var name: String { "counter" }

  func initial(_ values: inout ValueTable) -> Int64 { 0 }

  func lower(_ call: RecordedCall, _ values: inout ValueTable) throws(MalformedOperation) -> Operation? {
    if call.function == "read", call.outcome == .info { return nil }
    guard let number = values.int(call.function == "read" ? call.output : call.input) else {
      throw MalformedOperation("'\(call.function)' takes an integer")
    }
    return call.function == "read" ? .read(number) : .add(number)
  }

  func step(_ state: Int64, _ operation: Operation) -> Int64? {
    switch operation {
    case .add(let number): return state + number
    case .read(let number): return state == number ? state : nil
    }
  }

  func value(of state: Int64, _ values: ValueTable) -> Value { .int(state) }

  func label(_ operation: Operation, _ values: ValueTable) -> String {
    switch operation {
    case .add(let number): "+\(number)"
    case .read(let number): "r → \(number)"
    }
  }
}

@Suite struct UserModelTests {
  private func check(read: Int64) -> CheckResult {
    var lines: [RegisterCaseTests.Line] = [(0, .invoke, "add", 1), (0, .ok, "add", 1)]
    for process in 1...3 { lines += [(process, .invoke, "add", 10), (process, .info, "add", 10)] }
    lines += [(5, .invoke, "read", .null), (5, .ok, "read", .int(read))]
    return LinearizabilityChecker.check(RegisterCaseTests.history(lines), model: Counter())
  }

  @Test func crashedOperationsCountOnceEach() {
    for read in [1, 11, 21, 31] as [Int64] { #expect(check(read: read).verdict == .valid) }
    for read in [0, 2, 41] as [Int64] { #expect(check(read: read).verdict == .invalid) }
  }

  @Test func withoutTraitsNothingIsCalledStale() throws {
    let result = check(read: 41)
    #expect(result.findings.map(\.anomaly) == ["nonlinearizable"])
    // Crashed additions are all shown: dropping one would make 41 impossible for another reason.
    #expect(result.counterexamples.first?.operations.count { $0.role == .optional } == 3)
  }
}
