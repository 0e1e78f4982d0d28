import Checkers
import Generators
import Histories
import Testing

/// A counter with additions of these sizes.
struct SimulatedCounter: SimulatedObject {
  var initial: Value
  /// Added at random.
  var sizes: [Int64]
  /// Of ten operations, how many are reads.
  var readsOfTen: Int

  var specification: Specification {
    Specification(observers: ["read"]) { state, f, input, answer in
      guard let number = state.int else { return .none }
      if f == "read" { return state == answer ? .some(state) : .none }
      return input.int.map { .some(.int(number + $0)) } ?? .none
    }
  }

  mutating func call(_ state: Value, _ random: inout RandomStream) -> (f: String, input: Value) {
    random.below(10) < readsOfTen ? ("read", .null) : ("add", .int(sizes[random.below(sizes.count)]))
  }

  func apply(_ state: Value, _ f: String, _ input: Value) -> (state: Value, answer: Value)? {
    if f == "read" { return (state, state) }
    return (.int((state.int ?? 0) + (input.int ?? 0)), input)
  }

  func wrongAnswer(_ f: String, _ input: Value, _ answer: Value, _ random: inout RandomStream) -> Value? {
    guard f == "read", let number = answer.int else { return nil }
    let change = [-2, -1, -1, 1, 1, 2][random.below(6)] * sizes[random.below(sizes.count)]
    return .int(number + (random.below(10) == 0 ? 1 : change))
  }
}

@Suite struct CounterSlotsTests {
  @Test func additionsOfOneSize() throws {
    try RuleTrial(
      name: "counter", operationsMax: 12,
      makeObject: { random in
        SimulatedCounter(
          initial: .int(Int64(random.below(3))), sizes: [[1, 1, 1, -1, 3, -2][random.below(6)]],
          readsOfTen: 2 + random.below(6))
      },
      makeModel: { Counter(initial: $0.initial.int ?? 0) }
    ).run()
  }

  @Test func large() throws {
    try RuleTrial(
      name: "counter", operationsMax: 0,
      makeObject: { _ in SimulatedCounter(initial: 0, sizes: [1], readsOfTen: 5) },
      makeModel: { Counter(initial: $0.initial.int ?? 0) }
    ).runLarge()
  }

  /// Several sizes: the bounds find violations, and leave the rest to the search.
  @Test func additionsOfManySizes() throws {
    try RuleTrial(
      name: "counter, many sizes", operationsMax: 10,
      makeObject: { random in
        SimulatedCounter(
          initial: 0, sizes: random.below(2) == 0 ? [1, -1, 5, 0] : [1, 2, 3], readsOfTen: 2 + random.below(6))
      },
      makeModel: { Counter(initial: $0.initial.int ?? 0) }
    ).run(decidedPercentMin: 15)
  }

  /// Sums beyond 64 bits are sums.
  @Test func additionsNeverOverflow() {
    let lines: [RegisterCaseTests.Line] = [
      (0, .invoke, "add", .int(.max)), (0, .ok, "add", .int(.max)), (0, .invoke, "add", .int(.max)),
      (0, .ok, "add", .int(.max)), (0, .invoke, "add", .int(.min)), (0, .ok, "add", .int(.min)),
      (0, .invoke, "read", .null), (0, .ok, "read", .int(.max - 1)),
    ]
    let result = LinearizabilityChecker.check(RegisterCaseTests.history(lines), model: Counter())
    #expect(result.verdict == .valid)
  }
}
