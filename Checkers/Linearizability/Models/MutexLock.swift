import Histories

/// A mutex: one holder at a time.
///
/// Shapes (without the key): `acquire` and `release`, of any value; a refused one is recorded as `fail`. As in Knossos,
/// the plain mutex is locked or not and anybody may unlock it; where it is `owned`, only its holder.
public struct MutexLock: SequentialModel {
  /// One permit.
  @usableFromInline let permit: Semaphore

  public init(owned: Bool = false) { permit = Semaphore(permits: 1, owned: owned) }

  public var name: String { "mutex" }

  public func initial(_ values: inout ValueTable) -> [Int32] { [] }

  public func lower(_ call: RecordedCall, _ values: inout ValueTable) throws(MalformedOperation) -> LockOperation? {
    try permit.lower(call, for: name)
  }

  @inlinable public func step(_ state: [Int32], _ operation: LockOperation) -> [Int32]? {
    permit.step(state, operation)
  }

  @inlinable public func traits(of operation: LockOperation) -> OperationTraits<[Int32]> {
    permit.traits(of: operation)
  }

  public func decide(
    _ history: ObjectHistory<LockOperation>, initial: [Int32], _ values: ValueTable
  ) -> RuleDecision? {
    permit.decide(history, initial: initial, values)
  }

  /// `"locked"` or `"unlocked"`; where the mutex is owned, its holder or null.
  public func value(of state: [Int32], _ values: ValueTable) -> Value {
    permit.owned
      ? state.first.map { .int(Int64($0)) } ?? .null : .string(state.isEmpty ? "unlocked" : "locked")
  }

  public func anomaly(
    of violation: UInt32, in history: ObjectHistory<LockOperation>, initial: [Int32], _ values: ValueTable
  ) -> NamedAnomaly? { permit.anomaly(of: violation, in: history, initial: initial, values) }

  public func text(of state: [Int32], _ values: ValueTable) -> String? {
    guard let holder = state.first else { return "unlocked" }
    return permit.owned ? "locked by process \(holder)" : "locked"
  }

  public func label(_ operation: LockOperation, _ values: ValueTable) -> String { permit.label(operation, values) }

  public func refusal(of operation: LockOperation, in state: [Int32], _ values: ValueTable) -> String {
    guard permit.owned, let holder = state.first else {
      return state.isEmpty ? "needs the mutex locked, but it is not" : "needs the mutex unlocked, but it is locked"
    }
    return operation.isAcquire
      ? "needs the mutex unlocked, but process \(holder) holds it"
      : "needs process \(operation.owner) to hold the mutex, but process \(holder) does"
  }
}
