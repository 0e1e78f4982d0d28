import Histories

/// Whether a history is of one object or of many.
public enum ObjectKeys: Hashable, Sendable {
  case one
  case many
  /// Every operation could be of one object, or of many with `[key, v]` for v; the functions that were seen.
  case ambiguous(functions: [String])
  /// One invocation fits one object only, another fits many only: event indices.
  case mixed(one: Int, many: Int)
}

extension CatalogueModel {
  /// What the invocations say, in a history whose keys were not split off yet.
  ///
  /// The first invocation that fits only one of the readings decides (a read of a register is null, or `[k, null]`); what
  /// does not fit it later is an error that the model names. Locks take any value, so that for them all invocations are
  /// looked at. Where no invocation decides, or one that fits neither
  /// could be meant either way, the verdict could depend on the choice, so it is the caller's.
  public func objectKeys(of history: History) -> ObjectKeys {
    switch keys {
    case .none: return .one
    case .always: return .many
    case .pairs, .bare: break
    }
    let shapes = Dictionary(uniqueKeysWithValues: operations.map { ($0.function, $0.invocation) })
    var functions: Set<String> = []
    var (one, many): (Int?, Int?) = (nil, nil)
    for index in 0..<history.count where isClientInvocation(index, history) {
      let function = history.function(at: index)
      guard let shape = shapes[function] else { continue }
      functions.insert(function)
      let word = history.word(at: index)
      let fitsOne = shape.admits(word, history.values)
      let fitsMany = history.values.pair(word).map { shape.admits($0.1, history.values) } ?? false
      if fitsOne != fitsMany {
        if fitsOne { one = one ?? index } else { many = many ?? index }
      } else if !fitsOne {
        guard isBare(function) else {
          if one != nil || many != nil { continue }
          return history.values.pair(word) == nil ? .one : .ambiguous(functions: [function])
        }
        if isAnsweredWithKey(index, word, history) { many = many ?? index }
      }
      if let one, let many { return .mixed(one: one, many: many) }
      if one != nil || many != nil, !looksAtAll { break }
    }
    if one != nil || many != nil { return one == nil ? .many : .one }
    return functions.isEmpty ? .one : .ambiguous(functions: functions.sorted())
  }

  private var looksAtAll: Bool {
    if case .bare = keys { true } else { false }
  }

  private func isClientInvocation(_ index: Int, _ history: History) -> Bool {
    history.type(at: index) == .invoke && !history.process(at: index).isNemesis
  }

  private func isBare(_ function: String) -> Bool {
    if case .bare(let functions) = keys { functions.contains(function) } else { false }
  }

  /// The value is one that the completion, if it is `ok`, gives back as the key of `[key, v]`.
  private func isAnsweredWithKey(_ invocation: Int, _ word: ValueWord, _ history: History) -> Bool {
    let process = history.process(at: invocation)
    let completion = (invocation + 1..<history.count).first { history.process(at: $0) == process }
    guard let completion, history.type(at: completion) == .ok else { return false }
    return history.values.pair(history.word(at: completion))?.0 == word
  }

  /// The history with its keys split off.
  public func splitKeys(of history: History) -> History {
    guard !history.keyed else { return history }
    guard case .bare(let functions) = keys else { return history.splittingKeys() }
    // Locks: the key alone becomes [key, null], so that every value has one form.
    return History(
      keyed: true,
      history.events.lazy.map { event in
        var event = event
        if !event.process.isNemesis, functions.contains(event.function), event.value.keyedPair == nil {
          event.value = .keyed(event.value, .null)
        }
        return event
      })
  }
}
