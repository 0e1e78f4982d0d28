import Histories

/// Whether replicas that differ may have been read while an update of unknown outcome took effect.
///
/// Such an update may take effect long after its client gave it up: a request that was delayed on the way arrives when
/// it arrives. Unless somebody says after how long none does any more (`Options.quiescenceNanoseconds`), replicas that
/// were read one after the other may differ by what came between. It is still taken for granted that an update that took
/// effect is everywhere at once: so what one read has shown, one that began later does not miss, and the states must
/// follow each other in some order of the reads, each from the one before by updates of unknown outcome that are new.
struct LateArrivals {
  /// Steps of the search; past them, the difference counts as explained.
  private static let stepsMax = 50_000

  private let reads: [ReplicaHistory.Read]
  let steps = StepBudget(LateArrivals.stepsMax)

  init(_ object: ReplicaHistory, _ states: FinalStates) { reads = states.reads.map { object.reads[$0] } }

  /// Whether some order of the reads, each by its place among the final ones, leads from state to state.
  ///
  /// - Parameter advance: the states that one read may leave.
  func explains<State, States: Sequence<State>>(_ first: State, _ advance: (State, _ read: Int) -> States) -> Bool {
    var isPlaced = [Bool](repeating: false, count: reads.count)
    return explains(first, &isPlaced, 0, advance)
  }

  private func explains<State, States: Sequence<State>>(
    _ state: State, _ isPlaced: inout [Bool], _ count: Int, _ advance: (State, Int) -> States
  ) -> Bool {
    if count == reads.count { return true }
    var end = ReplicaHistory.never
    for read in reads.indices where !isPlaced[read] { end = min(end, reads[read].completion) }
    for read in reads.indices where !isPlaced[read] && reads[read].invocation < end {
      guard steps.take() else { return true }
      for next in advance(state, read) {
        isPlaced[read] = true
        defer { isPlaced[read] = false }
        if explains(next, &isPlaced, count + 1, advance) { return true }
      }
      if steps.isSpent { return true }
    }
    return false
  }
}

extension ConvergenceJudge {
  /// Whether nobody says when the last updates of unknown outcome have taken effect, and there are some.
  private func mayArriveLate(_ object: ReplicaHistory, _ kind: ReplicaHistory.Kind? = nil) -> Bool {
    options.quiescenceNanoseconds == nil
      && object.updates.contains { $0.outcome == .unknown && (kind == nil || $0.kind == kind) }
  }

  private mutating func noteLateArrivals(_ object: ReplicaHistory) {
    tally.add(
      unknown: "replicas differ by what updates of unknown outcome may have done between their last reads, and nobody "
        + "says after how long none does (--quiescence)", key: object.key)
  }

  // MARK: Counters

  private struct Sum {
    var amount: Int128
    /// What has not taken effect.
    var open: SumChoices.Amounts
  }

  /// Whether amounts of unknown outcome explain that replicas differ; then that is noted.
  mutating func explainSums(_ object: ReplicaHistory, _ states: FinalStates) -> Bool {
    guard mayArriveLate(object) else { return false }
    let arrivals = LateArrivals(object, states)
    let acknowledged = object.updates.lazy.filter(\.isApplied).reduce(Int128(0)) { $0 + Int128($1.amount) }
    let open = object.updates.filter { $0.outcome == .unknown && $0.amount != 0 }.map(\.amount)
    let amounts = states.reads.map { Int128(object.reads[$0].amount) }
    for amount in Set(amounts) where SubsetSum.reaches(amount - acknowledged, with: open, stepsMax: 1 << 20) == .no {
      return false
    }
    let isExplained = arrivals.explains(Sum(amount: acknowledged, open: SumChoices.Amounts(open))) { sum, read in
      SumChoices(sum.open, adding: amounts[read] - sum.amount, arrivals.steps).lazy
        .map { Sum(amount: amounts[read], open: $0) }
    }
    if isExplained { noteLateArrivals(object) }
    return isExplained
  }

  // MARK: Sets

  /// Of the elements that only some replicas have, those of which additions and removals of unknown outcome explain it;
  /// that there are some is noted.
  mutating func explainElements(
    _ differing: [UInt32], _ merge: ElementMerge, _ object: ReplicaHistory, _ states: FinalStates
  ) -> Set<UInt32> {
    guard !differing.isEmpty, mayArriveLate(object) else { return [] }
    let open = OpenElements(
      object, differing.filter { merge.presence[Int($0)] != .no && merge.absence[Int($0)] != .no })
    let isThere = open.presence(states.reads.map { object.shown(object.reads[$0]) })
    let explained = differing.filter { element in
      guard let counts = open.counts[element], let isThere = isThere[element] else { return false }
      let arrivals = LateArrivals(object, states)
      return arrivals.explains((isThere: Bool?.none, left: counts)) {
        state, read -> [(isThere: Bool?, left: OpenElements.Changes)] in
        var left = state.left
        if let before = state.isThere, before != isThere[read] { left.change(to: isThere[read], object.type) }
        return left.isOverdrawn ? [] : [(isThere[read], left)]
      }
    }
    if !explained.isEmpty { noteLateArrivals(object) }
    return Set(explained)
  }

  // MARK: Registers

  /// Whether writes of unknown outcome explain that replicas have different values: each new one is that of such a
  /// write, with no lesser timestamp.
  mutating func explainValues(_ groups: [[Int]], _ object: ReplicaHistory, _ states: FinalStates) -> Bool {
    guard mayArriveLate(object), groups.allSatisfy({ isPossible(object.reads[$0[0]], object) }) else { return false }
    let shown = states.reads.map { (value: object.shown(object.reads[$0]).first, read: object.reads[$0]) }
    let values = object.history.values
    let arrivals = LateArrivals(object, states)
    let isExplained = arrivals.explains((last: Int?.none, used: Set<Int>())) {
      state, read -> [(last: Int?, used: Set<Int>)] in
      guard let last = state.last else { return [(read, [])] }
      if isEqual(shown[last].read, shown[read].read, object) { return [(read, state.used)] }
      let (before, after) = (shown[last].read.timestamp, shown[read].read.timestamp)
      if !before.isNull, !after.isNull, Timestamp.precedes(after, before, values) { return [] }
      return object.updates.indices.filter { position in
        let update = object.updates[position]
        return update.outcome == .unknown && update.element == shown[read].value && !state.used.contains(position)
      }.map { (read, state.used.union([$0])) }
    }
    if isExplained { noteLateArrivals(object) }
    return isExplained
  }

  /// Whether writes of unknown outcome explain that replicas have different sets of values: each new one is that of
  /// such a write, none goes unless one comes, and none comes again.
  mutating func explainVersions(_ sets: [Set<UInt32>], _ object: ReplicaHistory, _ states: FinalStates) -> Bool {
    guard mayArriveLate(object) else { return false }
    let numbers = VersionNumbers(object)
    var graph = numbers.graph(object, observesAcknowledged: options.observesAcknowledged)
    for set in Set(sets) {
      graph.merge(shown: set.sorted().compactMap { numbers.version(of: $0) })
      let isWrong = graph.versions.indices.contains { version in
        [.lost, .conflicting, .resurrected].contains(graph.fate(version))
      }
      if isWrong { return false }
    }
    let open = Set(object.updates.lazy.filter { $0.outcome == .unknown }.map(\.element))
    let arrivals = LateArrivals(object, states)
    let isExplained = arrivals.explains((last: Int?.none, gone: Set<UInt32>())) {
      state, read -> [(last: Int?, gone: Set<UInt32>)] in
      guard let last = state.last else { return [(read, [])] }
      let (new, gone) = (sets[read].subtracting(sets[last]), sets[last].subtracting(sets[read]))
      guard new.isSubset(of: open), new.isDisjoint(with: state.gone), gone.isEmpty || !new.isEmpty else { return [] }
      return [(read, state.gone.union(gone))]
    }
    if isExplained { noteLateArrivals(object) }
    return isExplained
  }
}

/// Elements of a set with updates of unknown outcome.
private struct OpenElements {
  /// How often an element may still come and go.
  struct Changes {
    var (additions, removals) = (0, 0)

    /// Of a 2P-set nothing comes again.
    mutating func change(to isThere: Bool, _ type: ReplicatedType) {
      if isThere { additions -= 1 } else { removals -= 1 }
      if !isThere, type == .twoPhaseSet { additions = 0 }
    }

    var isOverdrawn: Bool { additions < 0 || removals < 0 }
  }

  private(set) var counts: [UInt32: Changes] = [:]

  init(_ object: ReplicaHistory, _ elements: [UInt32]) {
    let asked = Set(elements)
    var isAdded: Set<UInt32> = []
    for update in object.updates where asked.contains(update.element) {
      if update.kind == .add, update.isApplied { isAdded.insert(update.element) }
      guard update.outcome == .unknown else { continue }
      var changes = counts[update.element] ?? Changes()
      if update.kind == .add { changes.additions += 1 } else { changes.removals += 1 }
      counts[update.element] = changes
    }
    // An addition to a 2P-set that was acknowledged is there before any other.
    if object.type == .twoPhaseSet { for element in isAdded { counts[element]?.additions = 0 } }
  }

  /// By element, for each of several lists, whether it has the element.
  func presence(_ lists: [ArraySlice<UInt32>]) -> [UInt32: [Bool]] {
    var isThere = counts.mapValues { _ in [Bool](repeating: false, count: lists.count) }
    for (place, list) in lists.enumerated() {
      for element in list where counts[element] != nil { isThere[element]?[place] = true }
    }
    return isThere
  }
}
