/// Shows that a history has no order from a short window of it, where the whole search would have to visit every
/// configuration of everything before.
///
/// Let the search have got to return event d and no further. If the operations that return in (p, d] have no order from
/// *any* state, with everything that was under way or unknown at p free to have happened or not, then the history has
/// none: an order of it would be one of the window, from the state that it has at p. And the prefix before d has an order,
/// so d is the return that proves the violation, as for an exhausted search. A window that has an order proves nothing;
/// then a longer one is tried, or the search goes on.
///
/// States that no operation of the window needs are all the same, so "any state" is one of those that some operation
/// needs or `Automaton.dead`. Only for models that tell every condition and result.
struct WindowRefutation {
  /// What the window is a proof of.
  struct Proof {
    var evidence: Evidence
    /// Exhausted.
    var search: Search
  }

  private static let growth = 4

  let search: Search
  let limits: SearchLimits
  /// Return events of the first window that is tried.
  let shortest: Int

  /// A proof from the shortest window that is one, found with at most so many configurations; else nil.
  ///
  /// First with crashed operations that never run out, which is more than a history allows: a window without an order
  /// even so is a proof, and there is no counting which of hundreds were used.
  func proof(configurationsMax: Int) -> Proof? {
    guard search.automaton.isTransparent else { return nil }
    if search.schedule.classes.isEmpty { return proof(configurationsMax, isCrashUnlimited: false) }
    return proof(configurationsMax / 2, isCrashUnlimited: true)
      ?? proof(configurationsMax / 2, isCrashUnlimited: false)
  }

  private func proof(_ configurationsMax: Int, isCrashUnlimited: Bool) -> Proof? {
    var left = configurationsMax
    var width = shortest
    while left > 0, width / Self.growth < search.deepest {
      let evidence = Evidence(window: width, of: search)
      var bounded = limits(left)
      bounded.isCrashUnlimited = isCrashUnlimited
      let trial = Search(evidence.problem, search.automaton, bounded)
      switch trial.run() {
      case .stuck: return Proof(evidence: evidence, search: trial)
      case .stopped, .paused: return nil
      case .linearizable: break
      }
      left -= trial.expanded + 1
      width *= Self.growth
    }
    return nil
  }

  private func limits(_ configurations: Int) -> SearchLimits {
    var limits = limits
    limits.bytesMax -= search.bytes
    limits.configurationsMax = configurations
    return limits
  }
}

extension Evidence {
  /// The last `width` return events up to the deepest that the search got to, from any state.
  init(window width: Int, of search: Search) {
    let times = search.schedule.returnTimes
    let p = max(0, search.deepest - width)
    self.init(
      search.problem, core: 0..<UInt32(search.problem.operations.count), until: times[search.deepest])
    if p == 0 { return }
    let time = times[p - 1] + 1
    cutTime = time
    members = members.compactMap { $0.crossing(time, search.automaton) }
    initialStates = Self.anyState(members, search.automaton)
    startsAnywhere = true
  }

  /// The states that some operation needs, sorted, and one that none needs.
  static func anyState(_ members: [Member], _ automaton: Automaton) -> [UInt32] {
    var states: Set<UInt32> = [Automaton.dead]
    for member in members {
      if case .only(let state) = automaton.traits[Int(member.operation.kind)].condition { states.insert(state) }
    }
    return states.sorted()
  }
}
