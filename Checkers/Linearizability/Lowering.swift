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

/// The operations of one object, lowered: a problem over an automaton.
@usableFromInline struct LoweredObject {
  @usableFromInline let automaton: Automaton
  @usableFromInline let problem: SearchProblem
  /// Position in `Operations` of each operation of the problem.
  @usableFromInline let positions: [UInt32]

  @usableFromInline init(automaton: Automaton, problem: SearchProblem, positions: [UInt32]) {
    self.automaton = automaton
    self.problem = problem
    self.positions = positions
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
      positions: kept)
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
