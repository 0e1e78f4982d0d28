/// Where in a graph cycles of some classes can be: its strongly connected components, seen through a view.
///
/// A transaction that the view shows twice, as its start and its commit, can be in two of them.
struct CycleParts {
  /// By transaction: the component of its first node, from 1; 0 if it is in none.
  private let first: [UInt32]
  /// The same of its second node; empty where the view has one node for each transaction.
  private let second: [UInt32]
  /// By component: how many transactions are in it. Component 0 is none.
  private let sizes: [Int]

  var isEmpty: Bool { sizes.count == 1 }

  init(_ view: GraphView) {
    let count = view.graph.count
    var first = [UInt32](repeating: 0, count: count)
    var second = view.transactionNodes > count ? first : []
    var sizes = [0]
    for component in Components(view).members {
      let number = UInt32(sizes.count)
      sizes.append(0)
      for node in component where Int(node) < view.transactionNodes {
        if Int(node) < count { first[Int(node)] = number } else { second[Int(node) - count] = number }
      }
    }
    for node in 0..<count {
      if first[node] != 0 { sizes[Int(first[node])] += 1 }
      if !second.isEmpty, second[node] != 0, second[node] != first[node] { sizes[Int(second[node])] += 1 }
    }
    (self.first, self.second, self.sizes) = (first, second, sizes)
  }

  /// How many transactions are in the component.
  func size(_ part: UInt32) -> Int { sizes[Int(part)] }

  @inline(__always) func has(_ node: UInt32, _ part: UInt32) -> Bool {
    first[Int(node)] == part || (!second.isEmpty && second[Int(node)] == part)
  }

  /// Whether the dependency between these, with which a search begins, is inside the component: where there are two
  /// nodes of each, it is an anti-dependency, from a start to a commit.
  @inline(__always) func isAnchor(_ source: UInt32, _ target: UInt32, _ part: UInt32) -> Bool {
    first[Int(source)] == part && (second.isEmpty ? first : second)[Int(target)] == part
  }

  /// The transactions that a search for the class begins with, by component, the smallest first.
  func sources(_ graph: TransactionGraph, _ cycleClass: CycleClass) -> [(part: UInt32, sources: [UInt32])] {
    var sources = [[UInt32]](repeating: [], count: sizes.count)
    for node in 0..<UInt32(graph.count) where first[Int(node)] != 0 {
      let part = first[Int(node)]
      let begins = graph.leaving(node).contains {
        $0 >> TransactionGraph.nodeBits == cycleClass.anchor.rawValue
          && isAnchor(node, $0 & TransactionGraph.nodeMask, part)
      }
      if begins { sources[Int(part)].append(node) }
    }
    return sources.indices.filter { !sources[$0].isEmpty }.sorted { (sizes[$0], $0) < (sizes[$1], $1) }.map {
      (UInt32($0), sources[$0])
    }
  }
}
