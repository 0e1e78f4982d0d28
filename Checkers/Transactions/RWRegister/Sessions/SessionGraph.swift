/// The demands of one level as a graph, with what its order of all transactions has to keep besides.
///
/// "All the first entries of a table come before this version" takes O(log n) edges: a table's entries are the leaves of
/// a tree, each of whose nodes comes after those below it.
struct SessionGraph {
  private let history: RegisterHistory
  private let demands: SessionDemands
  private let level: IsolationLevel
  private var rows: [TransactionGraph.Row]
  private var pairs: RegisterGraphs.Pairs = []
  /// By node beyond the transactions: the one that it stands for, or none.
  private var owners: [UInt32] = []
  /// By version of a transaction that may not have committed: its node, where those are apart.
  private var versionNodes: [UInt32: UInt32] = [:]
  /// By table, and whether it is of versions that were seen: the node that would be the tree's node 0.
  private var trees: [Bool: [UInt32: UInt32]] = [:]

  init(
    _ history: RegisterHistory, _ rows: [TransactionGraph.Row], _ demands: SessionDemands, _ level: IsolationLevel
  ) {
    (self.history, self.rows, self.demands, self.level) = (history, rows, demands, level)
    if level == .writesFollowReads { addReads() }
  }

  private var keepsSessions: Bool { level == .monotonicWrites || level == .pram }

  private mutating func addReads() {
    for node in 0..<UInt32(history.count) {
      for read in demands.sessions.reads(of: node) where !read.isOwn && !history.isInitial(read.version) {
        pairs.append((history.writers[Int(read.version)], TransactionGraph.code(.writeRead, node)))
      }
    }
  }

  mutating func add(_ demand: SessionDemand, _ ranges: [Range<Int>]) {
    let target = vertex(demand.version)
    let entries = demands.entries(demand)
    if keepsSessions, !demand.isSeen {
      // What the session wrote before comes before this one anyway.
      if let last = ranges.last { link(vertex(entries[last.upperBound - 1].version), target) }
      return
    }
    if demand.count <= 2 {
      for place in ranges.joined() { link(vertex(entries[place].version), target) }
      return
    }
    let tree = tree(demand, entries)
    for range in ranges { add(range, tree, entries, before: target) }
  }

  private mutating func link(_ source: UInt32, _ target: UInt32) {
    pairs.append((source, TransactionGraph.code(.writeWrite, target)))
  }

  /// The tree's nodes that cover the range, from its leaves up.
  private mutating func add(
    _ range: Range<Int>, _ tree: UInt32, _ entries: [RegisterSessions.Entry], before target: UInt32
  ) {
    var (low, high) = (range.lowerBound + entries.count, range.upperBound + entries.count)
    while low < high {
      if low & 1 == 1 {
        link(node(low, tree, entries), target)
        low += 1
      }
      if high & 1 == 1 {
        high -= 1
        link(node(high, tree, entries), target)
      }
      (low, high) = (low / 2, high / 2)
    }
  }

  private mutating func node(_ place: Int, _ tree: UInt32, _ entries: [RegisterSessions.Entry]) -> UInt32 {
    place >= entries.count ? vertex(entries[place - entries.count].version) : tree + UInt32(place)
  }

  private mutating func tree(_ demand: SessionDemand, _ entries: [RegisterSessions.Entry]) -> UInt32 {
    if let known = trees[demand.isSeen]?[demand.table] { return known }
    let tree = UInt32(rows.count)
    for _ in 0..<entries.count { addNode(for: RegisterHistory.none) }
    for place in 1..<entries.count {
      link(node(2 * place, tree, entries), tree + UInt32(place))
      link(node(2 * place + 1, tree, entries), tree + UInt32(place))
    }
    trees[demand.isSeen, default: [:]][demand.table] = tree
    return tree
  }

  private mutating func addNode(for owner: UInt32) {
    rows.append(.init(invocation: .max, completion: Transactions.never, process: nil, isUpdate: false))
    owners.append(owner)
  }

  private mutating func vertex(_ version: UInt32) -> UInt32 {
    let writer = history.writers[Int(version)]
    let isApart = level == .readYourWrites || level == .monotonicReads
    if !isApart || rows[Int(writer)].completion != Transactions.never { return writer }
    if let known = versionNodes[version] { return known }
    versionNodes[version] = UInt32(rows.count)
    addNode(for: writer)
    return UInt32(rows.count - 1)
  }

  // MARK: Cycles

  enum Outcome {
    case none
    case cycle(TransactionCycle)
    /// There is one, but it was not found.
    case lost
  }

  /// A short cycle.
  func cycle() -> Outcome {
    let graph = TransactionGraph(pairs, rows)
    let view =
      level == .writesFollowReads
      ? GraphView(graph, .processAfterRead, [.writeWrite, .writeRead], .process)
      : GraphView(graph, .plain, [.writeWrite], keepsSessions ? .process : .none)
    var search = CycleSearch(view, SearchBudget())
    var best: TransactionCycle?
    let components = Components(view).members
    if components.isEmpty { return .none }
    for component in components.sorted(by: { $0.count < $1.count }) {
      guard let found = search.shortest(in: component).map(contracted) else { continue }
      if found.steps.count < best?.steps.count ?? .max { best = found }
      if best?.steps.count == 2 { break }
    }
    let known = LevelCondition.writesAfterReads
    guard let best else { return .lost }
    return .cycle(level == .writesFollowReads ? best.piece { known.isBroken(by: $0, in: graph) } ?? best : best)
  }

  private func owner(_ node: UInt32) -> UInt32 {
    node < history.count ? node : owners[Int(node) - history.count]
  }

  /// The cycle among transactions: what leads through nodes of trees is one write dependency.
  private func contracted(_ cycle: TransactionCycle) -> TransactionCycle {
    guard let first = cycle.steps.firstIndex(where: { owner($0.source) != RegisterHistory.none }) else { return cycle }
    var steps: [TransactionCycle.Step] = []
    var source = RegisterHistory.none
    for step in cycle.steps[first...] + cycle.steps[..<first] {
      if owner(step.source) != RegisterHistory.none { source = owner(step.source) }
      let target = owner(step.target)
      if target != RegisterHistory.none { steps.append(.init(source: source, link: step.link, target: target)) }
    }
    return TransactionCycle(steps: steps)
  }
}
