/// Levels defined by what a history must not show: Adya's (1999) over the direct serialization graph of some order of
/// the versions, and monotonic atomic view (Bailis and others, VLDB 2014, 5.1.2). All orders are tried, and every simple
/// cycle of each is looked at.
struct RegisterDependencyTwin {
  let transactions: [RegisterTwinTransaction]
  let keys: Int

  /// The levels that some order of the versions allows.
  func levels() -> Set<String> {
    var levels: Set<String> = []
    let isCommitted = readsCommitted
    let isInternal = transactions.allSatisfy(\.isInternallyConsistent)
    for order in versionOrders {
      let found = phenomena(order)
      if !found.writeCycle { levels.insert("read-uncommitted") }
      guard isCommitted, !found.informationCycle else { continue }
      levels.insert("read-committed")
      if !found.cursorCycle { levels.insert("cursor-stability") }
      if !hasVanishing(order) { levels.insert("monotonic-atomic-view") }
      if isInternal, !found.antiDependencyCycle { levels.insert("repeatable-read") }
      if isInternal, !found.updateCycle { levels.insert("update-serializable") }
      if levels.count == 6 { break }
    }
    return levels
  }

  /// No read of what was not committed (G1a), or of what its writer replaced itself (G1b).
  private var readsCommitted: Bool {
    transactions.indices.allSatisfy { reader in
      transactions[reader].steps.allSatisfy { step in
        guard case .read(let key, let value?) = step, value != 0 else { return true }
        guard let writer = transactions.firstIndex(where: { $0.writes(to: key).contains(value) }) else { return false }
        return writer == reader || transactions[writer].version(of: key) == value
      }
    }
  }

  /// By key: every order of the transactions that wrote it, and of all keys every combination.
  private var versionOrders: [[[Int]]] {
    (0..<keys).reduce([[]]) { orders, key in
      let writers = transactions.indices.filter { transactions[$0].version(of: key) != nil }
      return orders.flatMap { order in DependencyTwin.orders(writers.map { [$0] }).map { order + [$0] } }
    }
  }

  /// The transaction whose version this is.
  private func writer(of value: Int, _ key: Int) -> Int? {
    transactions.firstIndex { $0.version(of: key) == value }
  }

  private func hasVanishing(_ order: [[Int]]) -> Bool {
    transactions.indices.contains { reader in
      let reads = transactions[reader].externalReads
      return reads.contains { first in
        guard let seen = writer(of: first.value, first.key), seen != reader else { return false }
        return reads.contains { second in
          guard second.place > first.place, let own = order[second.key].firstIndex(of: seen) else { return false }
          // A read of an own later write shows no version at all.
          if transactions[reader].writes(to: second.key).contains(second.value) { return false }
          let shown = writer(of: second.value, second.key).flatMap { order[second.key].firstIndex(of: $0) }
          return shown ?? -1 < own
        }
      }
    }
  }

  private func phenomena(_ order: [[Int]]) -> DependencyTwin.Phenomena {
    var found = DependencyTwin.Phenomena()
    for cycle in DependencyTwin.simpleCycles(edges(order), transactions.count) {
      let antiDependencies = cycle.count { $0.kind == .rw }
      if antiDependencies == 0 {
        found.informationCycle = true
        if cycle.allSatisfy({ $0.kind == .ww }) { found.writeCycle = true }
        continue
      }
      found.antiDependencyCycle = true
      if antiDependencies == 1, cycle.allSatisfy({ $0.kind != .wr && $0.key == cycle[0].key }) {
        found.cursorCycle = true
      }
      if cycle.count(where: { transactions[$0.source].writtenKeys.isEmpty }) <= 1 { found.updateCycle = true }
    }
    return found
  }

  private func edges(_ order: [[Int]]) -> Set<DependencyTwin.Edge> {
    var edges: Set<DependencyTwin.Edge> = []
    for key in 0..<keys {
      for (source, target) in zip(order[key], order[key].dropFirst()) {
        edges.insert(.init(source: source, target: target, kind: .ww, key: key))
      }
    }
    for reader in transactions.indices {
      for read in transactions[reader].externalReads {
        let source = writer(of: read.value, read.key)
        if source == nil, read.value != 0 { continue }
        if let source, source != reader {
          edges.insert(.init(source: source, target: reader, kind: .wr, key: read.key))
        }
        let place = source.flatMap { order[read.key].firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        guard place < order[read.key].count, order[read.key][place] != reader, source != reader else { continue }
        edges.insert(.init(source: reader, target: order[read.key][place], kind: .rw, key: read.key))
      }
    }
    return edges
  }
}
