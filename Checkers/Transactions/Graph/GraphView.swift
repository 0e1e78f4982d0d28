/// One question about a `TransactionGraph`, as the graph in which a cycle is the answer "no".
///
/// Nodes are transactions, twice where the walk has to remember something of its last step, and after them, where real
/// time counts, one for each completion: a chain that says "completed before" with a number of edges that is linear.
struct GraphView {
  enum Mode {
    /// Any walk along the edges.
    case plain
    /// A transaction is its start and its commit. A dependency or an order says "committed before the start of", an
    /// anti-dependency "started before the commit of": the cycles are those that snapshot isolation forbids, in which
    /// no two anti-dependencies are adjacent (Cerone and Gotsman 2018, theorem 10).
    case startsAndCommits
    /// An anti-dependency only right after a read dependency: the cycles that prefix consistency forbids,
    /// ((WR ; RW?) ∪ WW)+ (Cerone, Gotsman and Yang 2017, theorem 8).
    case afterReadDependency
    /// The order of processes only right after a read dependency, or after itself: a transaction comes after what its
    /// process had read before.
    case processAfterRead
  }

  let graph: TransactionGraph
  let mode: Mode
  /// By the code of a kind: whether its edges count.
  let kinds: [Bool]
  let order: CycleOrder

  init(_ graph: TransactionGraph, _ mode: Mode = .plain, _ kinds: Set<TransactionGraph.Kind>, _ order: CycleOrder) {
    self.graph = graph
    self.mode = mode
    self.kinds = TransactionGraph.Kind.allCases.map { kinds.contains($0) }
    self.order = order
  }

  /// Nodes that stand for transactions.
  var transactionNodes: Int { mode == .plain ? graph.count : 2 * graph.count }

  var count: Int { transactionNodes + (order == .realtime ? graph.firstAfter.count - 1 : 0) }

  /// The transaction that the node stands for; nil for a completion.
  @inline(__always) func transaction(_ node: UInt32) -> UInt32? {
    let number = Int(node)
    if number >= transactionNodes { return nil }
    return number < graph.count ? node : node - UInt32(graph.count)
  }

  /// How many successors to ask for; some may be none.
  @inline(__always) func successorCount(_ node: UInt32) -> Int {
    let number = Int(node)
    if number >= transactionNodes {
      let rank = number - transactionNodes
      return 1 + Int(graph.firstAfter[rank + 1] - graph.firstAfter[rank])
    }
    let transaction = number < graph.count ? number : number - graph.count
    // Besides the edges: the own commit, or the next of the process and the completion.
    return Int(graph.starts[transaction + 1] - graph.starts[transaction]) + 2
  }

  /// One successor, or none.
  @inline(__always) func successor(_ node: UInt32, _ place: Int) -> UInt32 {
    let number = Int(node)
    if number >= transactionNodes { return after(number - transactionNodes, place) }
    let isSecond = number >= graph.count
    let transaction = isSecond ? number - graph.count : number
    let edge = Int(graph.starts[transaction]) + place
    if edge < Int(graph.starts[transaction + 1]) { return along(graph.edges[edge], isSecond) }
    let isProcess = edge == Int(graph.starts[transaction + 1])
    if mode == .startsAndCommits, !isSecond { return isProcess ? UInt32(number + graph.count) : TransactionGraph.none }
    if mode == .processAfterRead {
      let next = isProcess && isSecond ? next(transaction) : TransactionGraph.none
      return next == TransactionGraph.none ? next : next + UInt32(graph.count)
    }
    return isProcess ? next(transaction) : completion(transaction)
  }

  private func next(_ transaction: Int) -> UInt32 {
    order == .process ? graph.nextInProcess[transaction] : TransactionGraph.none
  }

  private func completion(_ transaction: Int) -> UInt32 {
    guard order == .realtime, graph.completionRank[transaction] != TransactionGraph.none else {
      return TransactionGraph.none
    }
    return UInt32(transactionNodes) + graph.completionRank[transaction]
  }

  /// After a completion come the next completion and what was invoked before that.
  private func after(_ rank: Int, _ place: Int) -> UInt32 {
    if place == 0 {
      return rank + 2 < graph.firstAfter.count ? UInt32(transactionNodes + rank + 1) : TransactionGraph.none
    }
    return graph.firstAfter[rank] + UInt32(place - 1)
  }

  @inline(__always) private func along(_ edge: UInt32, _ isSecond: Bool) -> UInt32 {
    let (code, target) = (edge >> TransactionGraph.nodeBits, edge & TransactionGraph.nodeMask)
    guard kinds[Int(code)] else { return TransactionGraph.none }
    let isAnti = code == TransactionGraph.Kind.readWrite.rawValue
    let second = target + UInt32(graph.count)
    switch mode {
    case .plain: return target
    case .startsAndCommits:
      if isAnti { return isSecond ? TransactionGraph.none : second }
      return isSecond ? target : TransactionGraph.none
    case .afterReadDependency:
      if isAnti { return isSecond ? target : TransactionGraph.none }
      return code == TransactionGraph.Kind.writeRead.rawValue ? second : target
    case .processAfterRead: return code == TransactionGraph.Kind.writeRead.rawValue ? second : target
    }
  }
}
