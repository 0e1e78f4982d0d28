import Histories

/// Levels defined by what a history must not show: Adya's, "Weak consistency" (1999), over the direct serialization
/// graph of its section 3.1.4, and monotonic atomic view (Bailis and others, "Highly available transactions", VLDB
/// 2014, 5.1.2). Every version order that the reads leave open is tried, and every simple cycle of each is looked at.
///
/// Each append makes a version, also the intermediate ones of a transaction (Kingsbury and Alvaro, "Elle", VLDB 2020,
/// 4.2.3): two transactions whose elements of one list alternate depend on each other. The versions of a key are
/// ordered as the longest list shows, and appends that no list shows come after those, since that list misses them.
/// What did not commit has no version (Adya 3.1.2).
struct DependencyTwin {
  enum Kind {
    case ww
    case wr
    case rw
  }

  struct Edge: Hashable {
    var source: Int
    var target: Int
    var kind: Kind
    var key: Int
  }

  /// What was found under one version order.
  struct Phenomena {
    /// Write cycles (G0, Adya 4.1).
    var writeCycle = false
    /// Circular information flow (G1c, 4.2.1): G0 is part of it.
    var informationCycle = false
    /// A cycle of one key's write dependencies and one anti-dependency (G-cursor, 4.4).
    var cursorCycle = false
    /// A cycle with item anti-dependencies (G2-item, 3.2.3).
    var antiDependencyCycle = false
    /// A cycle with anti-dependencies of update transactions and at most one other (G-update, 4.3.3).
    var updateCycle = false
  }

  let transactions: [TwinTransaction]
  /// By key: the longest list that a committed transaction read.
  let longest: [[Int]]
  let keys: Int

  // MARK: Reads

  /// A read shows what was not committed (G1a, 4.2.1).
  var hasAbortedRead: Bool {
    transactions.contains { reader in
      reader.steps.contains { step in
        guard case .read(let key, let list?) = step else { return false }
        return list.contains { element in writer(of: element, key) == nil }
      }
    }
  }

  /// A read ends in an append after which its transaction appended more to the key (G1b, 4.2.1).
  var hasIntermediateRead: Bool {
    transactions.indices.contains { reader in
      transactions[reader].steps.contains { step in
        guard case .read(let key, let list?) = step, let last = list.last, let writer = writer(of: last, key) else {
          return false
        }
        return writer != reader && transactions[writer].appends(to: key).last != last
      }
    }
  }

  /// A transaction reads a version, and later misses another effect of the version's writer (OTV: Bailis and others
  /// 2014, 5.1.2, "thereafter, all effects of Ti are observed by Tj").
  var hasVanishing: Bool {
    transactions.indices.contains { reader in
      let reads = transactions[reader].outsideReads
      return reads.contains { first in
        guard let last = first.list.last, let writer = writer(of: last, first.key), writer != reader else {
          return false
        }
        return reads.contains { second in
          second.place > first.place
            && !Set(transactions[writer].appends(to: second.key)).isSubset(of: second.list)
        }
      }
    }
  }

  /// A transaction reads its own effects (Adya 3.1.1: they are part of every history, which is why his phenomena do not
  /// speak of them), never its own future, and its own appends stand in its own order.
  var isInternallyConsistent: Bool {
    transactions.allSatisfy { transaction in
      (0..<keys).allSatisfy { inOrder(transaction.appends(to: $0), longest[$0]) }
        && transaction.steps.indices.allSatisfy { readsOwnEffects(transaction, $0) }
    }
  }

  private func inOrder(_ appends: [Int], _ list: [Int]) -> Bool {
    let places = appends.map { list.firstIndex(of: $0) ?? Int.max }
    return places == places.sorted()
  }

  private func readsOwnEffects(_ transaction: TwinTransaction, _ place: Int) -> Bool {
    guard case .read(let key, let list?) = transaction.steps[place] else { return true }
    let before = TwinTransaction(
      invocation: 0, completion: nil, process: 0, outcome: .committed, steps: Array(transaction.steps[..<place]))
    let own = before.appends(to: key)
    let later = transaction.appends(to: key).dropFirst(own.count)
    return list.suffix(own.count) == own[...] && later.allSatisfy { !list.contains($0) }
  }

  private func writer(of element: Int, _ key: Int) -> Int? {
    transactions.firstIndex { $0.appends(to: key).contains(element) }
  }

  // MARK: Version orders

  /// Every order of all versions, by key, that may be without a write cycle, which no level allows: of versions that no
  /// list shows, those of one transaction follow each other then, in its own order.
  var versionOrders: [[[Int]]] {
    (0..<keys).reduce([[]]) { orders, key in
      let seen = longest[key].filter { writer(of: $0, key) != nil }
      let unseen = transactions.map { $0.appends(to: key).filter { !seen.contains($0) } }
      let endings = Self.orders(unseen.filter { !$0.isEmpty })
      return orders.flatMap { order in endings.map { order + [seen + $0] } }
    }
  }

  /// All ways to put the lists after each other.
  static func orders(_ lists: [[Int]]) -> [[Int]] {
    if lists.isEmpty { return [[]] }
    return lists.indices.flatMap { place in
      var rest = lists
      let first = rest.remove(at: place)
      return orders(rest).map { first + $0 }
    }
  }

  // MARK: Dependencies

  func phenomena(_ order: [[Int]]) -> Phenomena {
    var found = Phenomena()
    for cycle in Self.simpleCycles(edges(order), transactions.count) { note(cycle, &found) }
    return found
  }

  private func note(_ cycle: [Edge], _ found: inout Phenomena) {
    let antiDependencies = cycle.count { $0.kind == .rw }
    if antiDependencies == 0 {
      found.informationCycle = true
      if cycle.allSatisfy({ $0.kind == .ww }) { found.writeCycle = true }
      return
    }
    found.antiDependencyCycle = true
    if antiDependencies == 1, cycle.allSatisfy({ $0.kind != .wr && $0.key == cycle[0].key }) {
      found.cursorCycle = true
    }
    if cycle.count(where: { transactions[$0.source].isReadOnly }) <= 1 { found.updateCycle = true }
  }

  func edges(_ order: [[Int]]) -> Set<Edge> {
    var edges: Set<Edge> = []
    for key in 0..<keys {
      let writers = order[key].map { writer(of: $0, key) ?? -1 }
      for (source, target) in zip(writers, writers.dropFirst()) where source != target {
        edges.insert(Edge(source: source, target: target, kind: .ww, key: key))
      }
    }
    for reader in transactions.indices {
      for read in transactions[reader].outsideReads {
        addRead(read.key, read.list, reader, read.isOwn ? [] : order[read.key], &edges)
      }
    }
    return edges
  }

  /// A read depends on the writer of its version, and the writer of the next version on the reader. What did not commit
  /// has no version: then that is the version before it.
  ///
  /// - Parameter order: of the key's versions; none where the reader itself wrote the next one.
  private func addRead(_ key: Int, _ list: [Int], _ reader: Int, _ order: [Int], _ edges: inout Set<Edge>) {
    let source = list.last.flatMap { writer(of: $0, key) }
    if let source, source != reader { edges.insert(Edge(source: source, target: reader, kind: .wr, key: key)) }
    let later = order.dropFirst(list.count { writer(of: $0, key) != nil })
    // A later append of the writer of the version is no other version of his.
    guard let next = later.lazy.compactMap({ writer(of: $0, key) }).first(where: { $0 != source }), next != reader
    else {
      return
    }
    edges.insert(Edge(source: reader, target: next, kind: .rw, key: key))
  }

  /// All cycles that visit no transaction twice, each once, from the first of its transactions.
  static func simpleCycles(_ edges: Set<Edge>, _ count: Int) -> [[Edge]] {
    var cycles: [[Edge]] = []
    let leaving = (0..<count).map { source in edges.filter { $0.source == source } }
    func extend(_ path: [Edge], _ start: Int, _ node: Int) {
      for edge in leaving[node] where edge.target >= start {
        if edge.target == start {
          cycles.append(path + [edge])
        } else if !path.contains(where: { $0.target == edge.target }) {
          extend(path + [edge], start, edge.target)
        }
      }
    }
    for start in 0..<count { extend([], start, start) }
    return cycles
  }
}
