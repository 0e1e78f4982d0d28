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

/// The operations of one object, lowered: typed columns for the model's rule, and from these, when somebody asks for
/// it, a problem over an automaton for the search.
///
/// Not `Sendable`: each object gets its own, used by one thread at a time.
@usableFromInline final class LoweredObject {
  /// What the search works on.
  @usableFromInline struct Compiled {
    @usableFromInline let automaton: Automaton
    @usableFromInline let problem: SearchProblem

    @usableFromInline init(automaton: Automaton, problem: SearchProblem) {
      self.automaton = automaton
      self.problem = problem
    }
  }

  /// How an object answers what only its model can; closures, so that the rest is compiled once.
  @usableFromInline struct Answers {
    /// The rule's answer for the whole object; nil where no rule applies.
    let rule: () -> RuleDecision?
    /// The rule's core for the history before this event, as positions in `Operations`; nil unless it is a violation.
    let coreBefore: (_ event: UInt32) -> [UInt32]?
    let compile: () -> Compiled
    /// The failed operations that would have left this state; in order of invocation.
    ///
    /// They are no part of the problem, and are looked for only when a violation is explained.
    let failedWriters: (_ state: UInt32) -> [FailedWriter]
    /// What the model calls the violation at this operation of the problem.
    let anomaly: (_ id: UInt32) -> NamedAnomaly?
    /// See `SequentialModel`.
    let holdsWrittenValues: Bool

    @usableFromInline init(
      rule: @escaping () -> RuleDecision?, coreBefore: @escaping (UInt32) -> [UInt32]?,
      compile: @escaping () -> Compiled, failedWriters: @escaping (UInt32) -> [FailedWriter],
      anomaly: @escaping (UInt32) -> NamedAnomaly?, holdsWrittenValues: Bool
    ) {
      self.anomaly = anomaly
      self.holdsWrittenValues = holdsWrittenValues
      self.rule = rule
      self.coreBefore = coreBefore
      self.compile = compile
      self.failedWriters = failedWriters
    }
  }

  /// Position in `Operations` of each operation of the problem; increasing.
  let positions: [UInt32]
  let answers: Answers
  private lazy var compiled = answers.compile()
  var automaton: Automaton { compiled.automaton }
  var problem: SearchProblem { compiled.problem }

  @usableFromInline init(positions: [UInt32], answers: Answers) {
    self.positions = positions
    self.answers = answers
  }

  /// The problem's ids of operations given as positions in `Operations`; those that it does not have are left out.
  func ids(of wanted: [UInt32]) -> [UInt32] {
    wanted.sorted().compactMap { position in
      let id = positions.partitioningIndex { $0 >= position }
      return id < positions.count && positions[id] == position ? UInt32(id) : nil
    }
  }
}

/// From recorded events to the columns of the rules and of the search.
@usableFromInline enum Lowering {
  /// The operations at these positions as one object.
  ///
  /// Left out are failed operations, which did not happen, and those that the model says can constrain nothing.
  ///
  /// - Throws: `MalformedHistory` at the first operation that the model cannot read.
  @inlinable static func object<Model: SequentialModel>(
    _ positions: some RandomAccessCollection<UInt32>, of operations: Operations, model: Model
  ) throws(MalformedHistory) -> LoweredObject {
    let interned = InternedModel(model, operations.history.values)
    let initial = model.initial(&interned.values)
    let (history, kept) = try typed(positions, before: .max, of: operations, interned)
    return LoweredObject(
      positions: kept,
      answers: LoweredObject.Answers(
        rule: { model.decide(history, initial: initial, interned.values) },
        coreBefore: { core(before: $0, positions, operations, interned, initial) },
        compile: { compile(history, interned, initial) },
        failedWriters: { failedWriters(of: $0, positions, operations, interned) },
        anomaly: { model.anomaly(of: $0, in: history, initial: initial, interned.values) },
        holdsWrittenValues: model.holdsWrittenValues))
  }

  /// The typed columns of what happened before the event, and the positions of their operations.
  ///
  /// What had not returned by then is lowered as an operation of unknown outcome.
  @inlinable static func typed<Model: SequentialModel>(
    _ positions: some RandomAccessCollection<UInt32>, before event: UInt32, of operations: Operations,
    _ interned: InternedModel<Model>
  ) throws(MalformedHistory) -> (ObjectHistory<Model.Operation>, [UInt32]) {
    var history = ObjectHistory<Model.Operation>()
    history.reserveCapacity(positions.count)
    var kept: [UInt32] = []
    kept.reserveCapacity(positions.count)
    // Out of the class for the loop: every access there would be checked.
    var values = ValueTable()
    swap(&values, &interned.values)
    defer { swap(&values, &interned.values) }
    // The operations of one object among many are scattered; those of a single one lie side by side already.
    let batchMax = operations.history.keyed ? batchOperations : 0
    var batch: [Operations.Record] = []
    batch.reserveCapacity(min(batchMax, positions.count))
    var number = 0
    for position in positions {
      if batchMax > 0, number % batchMax == 0 {
        batch.removeAll(keepingCapacity: true)
        operations.gather(positions.dropFirst(number).prefix(batchMax), into: &batch)
      }
      let record = batchMax > 0 ? batch[number % batchMax] : operations.record(Int(position))
      number += 1
      if record.invocation >= event { break }
      guard let call = try call(record, before: event, of: operations) else { continue }
      let operation: Model.Operation?
      do throws(MalformedOperation) { operation = try interned.model.lower(call, &values) } catch {
        let completion = error.isAnswer ? record.completion : nil
        throw MalformedHistory(index: Int(completion ?? record.invocation), message: error.message)
      }
      guard let operation else { continue }
      let completion = call.outcome == .ok ? record.completion : nil
      history.append(
        operation, invocation: record.invocation, completion: completion ?? SearchOperation.never)
      kept.append(position)
    }
    return (history, kept)
  }

  @inlinable static func compile<Model: SequentialModel>(
    _ history: ObjectHistory<Model.Operation>, _ interned: InternedModel<Model>, _ initial: Model.State
  ) -> LoweredObject.Compiled {
    let state = interned.intern(state: initial)
    var lowered: [SearchOperation] = []
    lowered.reserveCapacity(history.count)
    for id in 0..<history.count {
      lowered.append(
        SearchOperation(
          kind: interned.intern(kind: history.operations[id]), invocation: history.invocations[id],
          completion: history.completions[id], isRequired: history.completions[id] != SearchOperation.never))
    }
    return LoweredObject.Compiled(
      automaton: interned.automaton(), problem: SearchProblem(initialStates: [state], operations: lowered))
  }

  @inlinable static func core<Model: SequentialModel>(
    before event: UInt32, _ positions: some RandomAccessCollection<UInt32>, _ operations: Operations,
    _ interned: InternedModel<Model>, _ initial: Model.State
  ) -> [UInt32]? {
    guard let (history, kept) = try? typed(positions, before: event, of: operations, interned),
      let decision = interned.model.decide(history, initial: initial, interned.values),
      case .violation(let core) = decision.outcome
    else { return nil }
    return core.map { kept[Int($0)] }
  }

  /// A failed operation is lowered like one of unknown outcome; one that the model cannot read wrote nothing.
  @inlinable static func failedWriters<Model: SequentialModel>(
    of state: UInt32, _ positions: some RandomAccessCollection<UInt32>, _ operations: Operations,
    _ interned: InternedModel<Model>
  ) -> [FailedWriter] {
    let needed = interned.states[Int(state)]
    return positions.compactMap { position in
      guard operations.outcome(Int(position)) == .fail else { return nil }
      let call = RecordedCall(
        function: operations.function(Int(position)), input: operations.input(Int(position)), output: .null,
        outcome: .info, process: operations.process(Int(position)))
      guard let lowered = try? interned.model.lower(call, &interned.values) else { return nil }
      let traits = interned.model.traits(of: lowered)
      if traits.isObserver || traits.result != needed { return nil }
      return FailedWriter(position: position, label: interned.model.label(lowered, interned.values))
    }
  }

  /// Operations fetched at a time: their records fit in the first-level cache.
  @usableFromInline static let batchOperations = 256

  /// What the history recorded of the operation before the event; nil if it failed.
  @usableFromInline static func call(
    _ record: Operations.Record, before event: UInt32, of operations: Operations
  ) throws(MalformedHistory) -> RecordedCall? {
    var outcome = record.outcome
    if outcome == .fail { return nil }
    if outcome == .ok {
      if let completion = record.completion, completion >= event { outcome = .info }
      if outcome == .ok, operations.history.keyed, record.changesKey { throw otherKey(record, operations) }
    }
    return RecordedCall(
      function: operations.function(record), input: record.input, output: outcome == .ok ? record.output : .null,
      outcome: outcome, process: record.process)
  }

  /// An `ok` completion carries the key of its invocation.
  private static func otherKey(_ record: Operations.Record, _ operations: Operations) -> MalformedHistory {
    let history = operations.history
    let completion = Int(record.completion ?? 0)
    guard let completed = history.keyID(at: completion), let key = history.keyID(at: Int(record.invocation)) else {
      return MalformedHistory(
        index: completion, message: "expected [key, value], not \(history.payload(at: completion))")
    }
    return MalformedHistory(
      index: completion, message: "completes key \(history.keys[completed]), but key \(history.keys[key]) was invoked")
  }
}
