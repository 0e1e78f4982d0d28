import Checkers
import Histories
import Testing

/// Models that only the search decides, against their twins.
@Suite struct RegisterModelTests {
  @Test func kv() throws {
    let test = QueueDifferential(
      name: "kv", model: KV(), twin: Twins.kv(initial: ""), states: { [$0] })
    try test.run(.kv, seed: 21, applies: 0)
  }

  @Test func multiRegister() throws {
    let initial: [String: Value] = ["x": 0, "y": 0]
    let test = QueueDifferential(
      name: "multi-register", model: MultiRegister(initial: initial), twin: Twins.multiRegister(initial: initial),
      states: { [$0.map ?? [:]] })
    try test.run(.multiRegister, seed: 22, applies: 0)
  }

  @Test func textsAreComparedByTheirBytes() throws {
    let lines: [RegisterCaseTests.Line] = [
      (0, .invoke, "put", "e\u{301}"), (0, .ok, "put", "e\u{301}"), (0, .invoke, "get", .null),
      (0, .ok, "get", "\u{e9}"),
    ]
    #expect(LinearizabilityChecker.check(RegisterCaseTests.history(lines), model: KV()).verdict == .invalid)
  }
}
