import Histories

/// What a read must show that names the operations that it has seen: the specification's function of these.
///
/// Counters: their sum. Sets: what was added; of a 2P-set without what was removed, of an OR-set without the additions
/// that visible removals observed. LWW-register: the value with the greatest timestamp. MV-register: the values that no
/// visible write observed (Burckhardt et al., 2014, figure 5).
struct VisibleReads {
  enum Outcome {
    case right
    /// An operation of unknown outcome may have the id, or an operation that is visible does not say what it observed.
    case undecided
    /// `coveredMax` is not enough.
    case beyondBudget
    /// The id is that of an operation that began later, or of none.
    case impossible(id: UInt32)
    /// A counter should show this.
    case amount(Int128)
    /// A value is missing, or should not be there.
    case missing(UInt32)
    case excess(UInt32)
  }

  /// Operations that version vectors may stand for, over all reads of an object; past them, reads are left open.
  static let coveredMax = 200_000_000

  private let object: ReplicaHistory
  /// By update and by element: the number of the last read for which it was visible, observed or shown, plus one.
  private var isVisible: [UInt32]
  private var isObserved: [UInt32]
  private var isExpected: [UInt32]
  private var isShown: [UInt32]
  private var visible: [Int] = []
  private var stamp: UInt32 = 0
  private var coveredLeft = VisibleReads.coveredMax
  /// What visible removals observed by vectors, by element; what visible writes did, by actor.
  private var removed = ElementDots()
  private var overwritten: VectorTops
  private let sums: ActorSums

  init(_ object: ReplicaHistory) {
    self.object = object
    isVisible = Array(repeating: 0, count: object.updates.count)
    isObserved = isVisible
    isExpected = Array(repeating: 0, count: object.elements.count)
    isShown = isExpected
    overwritten = VectorTops(object.sequences.actors)
    sums = ActorSums(object)
  }

  mutating func check(_ read: ReplicaHistory.Read) -> Outcome {
    if read.visible.isVector, object.type.state == .amount { return checkSum(read) }
    stamp += 1
    visible.removeAll(keepingCapacity: true)
    if let outcome = collect(read) { return outcome }
    switch object.type {
    case .gCounter, .pnCounter:
      let sum = visible.reduce(Int128(0)) { $0 + Int128(object.updates[$1].amount) }
      return sum == Int128(read.amount) ? .right : .amount(sum)
    case .lwwRegister: return checkLast(read)
    case .gSet, .twoPhaseSet, .orSet, .mvRegister: return checkElements(read)
    }
  }

  // MARK: What is visible

  /// Fills `visible`; returns what is to be said if that cannot be done.
  private mutating func collect(_ read: ReplicaHistory.Read) -> Outcome? {
    var isStrange = false
    for id in object.named(read.visible) {
      guard let position = object.update(ofID: id) else {
        if !object.hasUnnamedUpdates { return .impossible(id: id) }
        isStrange = true
        continue
      }
      if let outcome = see(position, read) { return outcome }
    }
    for entry in object.vector(read.visible) {
      isStrange = isStrange || mayHide(entry)
      let covered = object.sequences.covered(entry)
      coveredLeft -= covered.count
      if coveredLeft < 0 { return .beyondBudget }
      for position in covered { if let outcome = see(Int(position), read) { return outcome } }
    }
    return isStrange ? .undecided : nil
  }

  private mutating func see(_ position: Int, _ read: ReplicaHistory.Read) -> Outcome? {
    if object.updates[position].invocation > read.completion { return .impossible(id: object.updates[position].id) }
    if isVisible[position] != stamp { visible.append(position) }
    isVisible[position] = stamp
    return nil
  }

  /// Whether an operation whose dot nobody knows may be among those that an entry stands for: where all have ids, what
  /// is missing was done to other objects, or failed.
  private func mayHide(_ entry: OperationIDs.Dot) -> Bool {
    object.hasUnnamedUpdates && object.sequences.hasGap(entry)
  }

  /// Counters whose reads name vectors: sums over what each actor did first.
  private func checkSum(_ read: ReplicaHistory.Read) -> Outcome {
    var (sum, isStrange) = (Int128(0), false)
    for entry in object.vector(read.visible) {
      let seen = sums[entry.actor, object.sequences.count(entry)]
      if let latest = seen.latest, object.updates[latest].invocation > read.completion {
        return .impossible(id: object.updates[latest].id)
      }
      sum += seen.amount
      isStrange = isStrange || mayHide(entry)
    }
    return isStrange ? .undecided : sum == Int128(read.amount) ? .right : .amount(sum)
  }

  // MARK: Elements

  private mutating func checkElements(_ read: ReplicaHistory.Read) -> Outcome {
    if !observe() { return .undecided }
    for position in visible where object.updates[position].kind == .add && isObserved[position] != stamp {
      isExpected[Int(object.updates[position].element)] = stamp
    }
    if object.type == .twoPhaseSet {
      for position in visible where object.updates[position].kind == .remove {
        isExpected[Int(object.updates[position].element)] = 0
      }
    }
    for element in object.shown(read) {
      if isExpected[Int(element)] != stamp { return .excess(element) }
      isShown[Int(element)] = stamp
    }
    for position in visible {
      let element = object.updates[position].element
      if isExpected[Int(element)] == stamp, isShown[Int(element)] != stamp { return .missing(element) }
    }
    return .right
  }

  /// Marks what visible removals and writes observed; false if one does not say.
  private mutating func observe() -> Bool {
    guard object.type == .orSet || object.type == .mvRegister else { return true }
    removed.removeAll()
    overwritten.removeAll()
    for position in visible {
      let update = object.updates[position]
      if update.kind == .add, object.type == .orSet { continue }
      guard update.hasContext else { return false }
      for id in object.named(update.context) {
        guard let below = object.update(ofID: id), below != position else { continue }
        if update.kind == .add || object.updates[below].element == update.element { isObserved[below] = stamp }
      }
      for entry in object.vector(update.context) {
        if update.kind == .add { overwritten.add(entry, by: position) } else { removed.add(update.element, entry) }
      }
    }
    markDots()
    return true
  }

  /// Marks what visible updates observed by version vectors.
  private mutating func markDots() {
    for position in visible where object.updates[position].kind == .add {
      let (update, dot) = (object.updates[position], object.dot(object.updates[position]))
      let isOverwritten = object.type == .mvRegister && dot.map { overwritten.covers($0, of: position) } ?? false
      if isOverwritten || removed.contains(update.element, dot) { isObserved[position] = stamp }
    }
  }

  // MARK: LWW-registers

  private func checkLast(_ read: ReplicaHistory.Read) -> Outcome {
    let values = object.history.values
    let shown = object.shown(read).first
    if visible.count > 1, visible.contains(where: { object.updates[$0].timestamp.isNull }) { return .undecided }
    var last: [Int] = []
    for position in visible {
      let timestamp = object.updates[position].timestamp
      if let greatest = last.first.map({ object.updates[$0].timestamp }) {
        if Timestamp.precedes(timestamp, greatest, values) { continue }
        if Timestamp.precedes(greatest, timestamp, values) { last.removeAll() }
      }
      last.append(position)
    }
    // Of equal timestamps any may win, as long as it wins everywhere.
    if let shown { return last.contains { object.updates[$0].element == shown } ? .right : .excess(shown) }
    return last.first.map { .missing(object.updates[$0].element) } ?? .right
  }
}
