import Checkers
import Histories
import Testing

/// Models that only the search decides, against their twins.
@Suite struct RegisterModelTests {
  private static let histories = QueueDifferential<KV, Value>.histories / 4

  @Test func kv() throws {
    let test = QueueDifferential(
      name: "kv", model: KV(), twin: Twins.kv(initial: ""), states: { [$0] })
    try test.run(.kv, seed: 21, count: Self.histories, applies: 0, wholeEvery: 1)
  }

  @Test func multiRegister() throws {
    let initial: [String: Value] = ["x": 0, "y": 0]
    let test = QueueDifferential(
      name: "multi-register", model: MultiRegister(initial: initial), twin: Twins.multiRegister(initial: initial),
      states: { [$0.map ?? [:]] })
    try test.run(.multiRegister, seed: 22, count: Self.histories, applies: 0, wholeEvery: 1)
  }

  @Test func textsAreComparedByTheirBytes() throws {
    let lines: [RegisterCaseTests.Line] = [
      (0, .invoke, "put", "e\u{301}"), (0, .ok, "put", "e\u{301}"), (0, .invoke, "get", .null),
      (0, .ok, "get", "\u{e9}"),
    ]
    #expect(LinearizabilityChecker.check(RegisterCaseTests.history(lines), model: KV()).verdict == .invalid)
  }
}
