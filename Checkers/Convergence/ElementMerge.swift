import Histories

/// What the merge of a set's updates can say of each element: whether it may be there, and whether it may not.
///
/// With every acknowledged update, some of those of unknown outcome and none that failed:
/// - **G-set**: there if added.
/// - **2P-set**: there if added and never removed, whatever came first.
/// - **OR-set**: there if some addition of it is in the context of no removal of it. A removal that reports no
///   context may have observed any addition that began before it ended, and need not have observed any: replicas may
///   not have heard of one another, whatever real time says. Only if updates are *said* to observe what was
///   acknowledged before they began (`Options.observesAcknowledged`) it certainly observed those.
struct ElementMerge {
  enum Possibility: UInt8, Comparable {
    case no
    /// It depends on what the system observed and did not report.
    case undecided
    case yes

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// By element.
  private(set) var presence: [Possibility]
  private(set) var absence: [Possibility]
  /// By element: the first acknowledged addition that no removal has observed; `never` where there is none for sure.
  private var keepers: [UInt32]

  init(_ object: ReplicaHistory, observesAcknowledged: Bool) {
    presence = Array(repeating: .no, count: object.elements.count)
    absence = Array(repeating: .yes, count: object.elements.count)
    keepers = Array(repeating: ReplicaHistory.never, count: object.elements.count)
    if object.type != .orSet {
      merge(object.updates)
      return
    }
    let removals = ObservedRemovals(object, observesAcknowledged: observesAcknowledged)
    for (position, update) in object.updates.enumerated() where update.kind == .add && update.outcome != .failed {
      let element = Int(update.element)
      let fate = removals.fate(position, update)
      presence[element] = max(presence[element], fate.stays)
      guard update.isApplied else { continue }
      absence[element] = min(absence[element], fate.goes)
      if fate.goes == .no, keepers[element] == ReplicaHistory.never {
        keepers[element] = UInt32(truncatingIfNeeded: position)
      }
    }
  }

  /// Of an OR-set, the position of an acknowledged addition for which the element has to be there.
  func keeper(_ element: UInt32) -> Int? {
    keepers[Int(element)] == ReplicaHistory.never ? nil : Int(keepers[Int(element)])
  }

  /// G-sets and 2P-sets.
  private mutating func merge(_ updates: [ReplicaHistory.Update]) {
    for update in updates where update.kind == .add && update.outcome != .failed {
      presence[Int(update.element)] = .yes
      if update.isApplied { absence[Int(update.element)] = .no }
    }
    for update in updates where update.kind == .remove && update.outcome != .failed {
      absence[Int(update.element)] = .yes
      if update.isApplied { presence[Int(update.element)] = .no }
    }
  }
}

/// What the removals of an OR-set have observed.
private struct ObservedRemovals {
  /// Of one element, over its removals. Event indices plus one, 0 where there is none.
  private struct Record {
    /// Last end and last begin of an acknowledged removal without context.
    var (blindEnd, blindBegin): (UInt32, UInt32) = (0, 0)
    /// Last end of an acknowledged removal whose context has ids of no known operation.
    var strangeEnd: UInt32 = 0
    /// Whether there are such removals of unknown outcome.
    var (mayBeBlind, mayBeStrange) = (false, false)
  }

  private var records: [Record]
  /// By position of the update: whether a removal that was acknowledged, or one of unknown outcome, has observed it.
  private var observed: [Bool]
  private var mayBeObserved: [Bool]
  /// The same of additions with dots.
  private var observedDots = ElementDots()
  private var mayBeObservedDots = ElementDots()
  private let object: ReplicaHistory
  private let observesAcknowledged: Bool

  init(_ object: ReplicaHistory, observesAcknowledged: Bool) {
    (self.object, self.observesAcknowledged) = (object, observesAcknowledged)
    records = Array(repeating: Record(), count: object.elements.count)
    observed = Array(repeating: false, count: object.updates.count)
    mayBeObserved = observed
    for update in object.updates where update.kind == .remove && update.outcome != .failed { add(update) }
  }

  private mutating func add(_ removal: ReplicaHistory.Update) {
    let element = Int(removal.element)
    guard removal.hasContext else {
      if removal.isApplied {
        records[element].blindEnd = max(records[element].blindEnd, removal.completion + 1)
        records[element].blindBegin = max(records[element].blindBegin, removal.invocation + 1)
      } else {
        records[element].mayBeBlind = true
      }
      return
    }
    for id in object.named(removal.context) {
      guard let position = object.update(ofID: id) else {
        addStranger(removal)
        continue
      }
      let update = object.updates[position]
      guard update.kind == .add, update.element == removal.element else { continue }
      if removal.isApplied { observed[position] = true } else { mayBeObserved[position] = true }
    }
    for entry in object.vector(removal.context) {
      if removal.isApplied {
        observedDots.add(removal.element, entry)
      } else {
        mayBeObservedDots.add(removal.element, entry)
      }
      if object.sequences.hasGap(entry) { addStranger(removal) }
    }
  }

  /// The removal has observed operations that are not known.
  private mutating func addStranger(_ removal: ReplicaHistory.Update) {
    let element = Int(removal.element)
    if removal.isApplied {
      records[element].strangeEnd = max(records[element].strangeEnd, removal.completion + 1)
    } else {
      records[element].mayBeStrange = true
    }
  }

  /// Whether the addition can be one that no removal has observed, and whether it can be one that some has.
  func fate(
    _ position: Int, _ addition: ReplicaHistory.Update
  ) -> (stays: ElementMerge.Possibility, goes: ElementMerge.Possibility) {
    let record = records[Int(addition.element)]
    let isNamed = addition.id != ReplicaHistory.never
    // Of several additions of an element under one id, removals name the first.
    let position = isNamed ? object.update(ofID: addition.id) ?? position : position
    let dot = object.dot(addition)
    if observed[position] || observedDots.contains(addition.element, dot)
      || observesAcknowledged && addition.isApplied && record.blindBegin > addition.completion + 1
    {
      return (.no, .yes)
    }
    let isUnclear =
      record.blindEnd > addition.invocation + 1 || !isNamed && record.strangeEnd > addition.invocation + 1
    let mayGo =
      mayBeObserved[position] || mayBeObservedDots.contains(addition.element, dot) || record.mayBeBlind
      || !isNamed && record.mayBeStrange
    return (isUnclear ? .undecided : .yes, mayGo ? .yes : isUnclear ? .undecided : .no)
  }
}

/// For each element, what a number of version vectors stand for together.
struct ElementDots {
  private struct Place: Hashable {
    var element: UInt32
    var actor: UInt32
  }

  private var numbers: [Place: Int64] = [:]

  mutating func add(_ element: UInt32, _ entry: OperationIDs.Dot) {
    let place = Place(element: element, actor: entry.actor)
    numbers[place] = max(numbers[place] ?? 0, entry.number)
  }

  func contains(_ element: UInt32, _ dot: OperationIDs.Dot?) -> Bool {
    guard let dot, !numbers.isEmpty else { return false }
    return numbers[Place(element: element, actor: dot.actor)].map { dot.number <= $0 } ?? false
  }

  mutating func removeAll() { numbers.removeAll(keepingCapacity: true) }
}
