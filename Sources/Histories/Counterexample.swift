/// Everything a report needs to draw why a history of one object cannot be ordered.
///
/// Stored as `counterexamples/<n>.json`; the fields are described in Docs/results.md.
public struct Counterexample: Hashable, Sendable, Codable {
  /// One operation of the reduced history.
  public struct Operation: Hashable, Sendable, Codable {
    /// What the checker demands of the operation.
    public enum Role: String, Hashable, Sendable, Codable {
      /// It happened, between its invocation and its completion.
      case required
      /// It may have happened, once, after its invocation (and before its completion, if it has one).
      case optional
      /// Nothing: it is no part of the proof, and is shown so that one sees where a value came from.
      case context
    }

    /// Index of the invocation in the history.
    public var index: Int
    /// Index of the completion; nil when it never returned or may still happen.
    public var completion: Int?
    public var process: String
    public var node: String?
    public var f: String
    /// The invocation's value, without its key.
    public var input: Value
    /// The completion's value, without its key.
    public var output: Value
    public var type: String
    public var role: Role
    /// Nanoseconds since the run's start.
    public var invokeTime: Int64
    public var completeTime: Int64?
    /// The operation in the words of its model: `w 3`, `r → 1`, `cas 1→2`.
    public var label: String

    public init(
      index: Int, completion: Int?, process: String, node: String?, f: String, input: Value, output: Value,
      type: String, role: Role, invokeTime: Int64, completeTime: Int64?, label: String
    ) {
      self.index = index
      self.completion = completion
      self.process = process
      self.node = node
      self.f = f
      self.input = input
      self.output = output
      self.type = type
      self.role = role
      self.invokeTime = invokeTime
      self.completeTime = completeTime
      self.label = label
    }
  }

  /// One longest order that the search could build before it got stuck.
  public struct Path: Hashable, Sendable, Codable {
    public struct Step: Hashable, Sendable, Codable {
      /// Position in `operations`.
      public var operation: Int
      /// The object's state after it.
      public var state: Value

      public init(operation: Int, state: Value) {
        self.operation = operation
        self.state = state
      }
    }

    public var initial: Value
    public var steps: [Step]
    /// Positions in `operations` that could not come next, each with the reason.
    public var stuck: [Stuck]

    public init(initial: Value, steps: [Step], stuck: [Stuck]) {
      self.initial = initial
      self.steps = steps
      self.stuck = stuck
    }
  }

  public struct Stuck: Hashable, Sendable, Codable {
    public var operation: Int
    public var reason: String

    public init(operation: Int, reason: String) {
      self.operation = operation
      self.reason = reason
    }
  }

  /// How a state is shown that no operation of the proof needs: any of those not named beside it.
  public static let otherState = Value.string("(another value)")

  /// A state as text: its JSON, or the words for any other state.
  public static func text(ofState state: Value) -> String { state == otherState ? "another value" : state.json }

  /// The state as a person reads it.
  public func text(of state: Value) -> String { stateTexts?[state.json] ?? Self.text(ofState: state) }

  public var schema = 1
  public var claim: String
  public var anomaly: String
  /// The object, where the history holds many.
  public var key: Value?
  public var summary: String
  /// The sentences of the explanation, in order.
  public var explanation: [String]
  /// The states in which the object can have been before the first operation shown.
  public var initialStates: [Value]
  /// `initialStates` stand for every state: nothing need be known of what was before. Absent means false.
  public var startsAnywhere: Bool?
  /// How many earlier operations `initialStates` stands for.
  public var earlierOperations: Int
  /// Completed updates that are left out because the rest has no order even without them; states are then those of an
  /// object without these. Absent means none.
  public var leftOut: Int?
  /// The words for states whose values would not be understood, by the JSON of the value. Absent means none.
  public var stateTexts: [String: String]?
  /// In order of invocation.
  public var operations: [Operation]
  /// Position in `operations` of the one whose return proves the violation.
  public var violation: Int
  public var paths: [Path]

  public init(
    claim: String, anomaly: String, key: Value?, summary: String, explanation: [String], initialStates: [Value],
    earlierOperations: Int, operations: [Operation], violation: Int, paths: [Path],
    startsAnywhere: Bool? = nil, leftOut: Int? = nil, stateTexts: [String: String]? = nil
  ) {
    self.leftOut = leftOut
    self.stateTexts = stateTexts
    self.startsAnywhere = startsAnywhere
    self.claim = claim
    self.anomaly = anomaly
    self.key = key
    self.summary = summary
    self.explanation = explanation
    self.initialStates = initialStates
    self.earlierOperations = earlierOperations
    self.operations = operations
    self.violation = violation
    self.paths = paths
  }
}
