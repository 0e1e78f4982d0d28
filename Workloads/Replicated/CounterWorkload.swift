import Checkers
import Generators
import Histories

extension Workload {
  /// Many independent replicated counters.
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | increment, decrement | `[k, n]`, n from 1 | the same |
  /// | read | `[k, null]` | `[k, n]` |
  /// | local-read | `[k, null]`, on the event's node | `[k, n]`: what this replica has |
  ///
  /// Amounts are large and all different, as a rule: then what a sum misses, or counts twice, tells which update it was,
  /// and updates of unknown outcome seldom add up to it by accident. How the load is shaped: see `ReplicatedGenerator`.
  public static let crdtCounter = Workload(
    name: "crdt-counter", summary: "increments and decrements of replicated counters, and reads of single replicas",
    operations: [
      .init("increment", "[k, n]"), .init("decrement", "[k, n]"), .init("read", "[k, null] → [k, n]", readOnly: true),
      .init("local-read", "[k, null] → [k, n] of the event's node", readOnly: true),
    ],
    parameters: replicatedParameters(
      opsPerKey: 100, ReplicatedGenerator<CounterUpdates>.functions,
      mix: ["increment": 2, "decrement": 1, "read": 1, "local-read": .double(0.5)])
      + [
        Parameter(
          "maxAmount", .int(1...1_000_000_000_000), default: 1_000_000_000, "the greatest amount of one update")
      ],
    claims: [InvariantModel.Claim.converges, InvariantModel.Claim.convergesInRealTime],
    defaultClaims: [InvariantModel.Claim.converges], keyed: true,
    build: { settings in
      try settings.replicated(
        CounterUpdates(amountMax: try settings.int("maxAmount")), SettledCounters.self, model: "crdt-pn-counter",
        stream: "crdt-counter/operations")
    })
}

/// Increments and decrements by random amounts.
struct CounterUpdates: ReplicatedUpdates {
  static let functions = ["increment", "decrement"]

  let amountMax: Int

  mutating func next(
    _ function: String, of key: Int, in slot: Int, _ stream: inout RandomStream
  ) -> (function: String, value: Value) {
    (function, .int(Int64(1 + stream.below(amountMax))))
  }
}

/// Sums that counters can have in the end.
struct SettledCounters: SettledState {
  /// Amounts of unknown outcome of which all sums are tried; of more, only their range counts.
  private static let openMax = 20

  private struct Counter {
    var acknowledged: Int64 = 0
    var open: [Int64] = []
  }

  private var counters: [Value: Counter] = [:]

  init(_ operations: Operations) {
    for position in 0..<operations.count where operations.function(position) != "local-read" {
      let operation = operations[position]
      guard let key = operation.key, let amount = operation.input.int else { continue }
      let change = operation.function == "decrement" ? -amount : amount
      switch operation.outcome {
      case .ok: counters[key, default: Counter()].acknowledged += change
      case .info, .invoke: counters[key, default: Counter()].open.append(change)
      case .fail: break
      }
    }
  }

  func state(_ answer: Value) -> Value { answer }

  func isComplete(_ state: Value, of object: Value) -> Bool {
    guard let counter = counters[object], let sum = state.int else { return true }
    let rest = Int128(sum) - Int128(counter.acknowledged)
    if counter.open.count <= Self.openMax { return SubsetSum.reaches(rest, with: counter.open, stepsMax: 4_096) != .no }
    let (least, most) = counter.open.reduce((Int128(0), Int128(0))) {
      ($0.0 + Int128(min(0, $1)), $0.1 + Int128(max(0, $1)))
    }
    return (least...most).contains(rest)
  }
}
