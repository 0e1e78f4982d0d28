import Histories

/// A history that a model cannot read.
public struct MalformedHistory: Error, Hashable, Sendable, CustomStringConvertible {
  /// Index of the offending event.
  public let index: Int
  public let message: String

  @usableFromInline init(index: Int, message: String) {
    self.index = index
    self.message = message
  }

  public var description: String { "event \(index): \(message)" }
}

/// A failed operation that would have left a certain state.
@usableFromInline struct FailedWriter {
  /// Position in `Operations`.
  @usableFromInline let position: UInt32
  /// In the words of its model.
  @usableFromInline let label: String

  @usableFromInline init(position: UInt32, label: String) {
    self.position = position
    self.label = label
  }
}

/// The operations of one object, lowered: a problem over an automaton.
@usableFromInline struct LoweredObject {
  @usableFromInline let automaton: Automaton
  @usableFromInline let problem: SearchProblem
  /// Position in `Operations` of each operation of the problem.
  @usableFromInline let positions: [UInt32]
  /// The failed operations that would have left this state; in order of invocation.
  ///
  /// They are no part of the problem, and are looked for only when a violation is explained.
  @usableFromInline let failedWriters: (_ state: UInt32) -> [FailedWriter]

  @usableFromInline init(
    automaton: Automaton, problem: SearchProblem, positions: [UInt32],
    failedWriters: @escaping (UInt32) -> [FailedWriter]
  ) {
    self.automaton = automaton
    self.problem = problem
    self.positions = positions
    self.failedWriters = failedWriters
  }
}

/// From recorded events to the columns of the search.
@usableFromInline enum Lowering {
  /// The operations at these positions as one object.
  ///
  /// Left out are failed operations, which did not happen, and those that the model says can constrain nothing.
  ///
  /// - Throws: `MalformedHistory` at the first operation that the model cannot read.
  @inlinable static func object<Model: SequentialModel>(
    _ positions: some Sequence<UInt32>, of operations: Operations, model: Model
  ) throws(MalformedHistory) -> LoweredObject {
    let interned = InternedModel(model)
    let initial = interned.intern(state: model.initial(&interned.values))
    var lowered: [SearchOperation] = []
    var kept: [UInt32] = []
    for position in positions {
      guard let call = try call(Int(position), of: operations) else { continue }
      let invocation = operations.invocations[Int(position)]
      let operation: Model.Operation?
      do throws(MalformedOperation) { operation = try model.lower(call, &interned.values) } catch {
        throw MalformedHistory(index: Int(invocation), message: error.message)
      }
      guard let operation else { continue }
      let completion = call.outcome == .ok ? operations.completion(Int(position)).map { UInt32($0) } : nil
      lowered.append(
        SearchOperation(
          kind: interned.intern(kind: operation), invocation: invocation,
          completion: completion ?? SearchOperation.never, isRequired: completion != nil))
      kept.append(position)
    }
    return LoweredObject(
      automaton: interned.automaton(), problem: SearchProblem(initialStates: [initial], operations: lowered),
      positions: kept, failedWriters: { state in failedWriters(of: state, positions, operations, interned) })
  }

  /// A failed operation is lowered like one of unknown outcome; one that the model cannot read wrote nothing.
  @inlinable static func failedWriters<Model: SequentialModel>(
    of state: UInt32, _ positions: some Sequence<UInt32>, _ operations: Operations, _ interned: InternedModel<Model>
  ) -> [FailedWriter] {
    let needed = interned.states[Int(state)]
    return positions.compactMap { position in
      guard operations.outcome(Int(position)) == .fail else { return nil }
      let invocation = Int(operations.invocations[Int(position)])
      let call = RecordedCall(
        function: operations.history.function(at: invocation), input: operations.history.payload(at: invocation),
        output: .null, outcome: .info)
      guard let lowered = try? interned.model.lower(call, &interned.values) else { return nil }
      let traits = interned.model.traits(of: lowered)
      if traits.isObserver || traits.result != needed { return nil }
      return FailedWriter(position: position, label: interned.model.label(lowered, interned.values))
    }
  }

  /// What the history recorded of the operation; nil if it failed.
  @usableFromInline static func call(
    _ position: Int, of operations: Operations
  ) throws(MalformedHistory) -> RecordedCall? {
    let history = operations.history
    let invocation = Int(operations.invocations[position])
    let completion = operations.completion(position)
    let outcome = completion.map { history.type(at: $0) } ?? .info
    if outcome == .fail { return nil }
    if history.keyed { try requireSameKey(invocation, outcome == .ok ? completion : nil, history) }
    return RecordedCall(
      function: history.function(at: invocation), input: history.payload(at: invocation),
      output: outcome == .ok ? completion.map { history.payload(at: $0) } ?? .null : .null, outcome: outcome)
  }

  /// An `ok` completion carries the key of its invocation.
  private static func requireSameKey(
    _ invocation: Int, _ completion: Int?, _ history: History
  ) throws(MalformedHistory) {
    guard let completion, let key = history.keyID(at: invocation) else { return }
    guard let completed = history.keyID(at: completion) else {
      throw MalformedHistory(
        index: completion, message: "expected [key, value], not \(history.payload(at: completion))")
    }
    if completed != key {
      throw MalformedHistory(
        index: completion, message: "completes key \(history.keys[completed]), but key \(history.keys[key]) was invoked"
      )
    }
  }
}
