/// The states in which an object can have been between two return events, from the memo of a search that found no
/// order.
///
/// Such a search is exhaustive: if the history had a linearization, one would pass every return event in a
/// configuration of the memo, or in one that a configuration with the *same state* makes superfluous
/// (`ConfigurationMemo` widens `from` when that happens). A configuration keeps its state from its first return event,
/// `from`, to the one where it waits. So the states of all rows whose range holds p are at least those of every
/// linearization: over-approximated never under, which is what a prefix cut needs. A state that was merged on the way
/// into `Automaton.dead` is kept as a `Search.Merge`.
struct ReachableStates {
  let search: Search
  /// Position in the search's problem by the id of a member of the evidence that was searched.
  private let positions: [UInt32: UInt32]?

  /// - Parameter members: what the search decided, or nil if that was the whole lowered object.
  init(search: Search, members: [Evidence.Member]?) {
    self.search = search
    positions = members.map { members in
      Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1.id, UInt32($0)) })
    }
  }

  /// The member as an operation of the search's problem.
  func id(of member: Evidence.Member) -> UInt32 { positions?[member.id] ?? member.id }

  /// What is known of every linearization just after return event `p - 1`, or at the beginning for 0.
  struct Entry {
    /// Ids of the states, sorted.
    var states: [UInt32]
    /// Crashed operations that none of them needs any more; see `SpentOperations`. A configuration is made superfluous
    /// only by one that uses no more.
    var spent: Set<UInt32>
  }

  func entering(returnIndex p: Int) -> Entry {
    let memo = search.memo
    var states: Set<UInt32> = []
    var usages: Set<UInt32> = []
    for row in 0..<UInt32(memo.count) where !memo.isDead(row) {
      if memo.from(row) <= UInt32(p), UInt32(p) <= memo.returnIndex(row) {
        states.insert(memo.state(row))
        usages.insert(memo.usage(row))
      }
    }
    for merge in search.merges where merge.from <= UInt32(p) && UInt32(p) <= merge.to {
      states.insert(merge.state)
      usages.insert(merge.usage)
    }
    return Entry(states: states.sorted(), spent: spent(in: usages, before: time(enteringReturnIndex: p)))
  }

  private func spent(in usages: Set<UInt32>, before time: UInt32) -> Set<UInt32> {
    if usages.contains(0) { return [] }
    return SpentOperations(search, usages: usages.sorted(), before: time).ids()
  }

  /// The event just after return event `p - 1`: what was invoked from there on comes after the cut.
  func time(enteringReturnIndex p: Int) -> UInt32 { p == 0 ? 0 : search.schedule.returnTimes[p - 1] + 1 }

  /// The last cut that leaves everything invoked from this event on.
  func lastReturnIndex(before event: UInt32) -> Int {
    search.schedule.returnTimes.partitioningIndex { $0 >= event }
  }
}
