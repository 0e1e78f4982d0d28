/// Decides a set object element by element, in linear time, where each element is added once and removed once at most.
///
/// Whether one element is in the set says nothing of another, so a set is a system of independent objects, one for each
/// element, and linearizability is local (Herlihy & Wing, 1990, theorem 1): each element's operations are decided by
/// `ElementWindow`, and their instants put together order the whole set.
///
/// Operations that say that they changed nothing only observe, and do not count as additions or removals.
struct SetObjectElements: ~Copyable {
  static let name = "windows of set elements"
  static let none = UInt32.max

  private let history: ObjectHistory<SetObjectOperation>
  private let elementCount: Int
  /// By element: where its operations begin in `byElement`.
  private let starts: Column<Int>
  /// Operations by element, then by invocation.
  private let byElement: Column<UInt32>

  /// The rule's answer; nil if an element is added or removed more than once.
  ///
  /// - Parameters:
  ///   - initial: the state of `SetObject`.
  ///   - elementCount: ids of elements lie below this.
  static func decide(
    _ history: ObjectHistory<SetObjectOperation>, initial: [UInt64], elementCount: Int
  ) -> RuleDecision? {
    let elements = SetObjectElements(history, elementCount)
    guard let outcome = elements.outcome(initial) else { return nil }
    return RuleDecision(rule: name, outcome: outcome)
  }

  private init(_ history: ObjectHistory<SetObjectOperation>, _ elementCount: Int) {
    self.history = history
    self.elementCount = elementCount
    starts = Column(repeating: 0, count: elementCount + 1)
    byElement = Column(repeating: 0, count: history.count)
    for operation in history.operations { starts[Int(operation.element) + 1] += 1 }
    for element in 0..<elementCount { starts[element + 1] += starts[element] }
    let next = Column(repeating: 0, count: elementCount)
    for element in 0..<elementCount { next[element] = starts[element] }
    for id in 0..<UInt32(history.count) {
      let element = history.operations[Int(id)].element
      byElement[next[element]] = id
      next[element] += 1
    }
  }

  private func outcome(_ initial: [UInt64]) -> RuleDecision.Outcome? {
    var (core, instants) = ([UInt32]?.none, [ElementWindow.Instant]())
    instants.reserveCapacity(history.count)
    for element in 0..<UInt32(elementCount) where starts[element] < starts[element + 1] {
      let ids = (starts[element]..<starts[element + 1]).map { byElement[$0] }
      guard let window = ElementWindow(ids, of: history, wasPresent: SetObject.isPresent(element, initial)) else {
        return nil
      }
      if core == nil { core = window.decide(&instants) }
    }
    return core.map { .violation(core: $0) } ?? .linearizable(order: Self.order(instants))
  }

  /// By instant; at one instant an element's operations stay in the order of its phases, and those of different
  /// elements may come in any order.
  private static func order(_ instants: [ElementWindow.Instant]) -> [UInt32] {
    var keys = instants.enumerated().map { place, instant in UInt64(instant.time) << 31 | UInt64(place) }
    RadixSort.sort(&keys, fromBit: 31)
    return keys.map { instants[Int($0 & (1 << 31 - 1))].id }
  }
}
