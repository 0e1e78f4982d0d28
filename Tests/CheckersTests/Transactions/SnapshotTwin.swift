import Histories

/// Snapshot isolation by its definition: some interleaving of the starts and commits of the committed transactions in
/// which each reads what was committed before its start, and its own appends on top, and in which no two transactions
/// that append to one key run at the same time (Berenson and others, "A critique of ANSI SQL isolation levels", SIGMOD
/// 1995, 4.2; Adya 1999, 4.3.1, without its real-time part).
///
/// `mustPrecede` says whose commit has to come before whose start. With the order of processes this is strong session
/// snapshot isolation, with real time the strong one (Daudjee and Salem, "Lazy database replication with snapshot
/// isolation", VLDB 2006, definitions 2.2 and 2.3). For the strong one starts and commits also lie between invocation
/// and completion. That follows: put every event of the interleaving at the latest invocation of those transactions
/// that have an event up to there. If that were past its own transaction's completion, then the other transaction was
/// invoked after this one had completed, so that this one's commit is among the events before.
struct SnapshotTwin {
  let transactions: [TwinTransaction]
  let mustPrecede: SerialTwin.Order

  private struct State {
    var waiting: [Int]
    var running: [Int] = []
    var lists: [[Int]]
  }

  static func holds(
    _ transactions: [TwinTransaction], keys: Int, _ mustPrecede: @escaping SerialTwin.Order
  ) -> Bool {
    SnapshotTwin(transactions: transactions, mustPrecede: mustPrecede)
      .continues(State(waiting: Array(transactions.indices), lists: Array(repeating: [], count: keys)))
  }

  private func continues(_ state: State) -> Bool {
    if state.waiting.isEmpty { return true }
    return state.running.contains { continues(committing($0, state)) }
      || state.waiting.contains { starting($0, state).map(continues) ?? false }
  }

  private func committing(_ number: Int, _ state: State) -> State {
    var state = state
    state.running.removeAll { $0 == number }
    for case .append(let key, let element) in transactions[number].steps { state.lists[key].append(element) }
    return state
  }

  private func starting(_ number: Int, _ state: State) -> State? {
    let transaction = transactions[number]
    let isEarly = (state.waiting + state.running).contains { mustPrecede(transactions[$0], transaction) }
    let isConflicting = state.running.contains {
      !transactions[$0].writtenKeys.isDisjoint(with: transaction.writtenKeys)
    }
    var snapshot = state.lists
    guard !isEarly, !isConflicting, transaction.run(on: &snapshot) else { return nil }
    var state = state
    state.waiting.removeAll { $0 == number }
    state.running.append(number)
    return state
  }
}
