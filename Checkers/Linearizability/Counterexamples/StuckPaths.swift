import Histories

/// The longest orders that a search without success could build: what it placed, and what could not come next.
struct StuckPaths {
  /// Paths in one counterexample.
  static let pathsMax = 4

  private let search: Search
  private let automaton: Automaton

  init(_ search: Search) {
    self.search = search
    automaton = search.automaton
  }

  /// One path for each way in which the search waits at its deepest return event, the shortest and simplest first.
  func paths() -> [Counterexample.Path] {
    var rows = (0..<UInt32(search.memo.count)).filter {
      !search.memo.isDead($0) && Int(search.memo.returnIndex($0)) == search.deepest
    }
    rows.sort {
      (search.memo.usage.total(search.memo.usage($0)), $0) < (search.memo.usage.total(search.memo.usage($1)), $1)
    }
    var seenStates: Set<UInt32> = []
    var paths: [Counterexample.Path] = []
    for row in rows where paths.count < Self.pathsMax && seenStates.insert(search.memo.state(row)).inserted {
      paths.append(path(of: row))
    }
    return paths
  }

  private func path(of row: UInt32) -> Counterexample.Path {
    let initial = search.initialState(of: row)
    let order = search.linearization(of: row, then: Search.Via.root, from: initial)
    var state = initial
    let steps = order.map { id in
      state = automaton.next(state, search.problem.operations[Int(id)].kind)
      return Counterexample.Path.Step(operation: Int(id), state: automaton.value(of: state))
    }
    return Counterexample.Path(
      initial: automaton.value(of: initial), steps: steps, stuck: stuck(in: state, placed: Set(order)))
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
