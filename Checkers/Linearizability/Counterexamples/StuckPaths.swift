import Histories

/// The longest orders that a search without success could build: what it placed, and what could not come next.
struct StuckPaths {
  /// Paths in one counterexample.
  static let pathsMax = 4

  /// A path with the ids of its states.
  struct Path {
    var shown: Counterexample.Path
    /// The one it begins in, and the one after each step.
    var states: [UInt32]
  }

  private let search: Search
  private let automaton: Automaton

  init(_ search: Search) {
    self.search = search
    automaton = search.automaton
  }

  /// One path for each way in which the search waits at its deepest return event, the shortest and simplest first.
  func paths() -> [Path] {
    var rows = (0..<UInt32(search.memo.count)).filter {
      !search.memo.isDead($0) && Int(search.memo.returnIndex($0)) == search.deepest
    }
    rows.sort {
      (search.memo.usage.total(search.memo.usage($0)), $0) < (search.memo.usage.total(search.memo.usage($1)), $1)
    }
    var seenStates: Set<UInt32> = []
    var paths: [Path] = []
    for row in rows where paths.count < Self.pathsMax && seenStates.insert(search.memo.state(row)).inserted {
      paths.append(path(of: row))
    }
    return paths
  }

  private func path(of row: UInt32) -> Path {
    let initial = search.initialState(of: row)
    let order = search.linearization(of: row, then: Search.Via.root, from: initial)
    var (state, states) = (initial, [initial])
    let steps = order.map { id in
      defer { states.append(state) }
      state = automaton.next(state, search.problem.operations[Int(id)].kind)
      return Counterexample.Path.Step(operation: Int(id), state: automaton.value(of: state))
    }
    let shown = Counterexample.Path(
      initial: automaton.value(of: initial), steps: steps, stuck: stuck(in: state, placed: Set(order)))
    return Path(shown: shown, states: states)
  }

  /// The operations that were under way and cannot happen in the state.
  private func stuck(in state: UInt32, placed: Set<UInt32>) -> [Counterexample.Stuck] {
    let violating = search.schedule.returns[search.deepest]
    let now = search.problem.operations[Int(violating)].completion
    return search.problem.operations.enumerated().compactMap { id, operation in
      let isUnderWay = operation.invocation < now && operation.completion >= now && !placed.contains(UInt32(id))
      guard isUnderWay, automaton.next(state, operation.kind) == Automaton.none else { return nil }
      return Counterexample.Stuck(operation: id, reason: automaton.refusal(of: operation.kind, in: state))
    }
  }
}
