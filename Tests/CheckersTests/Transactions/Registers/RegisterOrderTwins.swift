/// Serializability by its definition (Papadimitriou, JACM 1979, section 2), with the orders that `mustPrecede` adds.
struct RegisterSerialTwin {
  typealias Order = @Sendable (RegisterTwinTransaction, RegisterTwinTransaction) -> Bool

  let transactions: [RegisterTwinTransaction]
  let mustPrecede: Order

  func holds(_ keys: Int) -> Bool {
    continues(Array(transactions.indices), Array(repeating: 0, count: keys))
  }

  private func continues(_ left: [Int], _ registers: [Int]) -> Bool {
    if left.isEmpty { return true }
    return left.contains { next in
      if left.contains(where: { mustPrecede(transactions[$0], transactions[next]) }) { return false }
      var after = registers
      return transactions[next].run(on: &after) && continues(left.filter { $0 != next }, after)
    }
  }
}

/// Snapshot isolation by its definition: each reads what was committed before its start, and no two that write one key
/// run at the same time (Berenson and others, SIGMOD 1995, 4.2).
struct RegisterSnapshotTwin {
  let transactions: [RegisterTwinTransaction]
  let mustPrecede: RegisterSerialTwin.Order

  private struct State {
    var waiting: [Int]
    var running: [Int] = []
    var registers: [Int]
  }

  func holds(_ keys: Int) -> Bool {
    continues(State(waiting: Array(transactions.indices), registers: Array(repeating: 0, count: keys)))
  }

  private func continues(_ state: State) -> Bool {
    if state.waiting.isEmpty { return true }
    return state.running.contains { continues(committing($0, state)) }
      || state.waiting.contains { starting($0, state).map(continues) ?? false }
  }

  private func committing(_ number: Int, _ state: State) -> State {
    var state = state
    state.running.removeAll { $0 == number }
    for case .write(let key, let value) in transactions[number].steps { state.registers[key] = value }
    return state
  }

  private func starting(_ number: Int, _ state: State) -> State? {
    let transaction = transactions[number]
    let isEarly = (state.waiting + state.running).contains { mustPrecede(transactions[$0], transaction) }
    let isConflicting = state.running.contains {
      !transactions[$0].writtenKeys.isDisjoint(with: transaction.writtenKeys)
    }
    var snapshot = state.registers
    guard !isEarly, !isConflicting, transaction.run(on: &snapshot) else { return nil }
    var state = state
    state.waiting.removeAll { $0 == number }
    state.running.append(number)
    return state
  }
}

/// Levels defined by abstract executions: a visibility relation within a total order, with axioms (Cerone, Bernardi and
/// Gotsman, CONCUR 2015, section 3). A read from outside shows the last visible write of its key.
struct RegisterVisibilityTwin {
  private let transactions: [RegisterTwinTransaction]
  private let axioms: AbstractExecutionTwin.Axioms

  static func holds(
    _ transactions: [RegisterTwinTransaction], keys: Int, _ axioms: AbstractExecutionTwin.Axioms
  ) -> Bool {
    transactions.allSatisfy(\.isInternallyConsistent)
      && RegisterVisibilityTwin(transactions: transactions, axioms: axioms).continues([], [])
  }

  /// - Parameters:
  ///   - order: the first transactions.
  ///   - visible: by position in it, positions that it sees, as bits.
  private func continues(_ order: [Int], _ visible: [Int]) -> Bool {
    if order.count == transactions.count { return true }
    return transactions.indices.contains { next in
      if order.contains(next) || isTooEarly(next, order) { return false }
      return (0..<(1 << order.count)).contains { sees in
        isAllowed(next, sees, order, visible) && continues(order + [next], visible + [sees])
      }
    }
  }

  private func isTooEarly(_ next: Int, _ order: [Int]) -> Bool {
    axioms.session
      && transactions.indices.contains {
        !order.contains($0) && transactions[$0].precedesInProcess(transactions[next])
      }
  }

  private func isAllowed(_ next: Int, _ sees: Int, _ order: [Int], _ visible: [Int]) -> Bool {
    for read in transactions[next].externalReads {
      let last = order.indices.last { sees >> $0 & 1 == 1 && transactions[order[$0]].version(of: read.key) != nil }
      if read.value != last.flatMap({ transactions[order[$0]].version(of: read.key) }) ?? 0 { return false }
    }
    for position in order.indices {
      let other = transactions[order[position]]
      if sees >> position & 1 == 1 {
        if axioms.transvis, visible[position] & ~sees != 0 { return false }
        if axioms.prefix, ((1 << position) - 1) & ~sees != 0 { return false }
      } else {
        if axioms.noConflict, !other.writtenKeys.isDisjoint(with: transactions[next].writtenKeys) { return false }
        if axioms.session, other.precedesInProcess(transactions[next]) { return false }
      }
    }
    return true
  }
}
