import Histories

/// The mutable side of an `Automaton`: a model with the states and operations that were met, as dense ids.
@usableFromInline final class InternedModel<Model: SequentialModel> {
  @usableFromInline let model: Model
  @usableFromInline var values: ValueTable
  @usableFromInline var states: [Model.State] = []
  @usableFromInline var stateIDs: [Model.State: UInt32] = [:]
  @usableFromInline var kinds: [Model.Operation] = []
  @usableFromInline var kindCodes = WordTable(tagBits: 0, directTag: 0)
  @usableFromInline var kindIDs: [Model.Operation: UInt32] = [:]

  @inlinable init(_ model: Model, _ store: ValueStore) {
    self.model = model
    values = ValueTable(store)
  }

  @inlinable func intern(state: Model.State) -> UInt32 {
    if let id = stateIDs[state] { return id }
    let id = UInt32(states.count)
    states.append(state)
    stateIDs[state] = id
    return id
  }

  @inlinable func intern(kind: Model.Operation) -> UInt32 {
    if let code = model.code(of: kind) {
      let id = kindCodes.intern(code, next: UInt32(kinds.count))
      if id == kinds.count { kinds.append(kind) }
      return id
    }
    if let id = kindIDs[kind] { return id }
    let id = UInt32(kinds.count)
    kinds.append(kind)
    kindIDs[kind] = id
    return id
  }

  /// The automaton of all operations interned so far.
  @inlinable func automaton() -> Automaton {
    let words = Automaton.Words(
      value: { self.model.value(of: self.states[Int($0)], self.values) },
      text: { self.model.text(of: self.states[Int($0)], self.values) },
      label: { self.model.label(self.kinds[Int($0)], self.values) },
      refusal: { self.model.refusal(of: self.kinds[Int($0)], in: self.states[Int($1)], self.values) })
    // In the array of states and, with its id and a spare third, in the dictionary.
    let stateBytes = MemoryLayout<Model.State>.stride * 3 + 8
    return Automaton(
      traits: kinds.map { traits(of: $0) }, words: words, cacheEntries: kinds.count * 16, stateBytes: stateBytes
    ) {
      guard let next = self.model.step(self.states[Int($0)], self.kinds[Int($1)]) else { return Automaton.none }
      return self.intern(state: next)
    }
  }

  @inlinable func traits(of kind: Model.Operation) -> Automaton.Traits {
    let traits = model.traits(of: kind)
    let condition: Automaton.Traits.Condition =
      switch traits.condition {
      case .always: .always
      case .only(let state): .only(intern(state: state))
      case .unknown: .unknown
      }
    let result = traits.result.map { intern(state: $0) } ?? Automaton.none
    return Automaton.Traits(isObserver: traits.isObserver, condition: condition, result: result)
  }
}
