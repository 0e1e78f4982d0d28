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
    /// The id is that of an operation that began later, or of none.
    case impossible(id: UInt32)
    /// A counter should show this.
    case amount(Int128)
    /// A value is missing, or should not be there.
    case missing(UInt32)
    case excess(UInt32)
  }

  private let object: ReplicaHistory
  /// By update and by element: the number of the last read for which it was visible, observed or shown, plus one.
  private var isVisible: [UInt32]
  private var isObserved: [UInt32]
  private var isExpected: [UInt32]
  private var isShown: [UInt32]
  private var visible: [Int] = []
  private var stamp: UInt32 = 0

  init(_ object: ReplicaHistory) {
    self.object = object
    isVisible = Array(repeating: 0, count: object.updates.count)
    isObserved = isVisible
    isExpected = Array(repeating: 0, count: object.elements.count)
    isShown = isExpected
  }

  mutating func check(_ read: ReplicaHistory.Read, _ ids: ArraySlice<UInt32>) -> Outcome {
    stamp += 1
    visible.removeAll(keepingCapacity: true)
    var isStrange = false
    for id in ids {
      guard let position = object.update(ofID: id) else {
        if !object.hasUnnamedUpdates { return .impossible(id: id) }
        isStrange = true
        continue
      }
      if object.updates[position].invocation > read.completion { return .impossible(id: id) }
      if isVisible[position] != stamp { visible.append(position) }
      isVisible[position] = stamp
    }
    if isStrange { return .undecided }
    switch object.type {
    case .gCounter, .pnCounter:
      let sum = visible.reduce(Int128(0)) { $0 + Int128(object.updates[$1].amount) }
      return sum == Int128(read.amount) ? .right : .amount(sum)
    case .lwwRegister: return checkLast(read)
    case .gSet, .twoPhaseSet, .orSet, .mvRegister: return checkElements(read)
    }
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
    for position in visible {
      let update = object.updates[position]
      if update.kind == .add, object.type == .orSet { continue }
      guard update.hasContext else { return false }
      for id in object.context(update) {
        guard let below = object.update(ofID: id), below != position else { continue }
        if update.kind == .add || object.updates[below].element == update.element { isObserved[below] = stamp }
      }
    }
    return true
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

extension ConvergenceJudge {
  /// Every read that names what it has seen shows what that makes.
  mutating func checkVisibility(_ object: ReplicaHistory) {
    guard object.reads.contains(where: { $0.visibleStart != ReplicaHistory.never }) else { return }
    var checker = VisibleReads(object)
    for read in object.reads {
      guard let ids = object.visible(read) else { continue }
      tally.readsWithVisibility += 1
      switch checker.check(read, ids) {
      case .right: break
      case .undecided: tally.readsUndecided += 1
      case .impossible(let id):
        reportVisible(read, object, .thinAirRead) {
          "names operation \(object.idValue(id)) as visible, which nobody had invoked"
            + (object.update(ofID: id) == nil ? "" : " by then")
        }
      case .amount(let amount):
        reportVisible(read, object, .wrongVisibility) {
          "shows \(read.amount), but what it has seen adds up to \(amount)"
        }
      case .missing(let element):
        reportVisible(read, object, .wrongVisibility) {
          "misses \(object.value(element)), which what it has seen put there"
        }
      case .excess(let element):
        reportVisible(read, object, .wrongVisibility) {
          "shows \(object.value(element)), which is not what the operations that it has seen make"
        }
      }
    }
  }

  private mutating func reportVisible(
    _ read: ReplicaHistory.Read, _ object: ReplicaHistory, _ anomaly: InvariantAnomaly, _ sentence: () -> String
  ) {
    log.add(anomaly, key: object.key) { witnesses in
      let (begin, end) = (Int(read.invocation), Int(read.completion))
      return ("\(witnesses.name(begin, end)) \(sentence())", [begin], [begin, end])
    }
  }
}
