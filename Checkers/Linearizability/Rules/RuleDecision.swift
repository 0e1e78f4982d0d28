import Histories

/// The operations of one object as its model lowered them: columns, in order of invocation.
///
/// Failed operations and those that can constrain nothing are not in it.
@frozen public struct ObjectHistory<Operation: Sendable>: Sendable {
  /// "May happen at any time after its invocation, once, or never."
  @inlinable public static var never: UInt32 { .max }

  public var operations: [Operation]
  /// Event index of each invocation, increasing: the event index is the clock, no two events share one.
  public var invocations: [UInt32]
  /// Event index of each completion; `never` for an operation whose outcome is unknown.
  public var completions: [UInt32]

  @inlinable public init(operations: [Operation] = [], invocations: [UInt32] = [], completions: [UInt32] = []) {
    self.operations = operations
    self.invocations = invocations
    self.completions = completions
  }

  @inlinable public var count: Int { operations.count }

  @inlinable mutating func reserveCapacity(_ count: Int) {
    operations.reserveCapacity(count)
    invocations.reserveCapacity(count)
    completions.reserveCapacity(count)
  }

  /// Adds an operation, invoked after all before it.
  @inlinable public mutating func append(_ operation: Operation, invocation: UInt32, completion: UInt32) {
    operations.append(operation)
    invocations.append(invocation)
    completions.append(completion)
  }
}

/// What a polynomial rule says of an object (CHECKERS 1.1, 1.2).
///
/// A model answers with one from `decide(_:initial:_:)` where the conditions of its rule hold, and with nil where only
/// the search can tell.
@frozen public struct RuleDecision: Sendable {
  @frozen public enum Outcome: Sendable {
    /// Positions in the `ObjectHistory`, in an order that proves it. Every completed operation is in it, once;
    /// operations whose outcome is unknown may be left out.
    case linearizable(order: [UInt32])
    /// Positions of operations that prove the violation by themselves: the history of these alone, each with its own
    /// events, has no order either, and leaving out all others is sound (a history that has an order keeps one without
    /// them). As few as the rule can name.
    case violation(core: [UInt32])
  }

  /// The rule's name in results, described in Docs/checkers.md.
  public var rule: String
  public var outcome: Outcome

  @inlinable public init(rule: String, outcome: Outcome) {
    self.rule = rule
    self.outcome = outcome
  }
}
