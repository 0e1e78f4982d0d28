/// Makes a violation small enough for a person, by the sound changes of `Evidence` and by trying them out.
///
/// Bounded by configurations, so that the result is the same on every machine, and by the caller's interruption.
struct Reducer {
  /// Configurations that all trials may expand together: some seconds' worth.
  static let workMax = 1_000_000
  /// Configurations that one trial may expand: a trial that is not decided by then counts as "not shown".
  static let trialMax = 50_000
  /// Crashed classes that double the work of a configuration, since each is an alternative at every step.
  private static let classesPerWork = 8
  private static let roundsMax = 6

  let automaton: Automaton
  let limits: SearchLimits
  /// Operations that stay as they are: the violation, and what its explanation speaks of.
  private var pinned: Set<UInt32>
  /// Those of them that must have happened.
  private var required: Set<UInt32> = []
  private(set) var workLeft = Reducer.workMax

  init(_ automaton: Automaton, _ limits: SearchLimits, pinned: Set<UInt32>) {
    self.automaton = automaton
    self.limits = limits
    self.pinned = pinned
  }

  /// Evidence no larger than the given one.
  ///
  /// - Parameter states: of the exhausted search of the problem that the evidence is made of.
  mutating func reduce(_ evidence: Evidence, _ states: ReachableStates) -> Evidence {
    demand(evidence)
    var best = cutFar(hidingIrrelevant(evidence), states)
    for _ in 0..<Self.roundsMax {
      let before = best.members.count
      best = dropObservers(best)
      best = relaxUpdates(best)
      best = cutNear(best)
      if best.members.count == before || workLeft <= 0 { break }
    }
    return best
  }

  /// The evidence without the observers that it has no order without.
  mutating func droppingObservers(_ evidence: Evidence) -> Evidence {
    demand(evidence)
    return dropObservers(hidingIrrelevant(evidence))
  }

  /// Of what should stay, what the evidence has: the rest is shown as context.
  private mutating func demand(_ evidence: Evidence) {
    let members = Set(evidence.members.map(\.id))
    pinned.formIntersection(members)
    required = Set(evidence.members.lazy.filter(\.operation.isRequired).map(\.id)).intersection(pinned)
  }

  private func hidingIrrelevant(_ evidence: Evidence) -> Evidence {
    evidence.hidingIrrelevant(automaton, keeping: pinned)
  }

  // MARK: Trials

  /// The evidence still has no order; false too if that could not be found out.
  private mutating func isStillInvalid(_ evidence: Evidence) -> Bool {
    exhausted(evidence) != nil
  }

  /// The search that shows that the evidence has no order.
  private mutating func exhausted(_ evidence: Evidence) -> Search? {
    if workLeft <= 0 { return nil }
    var limits = limits
    limits.configurationsMax = min(Self.trialMax, workLeft)
    let search = Search(evidence.problem, automaton, limits)
    let weight = 1 + search.schedule.classes.count / Self.classesPerWork
    let outcome = search.run(stallMax: Self.trialMax / weight)
    workLeft -= search.expanded * weight + evidence.members.count
    guard case .stuck = outcome else { return nil }
    return search
  }

  /// Whether everything pinned is still there as it was.
  private func keepsPinned(_ evidence: Evidence) -> Bool {
    var (kept, keptRequired) = (0, 0)
    for member in evidence.members where pinned.contains(member.id) {
      kept += 1
      if member.operation.isRequired { keptRequired += 1 }
    }
    return kept == pinned.count && keptRequired == required.count
  }

  // MARK: Prefix cuts

  /// The first cut of a long history: the latest that still shows the violation, in steps that grow.
  private mutating func cutFar(_ evidence: Evidence, _ states: ReachableStates) -> Evidence {
    let last = lastCut(evidence, states)
    var distance = 0
    while workLeft > 0 {
      let p = max(0, last - distance)
      let trial = cut(evidence, states, p)
      if keepsPinned(trial), isStillInvalid(trial) { return trial }
      if p == 0 { break }
      distance += max(1, distance / 3)
    }
    return evidence
  }

  /// Cuts that one round tries, of those that leave less.
  private static let cutsMax = 48
  /// Cuts that one round looks at, the latest.
  private static let cutsScannedMax = 512

  /// The cut of evidence that is already small that leaves least: not always the latest, since configurations that
  /// waste crashed operations die between one cut and the next, and what they left unused is no longer shown.
  private mutating func cutNear(_ evidence: Evidence) -> Evidence {
    guard let search = exhausted(evidence) else { return evidence }
    let states = ReachableStates(search: search, members: evidence.members)
    var trials: [Evidence] = []
    for p in (0...lastCut(evidence, states)).reversed().prefix(Self.cutsScannedMax) {
      let trial = cut(evidence, states, p)
      if trial.members.count < evidence.members.count, keepsPinned(trial) { trials.append(trial) }
    }
    trials.sort { ($0.members.count, $1.cutTime) < ($1.members.count, $0.cutTime) }
    return trials.prefix(Self.cutsMax).first { isStillInvalid($0) } ?? evidence
  }

  private func cut(_ evidence: Evidence, _ states: ReachableStates, _ p: Int) -> Evidence {
    hidingIrrelevant(evidence.cuttingPrefix(at: p, states, automaton))
  }

  /// The last cut before everything that is pinned.
  private func lastCut(_ evidence: Evidence, _ states: ReachableStates) -> Int {
    let first = evidence.members.first { pinned.contains($0.id) }
    return states.lastReturnIndex(before: first?.operation.invocation ?? 0)
  }

  // MARK: Single operations

  private mutating func dropObservers(_ evidence: Evidence) -> Evidence {
    let observers = evidence.members.filter {
      automaton.traits[Int($0.operation.kind)].isObserver && !pinned.contains($0.id)
    }
    return shrink(evidence, observers.map(\.id)) { $0.dropping($1) }
  }

  private mutating func relaxUpdates(_ evidence: Evidence) -> Evidence {
    let updates = evidence.members.filter {
      $0.operation.isRequired && !automaton.traits[Int($0.operation.kind)].isObserver && !pinned.contains($0.id)
    }
    return shrink(evidence, updates.map(\.id)) { $0.relaxing($1) }
  }

  /// Applies the change to as many of the operations as possible, in halves (delta debugging, Zeller 1999), as long as
  /// the evidence gets smaller and stays invalid.
  private mutating func shrink(
    _ evidence: Evidence, _ ids: [UInt32], _ change: (Evidence, Set<UInt32>) -> Evidence
  ) -> Evidence {
    var best = evidence
    var rest = ids
    var size = rest.count
    while size >= 1, workLeft > 0 {
      var kept: [UInt32] = []
      for start in stride(from: 0, to: rest.count, by: size) {
        let chunk = rest[start..<min(start + size, rest.count)]
        let trial = hidingIrrelevant(change(best, Set(chunk)))
        if trial.members.count < best.members.count, keepsPinned(trial), isStillInvalid(trial) {
          best = trial
        } else {
          kept.append(contentsOf: chunk)
        }
      }
      rest = kept
      size /= 2
    }
    return best
  }
}
