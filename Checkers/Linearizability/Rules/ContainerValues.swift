/// The values of a container's history, each with its one insertion and its one removal: what the rules of queues,
/// stacks and priority queues work on. Columns by value, in order of the insertions' invocations.
///
/// Times are event indices. A *slot* is the gap after an event: slot s lies between events s and s + 1, so that an
/// operation may take effect in the slots invocation..<completion.
///
/// Left out are values whose insertion has an unknown outcome and that no removal answered: an order that has such a
/// value keeps its shape without it, in all of these containers.
struct ContainerValues {
  /// Completion of a removal that is not in the history.
  static let never = UInt32.max
  /// Its invocation: an event before that completion, as for any operation.
  static let neverBegun = UInt32.max - 1
  /// "No such operation."
  static let none = UInt32.max

  /// Positions in the `ObjectHistory`; of the removal `none` where a value was never removed.
  var inserts: [UInt32] = []
  var removes: [UInt32] = []
  var insertStarts: [UInt32] = []
  /// The end of the time in which the insertion may take effect: its completion, or that of the removal, if earlier.
  var insertEnds: [UInt32] = []
  var removeStarts: [UInt32] = []
  var removeEnds: [UInt32] = []
  /// Positions of removals that found nothing, and of those of unknown outcome; in order of invocation.
  var empties: [UInt32] = []
  var pending: [UInt32] = []

  var count: Int { inserts.count }

  /// What a history says of its values by itself.
  enum Reading {
    case values(ContainerValues)
    /// A value was removed that nobody inserted, or twice, or before its insertion began. Every container forbids it.
    case violation(core: [UInt32])
    /// A value was inserted twice: removals cannot be told apart.
    case duplicates
  }

  /// The insertion and the removal of each value id.
  fileprivate struct Pairs {
    var inserts: [UInt32]
    var removes: [UInt32]
    /// A removal of a value that another operation removed before; `none` if there is none.
    var second = ContainerValues.none

    init(valueCount: Int) {
      inserts = Array(repeating: ContainerValues.none, count: valueCount)
      removes = inserts
    }
  }

  /// Pairs insertions and removals.
  static func read<Operation: ContainedOperation>(_ history: ObjectHistory<Operation>, valueCount: Int) -> Reading {
    var pairs = Pairs(valueCount: valueCount)
    var result = ContainerValues()
    for (place, recorded) in history.operations.enumerated() {
      let position = UInt32(place)
      switch recorded.operation {
      case .insert(let value):
        if pairs.inserts[Int(value)] != none { return .duplicates }
        pairs.inserts[Int(value)] = position
      case .remove(let value):
        if pairs.removes[Int(value)] != none { pairs.second = position } else { pairs.removes[Int(value)] = position }
      // One of unknown outcome that found nothing changed nothing.
      case .removeNothing: if history.completions[place] != never { result.empties.append(position) }
      case .removeUnknown: result.pending.append(position)
      }
    }
    if let core = pairs.misuse(history) { return .violation(core: core) }
    result.fill(pairs, history)
    return .values(result)
  }

  private mutating func fill<Operation: ContainedOperation>(_ pairs: Pairs, _ history: ObjectHistory<Operation>) {
    reserveCapacity(history.count - empties.count - pending.count)
    for (place, recorded) in history.operations.enumerated() {
      guard case .insert(let value) = recorded.operation else { continue }
      let remove = pairs.removes[Int(value)]
      let isRemoved = remove != Self.none
      let completion = history.completions[place]
      if !isRemoved, completion == Self.never { continue }
      inserts.append(UInt32(place))
      removes.append(remove)
      insertStarts.append(history.invocations[place])
      removeStarts.append(isRemoved ? history.invocations[Int(remove)] : Self.neverBegun)
      removeEnds.append(isRemoved ? history.completions[Int(remove)] : Self.never)
      insertEnds.append(min(completion, isRemoved ? history.completions[Int(remove)] : Self.never))
    }
  }

  private mutating func reserveCapacity(_ count: Int) {
    inserts.reserveCapacity(count)
    removes.reserveCapacity(count)
    insertStarts.reserveCapacity(count)
    insertEnds.reserveCapacity(count)
    removeStarts.reserveCapacity(count)
    removeEnds.reserveCapacity(count)
  }

  /// The operations of the value.
  func operations(of value: Int) -> [UInt32] {
    removes[value] == Self.none ? [inserts[value]] : [inserts[value], removes[value]]
  }

  /// The part of these values that were removed by an operation with an answer, without operations of unknown outcome
  /// and without those that found nothing.
  func removedOnly() -> ContainerValues {
    var result = ContainerValues()
    for value in 0..<count where removes[value] != Self.none {
      result.inserts.append(inserts[value])
      result.removes.append(removes[value])
      result.insertStarts.append(insertStarts[value])
      result.insertEnds.append(insertEnds[value])
      result.removeStarts.append(removeStarts[value])
      result.removeEnds.append(removeEnds[value])
    }
    return result
  }
}

extension ContainerValues.Pairs {
  /// The operations of the first value that no container could have handed out so.
  fileprivate func misuse<Operation: ContainedOperation>(_ history: ObjectHistory<Operation>) -> [UInt32]? {
    if second != ContainerValues.none, case .remove(let value) = history.operations[Int(second)].operation {
      let insert = inserts[Int(value)]
      return (insert == ContainerValues.none ? [] : [insert]) + [removes[Int(value)], second]
    }
    for (insert, remove) in zip(inserts, removes) where remove != ContainerValues.none {
      if insert == ContainerValues.none { return [remove] }
      if history.completions[Int(remove)] < history.invocations[Int(insert)] { return [insert, remove] }
    }
    return nil
  }
}
