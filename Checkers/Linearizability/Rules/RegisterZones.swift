/// Decides a register whose written values are unique, with reads, compare-and-set and operations of unknown outcome,
/// in linear time: the zones of Gibbons & Korach ("Testing Shared Memories", SIAM J. Comput. 26(4), 1997, section 4),
/// extended to chains of compare-and-set.
///
/// Where every value has one writer (the initial value counts as written before everything), each read and each
/// successful cas tells which operation it follows. A **block** is a write with all that depends on it: the readers of
/// its value, the cas that consumed that value, the readers of what the cas left, and so on. In any order that a
/// register allows, a block is contiguous (what another write puts in between would need the old value written again),
/// and inside it the groups writer, readers, cas, readers, … follow one another. So the history is linearizable iff
/// - inside each block no operation returns before one of an earlier group is invoked, and
/// - the blocks can be put in an order. With f the earliest return in a block and s the latest invocation, block i must
///   precede j iff f(i) < s(j). Two blocks that must each precede the other are a violation. If there are none, the order
///   of f + s is one: f(i) < s(j) and f(j) ≥ s(i) give f(i) + s(i) < f(j) + s(j). The initial value's block comes first.
///
/// Operations of unknown outcome: one whose value nobody observed can be left out of any order, with all that follows
/// it in the chain up to the next write; one whose value was observed (by a completed operation, or by another such
/// cas) happened, and never returns. A cas from a value to itself is a read.
///
/// The rule applies where no two operations that happened write one value. In the prefix of a history fewer operations
/// happened, so that it applies there too.
struct RegisterZones: ~Copyable {
  static let name = "zones of unique values (Gibbons & Korach)"
  static let none = UInt32.max
  /// The writer of the initial value.
  static let initialWriter = UInt32.max - 1

  let history: ObjectHistory<RegisterOperation>
  let initial: UInt32
  /// By value: the operation that left it.
  let writer: Column<UInt32>
  /// By value: the cas that took it.
  let consumer: Column<UInt32>
  /// By value: the first operation found to need it.
  let observer: Column<UInt32>
  /// By value: its readers, a list in order of invocation.
  let firstReader: Column<UInt32>
  let lastReader: Column<UInt32>
  /// By operation: the next reader of the same value.
  let nextReader: Column<UInt32>
  /// By value: the earliest return of a reader, above the reader.
  let earliestRead: Column<UInt64>
  /// Operations of unknown outcome that could matter.
  private var crashed: [UInt32] = []
  /// Two that took the same value.
  private(set) var rivals: (UInt32, UInt32)?
  /// Of those that happened.
  private(set) var casCount = 0

  /// The rule's answer; nil where two operations write one value. That is found out at the second such operation, so
  /// that histories of few values cost nothing.
  ///
  /// - Parameter valueCount: ids of values lie below this.
  static func decide(
    _ history: ObjectHistory<RegisterOperation>, initial: UInt32, valueCount: Int
  ) -> RuleDecision? {
    if !looksUnique(history, initial) { return nil }
    var zones = RegisterZones(history, initial, valueCount)
    guard zones.collectCompleted(), zones.activateCrashed() else { return nil }
    return RuleDecision(rule: name, outcome: zones.outcome())
  }

  /// Whether the first few completed writes have different values: looks before anything is allocated.
  private static func looksUnique(_ history: ObjectHistory<RegisterOperation>, _ initial: UInt32) -> Bool {
    var seen = [initial]
    for id in 0..<min(history.count, 32) where history.completions[id] != none {
      guard let value = history.operations[id].written else { continue }
      if seen.contains(value) { return false }
      seen.append(value)
    }
    return true
  }

  private init(_ history: ObjectHistory<RegisterOperation>, _ initial: UInt32, _ valueCount: Int) {
    self.history = history
    self.initial = initial
    writer = Column(repeating: Self.none, count: valueCount)
    consumer = Column(repeating: Self.none, count: valueCount)
    observer = Column(repeating: Self.none, count: valueCount)
    firstReader = Column(repeating: Self.none, count: valueCount)
    lastReader = Column(repeating: Self.none, count: valueCount)
    earliestRead = Column(repeating: .max, count: valueCount)
    nextReader = Column(repeating: Self.none, count: history.count)
    writer[initial] = Self.initialWriter
  }

  // MARK: What happened

  /// Takes in completed operations; false if a value is written twice.
  private mutating func collectCompleted() -> Bool {
    for id in 0..<UInt32(history.count) {
      let completion = history.completions[Int(id)]
      if completion == Self.none {
        if history.operations[Int(id)].written != nil { crashed.append(id) }
        continue
      }
      switch history.operations[Int(id)] {
      case .read(let value): read(value, id, completion)
      case .write(let value): if !claim(value, id) { return false }
      case .cas(let from, let to):
        if from == to {
          read(from, id, completion)
        } else {
          if !claim(to, id) { return false }
          consume(from, id)
        }
      }
    }
    return true
  }

  private func read(_ value: UInt32, _ id: UInt32, _ completion: UInt32) {
    if observer[value] == Self.none { observer[value] = id }
    if firstReader[value] == Self.none { firstReader[value] = id } else { nextReader[lastReader[value]] = id }
    lastReader[value] = id
    earliestRead[value] = min(earliestRead[value], UInt64(completion) << 32 | UInt64(id))
  }

  private func claim(_ value: UInt32, _ id: UInt32) -> Bool {
    if writer[value] != Self.none { return false }
    writer[value] = id
    return true
  }

  private mutating func consume(_ value: UInt32, _ id: UInt32) {
    casCount += 1
    if observer[value] == Self.none { observer[value] = id }
    if consumer[value] == Self.none {
      consumer[value] = id
    } else if rivals == nil {
      rivals = (consumer[value], id)
    }
  }

  /// Takes in operations of unknown outcome whose value was observed; false if a value is written twice.
  private mutating func activateCrashed() -> Bool {
    if crashed.isEmpty { return true }
    // By value: those that write it, a list over places in `crashed`.
    let first = Column<UInt32>(repeating: Self.none, count: writer.count)
    let next = Column<UInt32>(repeating: Self.none, count: crashed.count)
    var work: [UInt32] = []
    for (place, id) in crashed.enumerated() {
      guard let value = history.operations[Int(id)].written else { continue }
      next[place] = first[value]
      first[value] = UInt32(place)
      if observer[value] != Self.none { work.append(id) }
    }
    while let id = work.popLast() {
      guard let value = history.operations[Int(id)].written, claim(value, id) else { return false }
      guard case .cas(let from, _) = history.operations[Int(id)] else { continue }
      let isNew = observer[from] == Self.none
      consume(from, id)
      if !isNew { continue }
      var place = first[from]
      while place != Self.none {
        work.append(crashed[Int(place)])
        place = next[place]
      }
    }
    return true
  }

  // MARK: The answer

  private func outcome() -> RuleDecision.Outcome {
    if let core = impossibleSource() { return .violation(core: core) }
    let (blocks, flaw) = blocks()
    if let flaw { return .violation(core: core(of: [flaw.0, flaw.1])) }
    if let core = cycle(blocks) { return .violation(core: core) }
    return arrange(blocks)
  }

  /// A value that two took, or that nobody wrote.
  private func impossibleSource() -> [UInt32]? {
    if let rivals { return core(of: [rivals.0, rivals.1]) }
    for value in 0..<writer.count where writer[value] == Self.none && observer[value] != Self.none {
      return core(of: [observer[value]])
    }
    return nil
  }
}

extension RegisterOperation {
  /// The value that it leaves, if another one was there before.
  var written: UInt32? {
    switch self {
    case .read: nil
    case .write(let value): value
    case .cas(let from, let to): from == to ? nil : to
    }
  }
}
