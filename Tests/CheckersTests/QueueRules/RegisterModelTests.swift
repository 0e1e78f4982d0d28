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

  /// The put that returns first has happened unseen, and would change nothing: the other must be tried all the same.
  @Test func `a put that changes nothing makes room for an append`() {
    let lines: [RegisterCaseTests.Line] = [
      (1, .invoke, "append", "b"), (0, .invoke, "put", "b"), (2, .invoke, "put", "b"), (0, .ok, "put", "b"),
      (0, .invoke, "put", "b"), (1, .ok, "append", "b"), (2, .ok, "put", "b"), (0, .ok, "put", "b"),
      (3, .invoke, "get", .null), (3, .ok, "get", "bb"),
    ]
    #expect(LinearizabilityChecker.check(RegisterCaseTests.history(lines), model: KV()).verdict == .valid)
  }

  @Test func textsAreComparedByTheirBytes() throws {
    let lines: [RegisterCaseTests.Line] = [
      (0, .invoke, "put", "e\u{301}"), (0, .ok, "put", "e\u{301}"), (0, .invoke, "get", .null),
      (0, .ok, "get", "\u{e9}"),
    ]
    #expect(LinearizabilityChecker.check(RegisterCaseTests.history(lines), model: KV()).verdict == .invalid)
  }
}
