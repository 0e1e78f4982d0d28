import Histories

/// A model as the command line knows it: by name, with the shapes of its operations.
///
/// It holds closures over the model's concrete type, so that the checkers stay specialised for it.
public struct CatalogueModel: Sendable {
  /// One function that the model knows.
  public struct Operation: Hashable, Sendable {
    /// Jepsen's `f`.
    public var function: String
    /// The invocation's value, of an object without key.
    public var invocation: ValueShape
    /// What goes in and what comes out, in one line: `null → v`.
    public var text: String
    /// What it is answered with, as far as models are told apart by it.
    public var answer: AnswerShape

    init(_ function: String, _ invocation: ValueShape, _ text: String, answer: AnswerShape = .any) {
      self.function = function
      self.invocation = invocation
      self.text = text
      self.answer = answer
    }
  }

  /// How the histories of many objects say which one an operation is on.
  public enum Keys: Hashable, Sendable {
    /// One object that cannot be taken apart.
    case none
    /// Every value is `[key, v]`, or none is: found out from the shapes of the invocations.
    case pairs
    /// Every value is `[key, v]`.
    case always
    /// As `pairs`; an invocation of these functions may also be the key itself, if it is answered with `[key, v]`.
    case bare(functions: Set<String>)

    /// In one line.
    public var text: String {
      switch self {
      case .none: "one object"
      case .pairs: "one object, or many with [key, v] for v"
      case .always: "[key, v] for v"
      case .bare(let functions):
        "one object, or many with [key, v] for v; the key alone for \(functions.sorted().joined(separator: ", "))"
      }
    }
  }

  /// The decisions on every object, and what they come to.
  public struct Answer: Sendable {
    public var result: CheckResult
    /// In order of the keys' first appearance.
    public var decisions: [ObjectDecision]
  }

  public let name: String
  public let summary: String
  public let operations: [Operation]
  public let keys: Keys
  /// The state before the first operation, where none is given; nil if it cannot be chosen.
  public let initial: Value?
  /// Whether its objects are registers: what a read saw is what one operation wrote.
  public var isRegister: Bool { Set(operations.map(\.function)).isSubset(of: ["read", "write", "cas"]) }

  /// `initial` is none that the model can start from: the caller must give one.
  public let needsInitial: Bool
  private let decide:
    @Sendable (History, Value, CheckBudget, Int, CheckCancellation?, CheckTuning) throws -> [ObjectDecision]
  private let order: @Sendable (History, Value, CheckBudget, Int, CheckCancellation?) throws -> SequentialDecision

  /// - Parameters:
  ///   - initial: what the object holds at first, unless the caller says something else.
  ///   - starts: what it can start from, where that is not any value.
  ///   - needed: what the caller has to give, where the model has no first state of its own: "N, the number of …".
  ///   - make: the model that starts in this state; nil if it cannot.
  init<Model: SequentialModel>(
    _ name: String, _ summary: String, _ operations: [Operation], keys: Keys = .pairs, initial: Value? = nil,
    starts: String = "any value", needs needed: String? = nil, _ make: @escaping @Sendable (Value) -> Model?
  ) {
    self.name = name
    self.summary = summary
    self.operations = operations
    self.keys = keys
    self.initial = initial
    needsInitial = initial.map { make($0) == nil } ?? false
    let model: @Sendable (Value) throws -> Model = { initial in
      if let model = make(initial) { return model }
      if let needed { throw InvalidInitialState(message: "\(name) needs --initial \(needed)") }
      throw InvalidInitialState(message: "\(name) starts from \(starts), not from \(initial)")
    }
    decide = { history, initial, budget, threads, cancellation, tuning in
      try LinearizabilityChecker.decide(
        history, model: model(initial), budget: budget, threads: threads, cancellation: cancellation, tuning: tuning)
    }
    order = { history, initial, budget, threads, cancellation in
      try SequentialConsistencyChecker.decide(
        history, model: model(initial), budget: budget, threads: threads, cancellation: cancellation)
    }
  }

  /// Whether the history is linearizable, from `initial` or else from the model's own first state.
  ///
  /// - Parameter witnesses: say of every valid object in which order its operations happened.
  /// - Throws: `PairingError`, `MalformedHistory`, or `InvalidInitialState`.
  public func linearizable(
    _ history: History, initial: Value? = nil, budget: CheckBudget = CheckBudget(),
    threads: Int = LinearizabilityChecker.defaultThreads, cancellation: CheckCancellation? = nil,
    witnesses: Bool = false
  ) throws -> Answer {
    var tuning = CheckTuning()
    tuning.wantsWitnesses = witnesses
    let decisions = try decide(history, start(initial), budget, threads, cancellation, tuning)
    return Answer(result: LinearizabilityChecker.summarize(decisions), decisions: decisions)
  }

  /// Whether the history is sequentially consistent: all objects in one order, which has no decisions object by object.
  ///
  /// - Throws: `PairingError`, `MalformedHistory`, or `InvalidInitialState`.
  public func sequential(
    _ history: History, initial: Value? = nil, budget: CheckBudget = CheckBudget(),
    threads: Int = LinearizabilityChecker.defaultThreads, cancellation: CheckCancellation? = nil
  ) throws -> Answer {
    let decision = try order(history, start(initial), budget, threads, cancellation)
    return Answer(result: SequentialConsistencyChecker.result(of: decision), decisions: [])
  }

  private func start(_ initial: Value?) throws -> Value {
    if initial != nil, self.initial == nil {
      throw InvalidInitialState(message: "the first state of \(name) cannot be chosen")
    }
    return initial ?? self.initial ?? .null
  }
}

/// A first state that the model does not have.
public struct InvalidInitialState: Error, Hashable, Sendable, CustomStringConvertible {
  public let message: String

  public var description: String { message }
}

/// What a value looks like, as far as it takes to tell `v` from `[key, v]`.
public enum ValueShape: Hashable, Sendable {
  case null
  /// Anything, lists of two among it.
  case any
  /// A list of two: `[from, to]`.
  case pair
  case integer
  /// A list of two integers, or null.
  case range
  /// A list of micro-operations `[name, key, value]`, at least one.
  case microOperations
  /// A list of `["send", …]` and `["poll", …]`, at least one.
  case sendsAndPolls

  func admits(_ word: ValueWord, _ values: ValueStore) -> Bool {
    switch self {
    case .null: word.isNull
    case .any: true
    case .pair: values.pair(word) != nil
    case .integer: values.int(word) != nil
    case .microOperations:
      values.list(word).map { list in
        !list.isEmpty
          && list.allSatisfy { values.list($0).map { $0.count == 3 && values.string($0[0]) != nil } ?? false }
      } ?? false
    case .sendsAndPolls:
      values.list(word).map { list in
        !list.isEmpty
          && list.allSatisfy {
            values.list($0)?.first.flatMap { values.string($0) }.map { ["send", "poll"].contains($0) } ?? false
          }
      } ?? false
    case .range:
      word.isNull || (values.pair(word).map { values.int($0.0) != nil && values.int($0.1) != nil } ?? false)
    }
  }
}

/// The form of what an operation that is given nothing comes back with.
public enum AnswerShape: Hashable, Sendable {
  case any
  /// What other operations of the object were given, or null.
  case element
  /// A list of such, or null.
  case list
}
