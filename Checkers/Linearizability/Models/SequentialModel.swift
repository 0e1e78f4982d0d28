import Histories

/// A sequential specification: what one object answers when operations come one at a time.
///
/// A checker asks a model three things: how a recorded operation becomes a small value (`lower`), what that operation
/// does to a state (`step`), and how both are told to a person. The search itself never sees a model's types: it works
/// on interned states and operations and calls `step` only for a pair that it has not met, so that a model in another
/// module is as fast as the bundled ones. Marking the methods `@inlinable` and the operation type `@frozen` lets the
/// compiler specialise even those calls.
///
/// Models are pure: the same state and operation give the same answer, always.
public protocol SequentialModel: Sendable {
  associatedtype State: Hashable & Sendable
  /// A function with all that is known of its arguments and answer, over ids of the `ValueTable`.
  associatedtype Operation: Hashable & Sendable

  /// The model's name on the command line and in messages: `cas-register`.
  var name: String { get }

  /// The state before the first operation.
  func initial(_ values: inout ValueTable) -> State

  /// The operation that a history recorded; nil if it can never constrain anything (a read whose answer is not known).
  ///
  /// Called for outcomes `ok` and `info` only: a failed operation did not happen.
  ///
  /// - Throws: `MalformedOperation` for an unknown function or a value of the wrong shape.
  func lower(_ call: RecordedCall, _ values: inout ValueTable) throws(MalformedOperation) -> Operation?

  /// The state after the operation, or nil if it cannot happen in this state with the answer that was recorded.
  func step(_ state: State, _ operation: Operation) -> State?

  /// What can be said of the operation without a state; `.unknown` is always right, more makes the search faster.
  func traits(of operation: Operation) -> OperationTraits<State>

  /// A number that no other operation of the model has, for those that are counted in millions; nil where there is none.
  ///
  /// Interning is then a look-up of one word.
  func code(of operation: Operation) -> UInt64?

  /// The answer of a polynomial rule, where one applies to the whole history of an object; nil where none does.
  ///
  /// Exact or nil: a rule that says "violation" on an innocent history gives a false alarm.
  func decide(_ history: ObjectHistory<Operation>, initial: State, _ values: ValueTable) -> RuleDecision?

  /// The name that the field has for a violation, with its sentence; nil where none fits.
  ///
  /// - Parameters:
  ///   - violation: position of the operation whose return proves that there is no order; it has an answer.
  ///   - history: all operations of the object, those that came later too.
  func anomaly(
    of violation: UInt32, in history: ObjectHistory<Operation>, initial: State, _ values: ValueTable
  ) -> NamedAnomaly?

  /// A state is a value that some operation wrote: `stale-read` and the other names of registers apply.
  var holdsWrittenValues: Bool { get }

  /// The state as a value for reports.
  func value(of state: State, _ values: ValueTable) -> Value

  /// The state in words, where its value would not be understood: `2 of 2 permits taken`. Nil: the value as JSON.
  func text(of state: State, _ values: ValueTable) -> String?

  /// The operation in a few characters: `w 3`, `r → 1`, `cas 1→2`.
  func label(_ operation: Operation, _ values: ValueTable) -> String

  /// Why the operation cannot happen in the state, as the end of a sentence: "needs 1, but the register holds 3".
  func refusal(of operation: Operation, in state: State, _ values: ValueTable) -> String
}

extension SequentialModel {
  public func traits(of operation: Operation) -> OperationTraits<State> { .unknown }

  @inlinable public func code(of operation: Operation) -> UInt64? { nil }

  public func decide(_ history: ObjectHistory<Operation>, initial: State, _ values: ValueTable) -> RuleDecision? {
    nil
  }

  public func anomaly(
    of violation: UInt32, in history: ObjectHistory<Operation>, initial: State, _ values: ValueTable
  ) -> NamedAnomaly? { nil }

  public var holdsWrittenValues: Bool { false }

  public func text(of state: State, _ values: ValueTable) -> String? { nil }

  public func refusal(of operation: Operation, in state: State, _ values: ValueTable) -> String {
    "cannot happen in state \(value(of: state, values))"
  }
}

/// What a history recorded of one operation, as a model reads it.
@frozen public struct RecordedCall: Sendable {
  /// Jepsen's `f`.
  public var function: String
  /// The invocation's value, without its key; the `ValueTable` reads it.
  public var input: ValueWord
  /// The completion's value, without its key; null where there is none.
  public var output: ValueWord
  /// `ok`, or `info` where the outcome is unknown.
  public var outcome: EventType
  /// The process that invoked it: who holds a lock.
  public var process: ProcessID

  @inlinable public init(
    function: String, input: ValueWord, output: ValueWord, outcome: EventType, process: ProcessID
  ) {
    self.process = process
    self.function = function
    self.input = input
    self.output = output
    self.outcome = outcome
  }
}

extension RecordedCall {
  /// Refuses an invocation of a function that takes nothing, where its value can be the `[key, null]` of one object among
  /// many: to judge all objects as one would give a false alarm. Other values are what some clients leave there.
  ///
  /// - Throws: `MalformedOperation`.
  func requireNoKey(_ values: ValueTable) throws(MalformedOperation) {
    guard values.pair(input) != nil else { return }
    throw MalformedOperation(
      "'\(function)' is invoked with null, not \(values.value(input)); if that is [key, value], then all operations must "
        + "have a key (--keyed yes)")
  }

  /// Refuses an `ok` completion with another value than its invocation's, of a function that answers nothing: one of the
  /// two lines is not what happened. Null is what some clients record instead.
  ///
  /// - Throws: `MalformedOperation`.
  func requireEcho(_ values: ValueTable) throws(MalformedOperation) {
    if outcome != .ok || output.isNull || output == input { return }
    if let (first, second) = values.pair(input), let answer = values.pair(output), answer == (first, second) { return }
    if !input.isScalar, values.value(output) == values.value(input) { return }
    throw MalformedOperation(
      "'\(function)' of \(values.value(input)) completes with \(values.value(output)): expected its own value, or null",
      isAnswer: true)
  }
}

/// An operation that the model cannot read: what was found and what was expected.
public struct MalformedOperation: Error, Hashable, Sendable, CustomStringConvertible {
  public let message: String
  /// It is the completion that is wrong, not the invocation.
  public let isAnswer: Bool

  public init(_ message: String, isAnswer: Bool = false) {
    self.message = message
    self.isAnswer = isAnswer
  }

  public var description: String { message }
}

/// What holds of an operation in every state. Wrong traits give wrong verdicts; debug builds check them at every step.
@frozen public struct OperationTraits<State: Hashable & Sendable>: Sendable {
  /// When the operation can happen.
  @frozen public enum Condition: Sendable {
    /// In every state: a blind write.
    case always
    /// In this state and in no other: a read that answered it, a compare-and-set from it.
    case only(State)
    /// It depends.
    case unknown
  }

  /// It never changes the state.
  public var isObserver: Bool
  public var condition: Condition
  /// The state that it leaves, whatever the state before; nil if that depends.
  public var result: State?

  @inlinable public init(isObserver: Bool, condition: Condition, result: State?) {
    self.isObserver = isObserver
    self.condition = condition
    self.result = result
  }

  /// Nothing is known.
  @inlinable public static var unknown: Self { Self(isObserver: false, condition: .unknown, result: nil) }
}
