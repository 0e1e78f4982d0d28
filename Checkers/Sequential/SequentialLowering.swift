import Histories

extension SequentialProblem {
  /// The operations of a whole history, lowered; `positions` names each in `Operations`.
  ///
  /// Observers of unknown outcome are left out: nobody can tell whether they happened.
  init(_ compiled: LoweredObject.Compiled, _ positions: [UInt32], _ recorded: Operations) {
    var processes = SymbolTable<Int32>()
    let history = recorded.history
    let operations = zip(compiled.problem.operations, positions).map { operation, position in
      let invocation = Int(recorded.invocations[Int(position)])
      return Operation(
        kind: operation.kind, object: history.keyID(at: invocation) ?? 0,
        process: processes.intern(history.process(at: invocation).rawValue), invocation: operation.invocation,
        completion: operation.completion, isRequired: operation.isRequired)
    }
    self.init(
      operations, objectCount: history.keyed ? history.keys.count : 1,
      initialState: compiled.problem.initialStates[0], compiled.automaton)
  }

  /// Without what can be left out whatever the rest says.
  var withoutIdle: [Member] { allMembers.filter { $0.isRequired || effect($0.id).isUpdate } }
}

/// A history lowered as one problem for all its objects: the generic world ends here.
@usableFromInline enum SequentialLowering {
  /// - Throws: `MalformedHistory` for the earliest operation that the model cannot read, or that has no key where the
  ///   history is keyed.
  @inlinable static func compile<Model: SequentialModel>(
    _ operations: Operations, _ model: Model
  ) throws(MalformedHistory) -> (LoweredObject.Compiled, positions: [UInt32]) {
    try requireKeys(operations)
    let interned = InternedModel(model, operations.history.values)
    let initial = model.initial(&interned.values)
    let (history, kept) = try Lowering.typed(
      0..<UInt32(operations.count), before: .max, of: operations, interned)
    return (Lowering.compile(history, interned, initial), kept)
  }

  /// Every operation of a keyed history has a key.
  @usableFromInline static func requireKeys(_ operations: Operations) throws(MalformedHistory) {
    let history = operations.history
    guard history.keyed else { return }
    for (position, invocation) in operations.invocations.enumerated()
    where history.keyID(at: Int(invocation)) == nil && operations.outcome(position) != .fail {
      throw MalformedHistory(
        index: Int(invocation), message: "expected [key, value], not \(history.payload(at: Int(invocation)))")
    }
  }
}
