/// Conditions that the direct dependencies of a history cannot decide, since they are about the versions of one key.
struct VersionAnalysis {
  let graph: TransactionGraph
  /// Of the nodes of `graph`.
  let versions: VersionOrders
  let budget: SearchBudget
  let sessions: SessionAnalysis

  init(graph: TransactionGraph, versions: VersionOrders, budget: SearchBudget) {
    (self.graph, self.versions, self.budget) = (graph, versions, budget)
    sessions = SessionAnalysis(graph, versions, budget)
  }

  // MARK: Writes of transactions that may not have committed

  /// The write dependencies of those that certainly committed.
  ///
  /// A write cycle through a transaction of unknown outcome, whose appends were read, refutes read committed: it
  /// committed, or its appends should not be there. Read uncommitted allows the latter.
  var certainWrites: TransactionGraph {
    var pairs: [(source: UInt32, edge: UInt32)] = []
    for key in versions.keys {
      let certain = key.seen.filter(isCertain)
      for (source, target) in zip(certain, certain.dropFirst()) where source != target {
        pairs.append((source, TransactionGraph.code(.writeWrite, target)))
      }
      guard let last = certain.last else { continue }
      for target in key.unseen where target != last && isCertain(target) {
        pairs.append((last, TransactionGraph.code(.writeWrite, target)))
      }
    }
    return TransactionGraph(pairs, graph.rows)
  }

  private func isCertain(_ node: UInt32) -> Bool { graph.rows[Int(node)].completion != Transactions.never }

  // MARK: Cursors

  /// The write and read dependencies, with an anti-dependency from each node that read the last version of a key and
  /// appended what nobody saw, to the others that did: cursor stability demands that it was the next to write, so that
  /// there is a good order of those versions if and only if there is no cycle.
  var cursorOrder: TransactionGraph {
    var pairs: [(source: UInt32, edge: UInt32)] = []
    for node in 0..<UInt32(graph.count) {
      for edge in graph.edges[Int(graph.starts[Int(node)])..<Int(graph.starts[Int(node) + 1])]
      where edge >> TransactionGraph.nodeBits != TransactionGraph.Kind.readWrite.rawValue {
        pairs.append((node, edge))
      }
    }
    for (key, readers) in updatersOfTheLast {
      let unseen = versions.keys[key].unseen
      // Two of them contradict each other, but for one that wrote the last version itself: three say it all.
      for reader in readers.prefix(3) {
        // A version of the same writer as the one that was read is no update of somebody else.
        for other in unseen where other != reader && other != versions.keys[key].seen.last {
          pairs.append((reader, TransactionGraph.code(.readWrite, other)))
        }
      }
    }
    return TransactionGraph(pairs, graph.rows)
  }

  /// By key with several unseen versions: who wrote one of these, and had read the last version that was seen.
  private var updatersOfTheLast: [(key: Int, readers: [UInt32])] {
    var readers: [Int: Set<UInt32>] = [:]
    for read in versions.reads
    where !read.isOwn && read.length == versions.keys[read.key].seen.count
      && versions.keys[read.key].unseen.count > 1
    {
      readers[read.key, default: []].insert(read.reader)
    }
    return readers.keys.sorted().map { key in
      (key, versions.keys[key].unseen.filter { readers[key]?.contains($0) == true })
    }
  }

  // MARK: Causality

  /// Read dependencies, and after the nodes one for each version: it leads to the version's writer, and to the next
  /// version of the key, so that from the first one that a read missed come all those that it missed.
  ///
  /// All edges are of the kind `.writeRead`; no version has one from a transaction.
  private var missedVersions: (graph: TransactionGraph, starts: [Int]) {
    var pairs = graph.pairs(of: .writeRead).map {
      (source: $0.source, edge: TransactionGraph.code(.writeRead, $0.target))
    }
    var starts: [Int] = []
    var rows = graph.rows
    for key in versions.keys {
      starts.append(rows.count)
      let writers = key.writers
      for (place, writer) in writers.enumerated() {
        let node = UInt32(rows.count)
        pairs.append((node, TransactionGraph.code(.writeRead, writer)))
        if place + 1 < writers.count { pairs.append((node, TransactionGraph.code(.writeRead, node + 1))) }
        rows.append(.init(invocation: .max, completion: Transactions.never, process: nil, isUpdate: false))
      }
    }
    return (TransactionGraph(pairs, rows), starts)
  }

  /// Finds a read that misses a version whose writer the reader sees, by read dependencies and the order of processes.
  ///
  /// It is asked whether a missed version leads to anything that directly precedes the reader, and not to the reader,
  /// since that one may have written one of the versions itself.
  func causalRead() -> CycleAnalysis.Outcome {
    let (extended, starts) = missedVersions
    let view = GraphView(extended, .plain, [.writeRead], .process)
    guard let reachability = BatchReachability(view, budget) else {
      return .unknown("read dependencies and the order of processes have a cycle already")
    }
    let preceding = predecessors(view)
    var goals: [UInt32: [VersionOrders.Read]] = [:]
    let (writers, ends) = (versions.keys.map(\.writers), versions.keys.map(\.runEnds))
    // What a read after an own write misses comes after that write, or contradicts it: other conditions tell of that.
    for read in versions.reads where !read.isOwn {
      guard read.length < writers[read.key].count else { continue }
      // The rest of what its source wrote is no later version: a read of a part of it is G1b.
      let isRest = writers[read.key][read.length] == read.source
      let next = isRest ? ends[read.key][read.length] : read.length
      if next < writers[read.key].count { goals[UInt32(starts[read.key] + next), default: []].append(read) }
    }
    let missed = goals.keys.sorted()
    let questions = missed.map { version in
      BatchReachability.Question(
        seeds: [version], goals: (goals[version] ?? []).flatMap { preceding[Int($0.reader)] })
    }
    switch reachability.answer(questions) {
    case .none: return .holds
    case .exhausted: return .unknown("\(missed.count) versions that reads missed were left: \(budget.reason)")
    case .reached(let question):
      let version = missed[question]
      return cycle(from: version, goals[version] ?? [], preceding, view)
        ?? .unknown("a cycle is there, but was not found within the limit")
    }
  }

  private func predecessors(_ view: GraphView) -> [[UInt32]] {
    var preceding = [[UInt32]](repeating: [], count: graph.count)
    for node in 0..<UInt32(graph.count) {
      for place in 0..<view.successorCount(node) {
        let target = view.successor(node, place)
        if target != TransactionGraph.none { preceding[Int(target)].append(node) }
      }
    }
    return preceding
  }

  /// The cycle of a reader, a writer that it missed, and the way from this one back to it.
  private func cycle(
    from version: UInt32, _ reads: [VersionOrders.Read], _ preceding: [[UInt32]], _ view: GraphView
  ) -> CycleAnalysis.Outcome? {
    var search = CycleSearch(view, budget)
    search.enter(0..<UInt32(view.count))
    for read in reads {
      for last in preceding[Int(read.reader)] {
        guard let way = search.way(from: version, to: last) else { continue }
        let steps = way.drop { $0.target >= graph.count }
        guard let first = steps.first else { continue }
        let back = search.way(from: last, to: read.reader) ?? []
        let missed = TransactionCycle.Step(
          source: read.reader, link: .dependency(.readWrite), target: first.target)
        return .broken(TransactionCycle(steps: [missed] + steps.dropFirst() + back))
      }
    }
    return nil
  }
}
