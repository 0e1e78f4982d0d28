/// The direct dependencies between committed transactions (Adya 1999, section 3.1), in compressed rows.
///
/// Orders that would take too many edges are not stored: a process's order is one successor each, and real time goes
/// through a chain with a node for each completion (CHECKERS 2), which the views of `GraphView` walk implicitly.
struct TransactionGraph: Sendable {
  /// What a dependency comes from; the raw value is its code in `edges`.
  enum Kind: UInt32, CaseIterable {
    /// The target wrote the version of a key right after the source's.
    case writeWrite = 0
    /// The target read the source's version of a key.
    case writeRead = 1
    /// The target wrote the version right after the one that the source read: an anti-dependency.
    case readWrite = 2
  }

  static let none = UInt32.max
  static let nodeBits: UInt32 = 30
  static let nodeMask: UInt32 = 1 << nodeBits - 1

  /// Nodes are committed transactions, in order of invocation.
  let count: Int
  /// The edges of node u are `edges[starts[u]..<starts[u + 1]]`.
  let starts: [UInt32]
  /// Each the kind's code shifted by `nodeBits`, with the target.
  let edges: [UInt32]
  /// The next transaction of the same process, or none.
  let nextInProcess: [UInt32]
  /// Position of each node's completion among all completions, or none.
  let completionRank: [UInt32]
  /// By completion: the first node that was invoked after it; one more at the end.
  let firstAfter: [UInt32]
  /// By node, as given.
  let rows: [Row]

  /// What is known of a node besides its dependencies.
  struct Row {
    /// Event index of the invocation.
    var invocation: UInt32
    /// Event index of the completion; `Transactions.never` where there is none.
    var completion: UInt32
    /// Nil for what is no transaction of any process.
    var process: Int32?
    /// Whether the transaction writes anything.
    var isUpdate: Bool
  }

  /// - Parameters:
  ///   - pairs: source and coded target of each edge, in any order.
  ///   - rows: in order of invocation.
  init(_ pairs: [(source: UInt32, edge: UInt32)], _ rows: [Row]) {
    self.rows = rows
    count = rows.count
    (starts, edges) = Self.compressed(pairs, count)
    nextInProcess = Self.chain(rows)
    (completionRank, firstAfter) = Self.times(rows)
  }

  /// The dependencies among these nodes.
  ///
  /// - Parameter members: increasing; node n of the result is `members[n]`.
  func restricted(to members: [UInt32]) -> TransactionGraph {
    var numbers = [UInt32](repeating: Self.none, count: count)
    for (number, member) in members.enumerated() { numbers[Int(member)] = UInt32(number) }
    var pairs: [(source: UInt32, edge: UInt32)] = []
    for (number, member) in members.enumerated() {
      for edge in edges[Int(starts[Int(member)])..<Int(starts[Int(member) + 1])] {
        let target = numbers[Int(edge & Self.nodeMask)]
        if target != Self.none { pairs.append((UInt32(number), edge & ~Self.nodeMask | target)) }
      }
    }
    return TransactionGraph(pairs, members.map { rows[Int($0)] })
  }

  /// Source and target of every edge of the kind.
  func pairs(of kind: Kind) -> [(source: UInt32, target: UInt32)] {
    var pairs: [(source: UInt32, target: UInt32)] = []
    for node in 0..<count {
      for edge in edges[Int(starts[node])..<Int(starts[node + 1])] where edge >> Self.nodeBits == kind.rawValue {
        pairs.append((UInt32(node), edge & Self.nodeMask))
      }
    }
    return pairs
  }

  /// The coded edges that leave the node.
  @inline(__always) func leaving(_ node: UInt32) -> ArraySlice<UInt32> {
    edges[Int(starts[Int(node)])..<Int(starts[Int(node) + 1])]
  }

  /// Every node from this one on was invoked after the given one had completed; `count` where that never was.
  @inline(__always) func firstLater(than node: UInt32) -> UInt32 {
    let rank = completionRank[Int(node)]
    return rank == Self.none ? UInt32(count) : firstAfter[Int(rank)]
  }

  static func code(_ kind: Kind, _ target: UInt32) -> UInt32 { kind.rawValue << nodeBits | target }

  private static func compressed(_ pairs: [(source: UInt32, edge: UInt32)], _ count: Int) -> ([UInt32], [UInt32]) {
    var starts = [UInt32](repeating: 0, count: count + 1)
    for pair in pairs { starts[Int(pair.source) + 1] += 1 }
    for node in 0..<count { starts[node + 1] += starts[node] }
    var next = starts
    var edges = [UInt32](repeating: 0, count: pairs.count)
    for pair in pairs {
      edges[Int(next[Int(pair.source)])] = pair.edge
      next[Int(pair.source)] += 1
    }
    return (starts, edges)
  }

  /// Processes below this number are found by position.
  private static let directProcessesMax = 1 << 16

  /// The next node of each node's process.
  private static func chain(_ rows: [Row]) -> [UInt32] {
    var next = [UInt32](repeating: none, count: rows.count)
    var direct = [UInt32](repeating: none, count: directProcessesMax)
    var others: [Int32: UInt32] = [:]
    for (node, row) in rows.enumerated() {
      guard let process = row.process else { continue }
      let previous: UInt32
      if process >= 0, process < directProcessesMax {
        previous = direct[Int(process)]
        direct[Int(process)] = UInt32(node)
      } else {
        previous = others.updateValue(UInt32(node), forKey: process) ?? none
      }
      if previous != none { next[Int(previous)] = UInt32(node) }
    }
    return next
  }

  private static func times(_ rows: [Row]) -> ([UInt32], [UInt32]) {
    var order: [UInt64] = []
    order.reserveCapacity(rows.count)
    for (node, row) in rows.enumerated() where row.completion != Transactions.never {
      order.append(UInt64(row.completion) << 32 | UInt64(node))
    }
    RadixSort.sort(&order)
    var ranks = [UInt32](repeating: none, count: rows.count)
    var firstAfter: [UInt32] = []
    firstAfter.reserveCapacity(order.count + 1)
    var next = 0
    for (rank, entry) in order.enumerated() {
      ranks[Int(entry & 0xFFFF_FFFF)] = UInt32(rank)
      while next < rows.count, UInt64(rows[next].invocation) < entry >> 32 { next += 1 }
      firstAfter.append(UInt32(next))
    }
    firstAfter.append(UInt32(rows.count))
    return (ranks, firstAfter)
  }
}
