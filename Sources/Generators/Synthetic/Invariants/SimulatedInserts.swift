import Histories

/// Keys with a row in one of two tables: of the two inserts of a key, the one that finds a row gives up.
struct SimulatedInserts: SimulatedWorkload {
  private var rows: Set<Int> = []
  private var drawn = 0

  init(_ options: SyntheticInvariants.Options) {}

  /// Two inserts of each key, one after the other.
  mutating func draw(_ random: inout RandomStream) -> WorkloadCall {
    drawn += 1
    return WorkloadCall(function: "insert", input: input(), object: (drawn - 1) / 2)
  }

  private func input() -> Value {
    let (key, id) = (Value.int(Int64((drawn - 1) / 2)), Value.int(Int64(drawn)))
    return .keyed(key, drawn % 2 == 1 ? [id, .null] : [.null, id])
  }

  mutating func apply(_ call: WorkloadCall) -> Value? {
    guard rows.insert(call.object).inserted else { return nil }
    return call.input
  }

  mutating func opening() -> [WorkloadStep] { [] }
  mutating func closing() -> [WorkloadStep] { [] }

  /// Both inserts of a key begin before either ends, and both are acknowledged.
  mutating func plant(_ anomaly: SyntheticInvariants.Anomaly) -> [WorkloadStep] {
    drawn += drawn % 2
    var inputs: [Value] = []
    for _ in 0..<2 {
      drawn += 1
      inputs.append(input())
    }
    return [EventType.invoke, .ok].flatMap { type in
      inputs.enumerated().map { WorkloadStep(process: $0, type: type, function: "insert", value: $1) }
    }
  }
}
