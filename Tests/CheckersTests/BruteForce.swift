import Histories

/// Tries every order of every choice of optional operations: the judge of the other oracles, for tiny histories.
enum BruteForce {
  static func isLinearizable(_ operations: [OracleOperation], initial: Value) -> Bool {
    place(operations, [], initial)
  }

  /// Whether some order that begins with `placed` and has left the register in `state` works out.
  private static func place(_ operations: [OracleOperation], _ placed: [Int], _ state: Value) -> Bool {
    if operations.indices.allSatisfy({ placed.contains($0) || !operations[$0].isRequired }) { return true }
    for id in operations.indices where !placed.contains(id) {
      guard let next = operations[id].step(state), keepsRealTime(operations, placed + [id]) else { continue }
      if place(operations, placed + [id], next) { return true }
    }
    return false
  }

  /// No operation comes after one that was invoked when it had already returned.
  private static func keepsRealTime(_ operations: [OracleOperation], _ order: [Int]) -> Bool {
    for (position, later) in order.enumerated() {
      guard let completion = operations[later].completion else { continue }
      if order[..<position].contains(where: { operations[$0].invocation > completion }) { return false }
    }
    return true
  }
}

/// Decides a counterexample from what it shows alone: for every initial state, with every optional operation used or
/// not.
///
/// A memoised search over sets of operations; independent of the checker, whose reductions it judges.
struct CounterexampleOracle {
  private struct Seen: Hashable {
    var done: UInt128
    var state: Value
  }

  private let operations: [OracleOperation]

  init(_ counterexample: Counterexample, of specification: Specification = .register) {
    self.init(
      counterexample.operations.filter { $0.role != .context }.map {
        OracleOperation(
          f: $0.f, input: $0.input, output: $0.output, isAnswered: $0.type == "ok", invocation: $0.index,
          completion: $0.completion, isRequired: $0.role == .required, specification: specification)
      })
  }

  init(_ operations: [OracleOperation]) { self.operations = operations }

  /// Whether some order exists from the state.
  func isLinearizable(from initial: Value) -> Bool {
    var seen: Set<Seen> = []
    return search(0, initial, &seen)
  }

  private func search(_ done: UInt128, _ state: Value, _ seen: inout Set<Seen>) -> Bool {
    let open = operations.indices.filter { done & (1 << UInt128($0)) == 0 }
    if !open.contains(where: { operations[$0].isRequired }) { return true }
    guard seen.insert(Seen(done: done, state: state)).inserted else { return false }
    // The next operation began before any required one that is still open returned, and did not return before any
    // operation that is done began.
    let deadline = open.filter { operations[$0].isRequired }.compactMap { operations[$0].completion }.min() ?? .max
    let began =
      operations.indices.filter { done & (1 << UInt128($0)) != 0 }.map { operations[$0].invocation }.max() ?? -1
    for id in open where operations[id].invocation <= deadline && (operations[id].completion ?? .max) >= began {
      guard let next = operations[id].step(state) else { continue }
      if search(done | 1 << UInt128(id), next, &seen) { return true }
    }
    return false
  }
}
