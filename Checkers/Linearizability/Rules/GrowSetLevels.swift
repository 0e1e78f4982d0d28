/// Decides a grow-only set whose elements are added once each, with reads of the whole set, in time linear in the
/// elements that reads list (CHECKERS 1.2).
///
/// The set only grows, so the answers of reads are a chain of **levels**, each a subset of the next. An element's level
/// is the first that shows it. In any order, additions and reads then come in groups: the reads of the initial level,
/// the additions of level 1, the reads of level 1, and so on; additions that no read shows come last, or not at all if
/// they never completed. Inside a group every order is as good as another. So the history is linearizable iff the
/// answers are a chain of shown elements that were added, and no operation returns before one of an earlier group is
/// invoked: one sweep with the latest invocation so far. An addition that did not complete, but is shown, happened, and
/// never returns.
///
/// The condition, each shown element added once and not there at the start, holds for the prefixes of a history too.
struct GrowSetLevels: ~Copyable {
  static let name = "levels of a growing set"
  static let none = UInt32.max

  let history: ObjectHistory<GrowSetOperation>
  let initial: [UInt32]
  /// By element: the addition; `none` if there is none.
  private let adder: Column<UInt32>
  /// By element: whether a read shows it.
  private let isShown: Column<Bool>
  /// Reads by the number of elements they show, then by invocation.
  private var reads: [UInt32] = []

  /// The rule's answer; nil if a shown or an initial element is added twice.
  ///
  /// - Parameter elementCount: ids of elements lie below this.
  static func decide(
    _ history: ObjectHistory<GrowSetOperation>, initial: [UInt32], elementCount: Int
  ) -> RuleDecision? {
    var levels = GrowSetLevels(history, initial, elementCount)
    guard levels.collect() else { return nil }
    return RuleDecision(rule: name, outcome: levels.outcome())
  }

  private init(_ history: ObjectHistory<GrowSetOperation>, _ initial: [UInt32], _ elementCount: Int) {
    self.history = history
    self.initial = initial
    adder = Column(repeating: Self.none, count: elementCount)
    isShown = Column(repeating: false, count: elementCount)
  }

  private func isCompleted(_ id: UInt32) -> Bool { history.completions[Int(id)] != Self.none }

  private func isRead(_ id: UInt32) -> Bool {
    if case .read = history.operations[Int(id)] { return true }
    return false
  }

  /// The elements that the read shows; none for an addition.
  private func elements(_ id: UInt32) -> [UInt32] {
    if case .read(let elements) = history.operations[Int(id)] { return elements }
    return []
  }

  /// Takes in what happened; false if the rule does not apply.
  private mutating func collect() -> Bool {
    var keys: [UInt64] = []
    for id in 0..<UInt32(history.count) where isCompleted(id) {
      guard case .read(let elements) = history.operations[Int(id)] else { continue }
      keys.append(UInt64(elements.count) << 32 | UInt64(id))
      for element in elements { isShown[element] = true }
    }
    for element in initial { isShown[element] = true }
    for id in 0..<UInt32(history.count) {
      guard case .add(let element) = history.operations[Int(id)], isShown[element] || isCompleted(id) else { continue }
      if adder[element] != Self.none { return false }
      adder[element] = id
    }
    RadixSort.sort(&keys, fromBit: 32)
    reads = keys.map { UInt32(truncatingIfNeeded: $0) }
    return initial.allSatisfy { adder[$0] == Self.none }
  }

  // MARK: The answer

  private func outcome() -> RuleDecision.Outcome {
    var sweep = GroupSweep(history)
    var level = initial
    // The read before the first of the next level.
    var last = Self.none
    for id in reads {
      let shown = elements(id)
      if shown != level {
        if isImpossible(shown) { return .violation(core: core([id])) }
        guard let added = added(from: level, to: shown) else {
          return .violation(core: core([last, id].filter { $0 != Self.none }))
        }
        if let flaw = sweep.extend(added) { return .violation(core: core(flaw, after: last)) }
        level = shown
      }
      if let flaw = sweep.extend([id]) { return .violation(core: core(flaw, after: last)) }
      last = id
    }
    let unseen = (0..<UInt32(history.count)).filter { id in
      guard case .add(let element) = history.operations[Int(id)] else { return false }
      return isCompleted(id) && !isShown[element]
    }
    if let flaw = sweep.extend(unseen) { return .violation(core: core(flaw, after: last)) }
    return .linearizable(order: sweep.order)
  }

  /// An element is listed twice, or was never added.
  private func isImpossible(_ shown: [UInt32]) -> Bool {
    var place = 0
    for (position, element) in shown.enumerated() {
      if position > 0, shown[position - 1] == element { return true }
      while place < initial.count, initial[place] < element { place += 1 }
      let isInitial = place < initial.count && initial[place] == element
      if !isInitial, adder[element] == Self.none { return true }
    }
    return false
  }

  /// The additions of the elements that the second level has and the first has not, in order of invocation; nil if the
  /// first has one that the second has not.
  private func added(from level: [UInt32], to shown: [UInt32]) -> [UInt32]? {
    var (place, added) = (0, [UInt32]())
    for element in shown {
      if place < level.count, level[place] == element { place += 1 } else { added.append(adder[element]) }
    }
    return place == level.count ? added.sorted() : nil
  }

  // MARK: Cores

  /// Two operations in the wrong order, with what tells their order.
  ///
  /// That two additions are of different groups is told by the last read between them.
  private func core(_ flaw: (later: UInt32, earlier: UInt32), after read: UInt32) -> [UInt32] {
    let isTold = isRead(flaw.later) || isRead(flaw.earlier) || read == Self.none
    return core([flaw.later, flaw.earlier] + (isTold ? [] : [read]))
  }

  /// The operations with the additions of all that their reads show.
  private func core(_ ids: [UInt32]) -> [UInt32] {
    var result = Set(ids)
    for id in ids {
      for element in elements(id) where adder[element] != Self.none { result.insert(adder[element]) }
    }
    return result.sorted()
  }
}
