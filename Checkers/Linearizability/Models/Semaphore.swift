import Histories

/// A semaphore: at most so many permits are out at one time.
///
/// Shapes (without the key): `acquire` and `release`, of any value. An acquisition that found no permit left is recorded
/// as `fail`, and so is a release that was refused. Where permits are not owned, anybody may release one that is out;
/// where they are, only a process that acquired it.
public struct Semaphore: SequentialModel {
  public let permits: Int
  public let owned: Bool

  /// - Parameters:
  ///   - permits: that there are; at least 1.
  ///   - owned: a release by a process that holds no permit is a violation, whoever else holds one.
  public init(permits: Int, owned: Bool = false) {
    precondition(permits > 0, "a semaphore has at least one permit")
    self.permits = permits
    self.owned = owned
  }

  public var name: String { "semaphore" }

  /// The owners of the permits that are out, sorted; each 0 where permits are not owned.
  public func initial(_ values: inout ValueTable) -> [Int32] { [] }

  public func lower(_ call: RecordedCall, _ values: inout ValueTable) throws(MalformedOperation) -> LockOperation? {
    try lower(call, for: name)
  }

  func lower(_ call: RecordedCall, for model: String) throws(MalformedOperation) -> LockOperation {
    guard call.function == "acquire" || call.function == "release" else {
      throw MalformedOperation("unknown function '\(call.function)': \(model) knows acquire, release")
    }
    let process = call.process.rawValue
    return LockOperation(isAcquire: call.function == "acquire", owner: owned ? process : 0, process: process)
  }

  @inlinable public func step(_ state: [Int32], _ operation: LockOperation) -> [Int32]? {
    var next = state
    if operation.isAcquire {
      if state.count == permits { return nil }
      next.insert(operation.owner, at: state.firstIndex { $0 > operation.owner } ?? state.count)
    } else {
      guard let place = state.firstIndex(of: operation.owner) else { return nil }
      next.remove(at: place)
    }
    return next
  }

  /// Of one permit, all is known.
  @inlinable public func traits(of operation: LockOperation) -> OperationTraits<[Int32]> {
    if permits > 1 { return .unknown }
    let (free, held) = ([Int32](), [operation.owner])
    return operation.isAcquire
      ? OperationTraits(isObserver: false, condition: .only(free), result: held)
      : OperationTraits(isObserver: false, condition: .only(held), result: free)
  }

  public func decide(
    _ history: ObjectHistory<LockOperation>, initial: [Int32], _ values: ValueTable
  ) -> RuleDecision? {
    LockRule.decide(history, permits: permits, owned: owned)
  }

  /// The number of permits out; where they are owned, the list of their owners.
  public func value(of state: [Int32], _ values: ValueTable) -> Value {
    owned ? .list(state.map { .int(Int64($0)) }) : .int(Int64(state.count))
  }

  public func anomaly(
    of violation: UInt32, in history: ObjectHistory<LockOperation>, initial: [Int32], _ values: ValueTable
  ) -> NamedAnomaly? {
    LockAnomalies(
      around: ViolatedHistory(history: history, violation: violation), permits: permits, isOwned: owned
    ).find()
  }

  public func text(of state: [Int32], _ values: ValueTable) -> String? {
    let holders = owned && !state.isEmpty ? " (by process \(state.map { "\($0)" }.joined(separator: ", ")))" : ""
    return "\(state.count) of \(permits) permits taken\(holders)"
  }

  public func label(_ operation: LockOperation, _ values: ValueTable) -> String {
    operation.isAcquire ? "acquire" : "release"
  }

  public func refusal(of operation: LockOperation, in state: [Int32], _ values: ValueTable) -> String {
    if operation.isAcquire { return "needs a permit, but \(permits == 1 ? "it is" : "all \(permits) are") out" }
    if state.isEmpty { return "needs a permit to give back, but none is out" }
    return
      "needs a permit of process \(operation.owner), but \(state.map { "\($0)" }.joined(separator: ", ")) hold them"
  }
}
