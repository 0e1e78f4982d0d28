import Checkers
import Generators
import Histories

extension Workload {
  /// Many independent replicated registers that keep the write with the greatest timestamp.
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | write | `[k, v]` | `[k, {"timestamp": t}]` |
  /// | read | `[k, null]` | `[k, {"value": v, "timestamp": t}]`, or v alone |
  /// | local-read | `[k, null]`, on the event's node | the same of this replica |
  ///
  /// Every value is written once. Which write is to win is known as far as the system reports timestamps: integers, or
  /// lists that are compared from the left. How the load is shaped: see `ReplicatedGenerator`.
  public static let crdtRegister = Workload(
    name: "crdt-register", summary: "writes of registers whose last writer wins, and reads of single replicas",
    operations: [
      .init("write", "[k, v] → [k, {\"timestamp\": t}]"),
      .init("read", "[k, null] → [k, {\"value\": v, \"timestamp\": t}]", readOnly: true),
      .init("local-read", "[k, null] → the same of the event's node", readOnly: true),
    ],
    parameters: replicatedParameters(
      opsPerKey: 100, ReplicatedGenerator<UniqueWrites>.functions,
      mix: ["write": 2, "read": 1, "local-read": .double(0.5)]),
    claims: [InvariantModel.Claim.converges, InvariantModel.Claim.convergesInRealTime],
    defaultClaims: [InvariantModel.Claim.converges], keyed: true,
    build: { settings in
      try settings.replicated(
        UniqueWrites(), SettledRegisters.self, model: "crdt-lww-register", stream: "crdt-register/operations")
    })
}

/// Writes of values that nobody else writes.
struct UniqueWrites: ReplicatedUpdates {
  static let functions = ["write"]

  private var lastValue = 0

  mutating func next(
    _ function: String, of key: Int, in slot: Int, _ stream: inout RandomStream
  ) -> (function: String, value: Value) {
    lastValue += 1
    return (function, .string("w\(lastValue)"))
  }
}

/// Writes that registers can show in the end: none older than one that was acknowledged.
struct SettledRegisters: SettledState {
  private var greatest: [Value: Value] = [:]

  init(_ operations: Operations) {
    for position in 0..<operations.count
    where operations.function(position) == "write" && operations.outcome(position) == .ok {
      let operation = operations[position]
      guard let key = operation.key, let timestamp = operation.output.map?["timestamp"] else { continue }
      if greatest[key].map({ Self.precedes($0, timestamp) }) ?? true { greatest[key] = timestamp }
    }
  }

  func state(_ answer: Value) -> Value { answer }

  func isComplete(_ state: Value, of object: Value) -> Bool {
    guard let wanted = greatest[object] else { return true }
    // A system that tells no timestamps with what it shows has to be believed.
    guard let entries = state.map else { return !state.isNull }
    guard let timestamp = entries["timestamp"], !timestamp.isNull else { return entries["value"]?.isNull == false }
    return !Self.precedes(timestamp, wanted)
  }

  /// Whether the first comes before the second: integers come before texts, and a list after its beginning.
  private static func precedes(_ first: Value, _ second: Value) -> Bool {
    let (left, right) = (first.list ?? [first], second.list ?? [second])
    for (left, right) in zip(left, right) where left != right {
      switch (left.int, right.int) {
      case (let left?, let right?): return left < right
      case (_?, nil): return true
      case (nil, _?): return false
      case (nil, nil): return (left.string ?? "") < (right.string ?? "")
      }
    }
    return left.count < right.count
  }
}
