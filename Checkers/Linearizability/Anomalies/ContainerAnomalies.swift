/// Names for violations of queues, stacks and priority queues.
struct ContainerAnomalies {
  /// Which of two values must come out first.
  enum Discipline {
    case firstIn
    case lastIn
    /// A smaller one; the values' priorities by id.
    case smallest((UInt32) -> Int64)
    case none
  }

  private let around: ViolatedHistory<ContainerOperation>
  private let discipline: Discipline
  /// A value in the words of its history.
  private let text: (UInt32) -> String
  /// Values put in more than once, or that an operation may have taken out; the violating one is not counted.
  private var uncertain: Set<UInt32> = []
  /// A removal whose answer is not known may have taken out anything.
  private var hasUnknownRemoval = false

  init(
    _ around: ViolatedHistory<ContainerOperation>, _ discipline: Discipline, text: @escaping (UInt32) -> String
  ) {
    self.around = around
    self.discipline = discipline
    self.text = text
    var inserted: Set<UInt32> = []
    for position in around.begun where position != around.violation {
      switch around[position] {
      case .insert(let value): if !inserted.insert(value).inserted { uncertain.insert(value) }
      case .remove(let value): uncertain.insert(value)
      case .removeUnknown: hasUnknownRemoval = true
      case .removeNothing: break
      }
    }
  }

  func find() -> NamedAnomaly? {
    switch around.operation {
    case .insert, .removeUnknown: nil
    case .removeNothing: falseEmpty()
    case .remove(let value): phantom(value) ?? duplicate(value) ?? disorder(value)
    }
  }

  /// A value that was put in once, before the violation began, and that nobody can have taken out when it returned.
  private func isStillThere(_ insert: UInt32) -> Bool {
    guard case .insert(let value) = around[insert], around.isBefore(insert) else { return false }
    return !hasUnknownRemoval && !uncertain.contains(value)
  }

  private func falseEmpty() -> NamedAnomaly? {
    let me = around.violation
    guard let insert = around.begun.last(where: { $0 != me && isStillThere($0) }),
      case .insert(let value) = around[insert]
    else {
      return NamedAnomaly(.falseEmpty, "\(operation: me) found nothing, but in every order something is there")
    }
    let all = UInt32(around.history.count)
    let taker = (around.begun.upperBound..<all).first { position in
      switch around[position] {
      case .remove(value), .removeUnknown: true
      default: false
      }
    }
    guard let taker else {
      return NamedAnomaly(
        .lostElement,
        "\(operation: insert) finished before \(operation: me) began, and nobody ever took \(text(value)) out")
    }
    if case .remove = around[taker] {
      return NamedAnomaly(
        .falseEmpty,
        "\(operation: me) found nothing, but \(text(value)) was there: \(operation: insert) had finished, and"
          + " \(operation: taker) took it out later")
    }
    return NamedAnomaly(
      .falseEmpty,
      "\(operation: insert) finished before \(operation: me) began, and nobody took \(text(value)) out before")
  }

  private func inserts(of value: UInt32) -> [UInt32] {
    around.others { _, operation in if case .insert(value) = operation { true } else { false } }
  }

  private func phantom(_ value: UInt32) -> NamedAnomaly? {
    guard inserts(of: value).isEmpty else { return nil }
    let me = around.violation
    let later = (around.begun.upperBound..<UInt32(around.history.count)).first {
      if case .insert(value) = around[$0] { true } else { false }
    }
    if let later {
      return NamedAnomaly(.phantom, "\(operation: me) finished before \(operation: later) began")
    }
    return NamedAnomaly(.phantom, "\(operation: me) took out \(text(value)), which nobody ever put in")
  }

  private func duplicate(_ value: UInt32) -> NamedAnomaly? {
    let inserts = inserts(of: value)
    let removals = around.others { position, operation in
      if case .remove(value) = operation { around.isDone(position) } else { false }
    }
    guard removals.count >= inserts.count, let other = removals.last else { return nil }
    let times = inserts.count == 1 ? "once" : "\(inserts.count) times"
    return NamedAnomaly(
      .duplicateRemoval,
      "\(operation: other) and \(operation: around.violation) both took out \(text(value)), which was put in \(times)")
  }

  /// Another value was there all the time that had to come out first.
  private func disorder(_ value: UInt32) -> NamedAnomaly? {
    let own = inserts(of: value)
    guard own.count == 1, let mine = own.first else { return nil }
    let first = around.begun.last { isStillThere($0) && mustPrecede($0, mine) }
    guard let first, case .insert(let other) = around[first] else { return nil }
    let me = around.violation
    switch discipline {
    case .firstIn:
      return NamedAnomaly(
        .outOfOrder,
        "\(operation: first) finished before \(operation: mine) began, yet \(operation: me) came before \(text(other))")
    case .lastIn:
      return NamedAnomaly(
        .outOfOrder,
        "\(operation: first) went on top of \(operation: mine), yet \(operation: me) came before \(text(other))")
    case .smallest, .none:
      return NamedAnomaly(
        .outOfOrder,
        "\(operation: first) finished before \(operation: me) began, and nobody took out the smaller \(text(other))")
    }
  }

  private func mustPrecede(_ first: UInt32, _ mine: UInt32) -> Bool {
    guard case .insert(let other) = around[first], case .insert(let value) = around[mine] else { return false }
    switch discipline {
    case .firstIn: return around.precedes(first, mine)
    case .lastIn: return around.precedes(mine, first)
    case .smallest(let priority): return priority(other) < priority(value)
    case .none: return false
    }
  }
}
