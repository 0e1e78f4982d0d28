/// Between which return events an object in a state may still meet an operation that needs the state (CHECKERS 1.3,
/// reduction 6).
///
/// A state that nothing can need any more is as good as any other such state, so the search merges them all into
/// `Automaton.dead`. Let t be the time of return event j. Every required update that is invoked after t happens by its
/// own return, and then the state of t is gone (or was made anew). So with *horizon(j)* the earliest return of these,
/// the state v of t can only be met by operations that need v, return after t and were invoked before horizon(j). Both
/// bounds grow with j, so for one operation that needs v the events form an interval. Crashed updates that need v count
/// as needing it for as long as using them can matter.
///
/// Only for models that tell every condition and result.
struct NeedIntervals {
  /// By state, a row of disjoint increasing intervals: `first[i]...last[i]` for i in `starts[v]..<starts[v + 1]`.
  private let starts: [UInt32]
  private let first: [UInt32]
  private let last: [UInt32]

  /// Whether some operation may still need the state when return event `j` has been passed.
  @inline(__always) func contains(_ j: UInt32, state: UInt32) -> Bool {
    var (low, high) = (starts[Int(state)], starts[Int(state) + 1])
    while low < high {
      let middle = (low + high) / 2
      if last[Int(middle)] < j { low = middle + 1 } else { high = middle }
    }
    return low < starts[Int(state) + 1] && first[Int(low)] <= j
  }

  init(_ operations: [SearchOperation], _ schedule: Schedule, _ automaton: Automaton) {
    var rows = Rows(states: automaton.knownStates)
    for crashed in schedule.classes {
      guard case .only(let state) = automaton.traits[Int(crashed.kind)].condition else { continue }
      rows.add(state, 0, UInt32(schedule.returnTimes.partitioningIndex { $0 > crashed.usefulUntil }))
    }
    let horizons = Self.horizons(operations, schedule.returnTimes, automaton)
    var from: UInt32 = 0
    for (id, operation) in operations.enumerated() where schedule.returnIndex[id] != Automaton.none {
      guard case .only(let state) = automaton.traits[Int(operation.kind)].condition else { continue }
      while Int(from) < horizons.count, horizons[Int(from)] <= operation.invocation { from += 1 }
      if from < schedule.returnIndex[id] { rows.add(state, from, schedule.returnIndex[id] - 1) }
    }
    (starts, first, last) = rows.flat()
  }

  /// By return event: the earliest completion of a required update that is invoked after it.
  private static func horizons(
    _ operations: [SearchOperation], _ returnTimes: Schedule.Column, _ automaton: Automaton
  ) -> [UInt32] {
    var horizons = [UInt32](repeating: .max, count: returnTimes.count)
    var earliest = UInt32.max
    var next = operations.count - 1
    for j in returnTimes.indices.reversed() {
      while next >= 0, operations[next].invocation > returnTimes[j] {
        if operations[next].isRequired, !automaton.traits[Int(operations[next].kind)].isObserver {
          earliest = min(earliest, operations[next].completion)
        }
        next -= 1
      }
      horizons[j] = earliest
    }
    return horizons
  }

  /// Intervals by state while they are collected; of one state they come in order of their first event.
  private struct Rows {
    private var intervals: [(state: UInt32, first: UInt32, last: UInt32)] = []
    /// By state: its latest interval plus one, or 0.
    private var latest: [Int]

    init(states: Int) { latest = Array(repeating: 0, count: states) }

    mutating func add(_ state: UInt32, _ first: UInt32, _ last: UInt32) {
      let place = latest[Int(state)] - 1
      if place >= 0, first <= intervals[place].last &+ 1 {
        intervals[place].last = max(intervals[place].last, last)
        return
      }
      intervals.append((state, first, last))
      latest[Int(state)] = intervals.count
    }

    /// Counting sort by state.
    func flat() -> (starts: [UInt32], first: [UInt32], last: [UInt32]) {
      var starts = [UInt32](repeating: 0, count: latest.count + 1)
      for interval in intervals { starts[Int(interval.state) + 1] += 1 }
      for state in latest.indices { starts[state + 1] += starts[state] }
      var next = starts
      var first = [UInt32](repeating: 0, count: intervals.count)
      var last = first
      for interval in intervals {
        let place = Int(next[Int(interval.state)])
        (first[place], last[place]) = (interval.first, interval.last)
        next[Int(interval.state)] += 1
      }
      return (starts, first, last)
    }
  }
}
