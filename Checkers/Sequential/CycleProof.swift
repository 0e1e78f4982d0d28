/// A contradiction of the constraints, taken apart: the cycle, and every operation that it rests on.
struct CycleProof {
  /// Each edge begins where the one before it ends, and the first where the last ends.
  private(set) var cycle: [ConstraintEdge] = []
  /// Operations of the cycle and of everything that its edges follow from.
  private(set) var core: Set<UInt32> = []
  /// The edges that those of the cycle follow from, each from those before it; given ones and steps of processes left
  /// out.
  private(set) var premises: [ConstraintEdge] = []

  private let graph: ConstraintGraph
  /// Edges whose reasons are in the core, or about to be.
  private var explained: Set<Int> = []

  init(_ conflict: ConstraintConflict, in graph: ConstraintGraph) {
    self.graph = graph
    let way = path(from: conflict.edge.to, to: conflict.edge.from, below: conflict.below)
    for number in way { appendToCycle(graph.edges[number]) }
    appendToCycle(conflict.edge)
    closeCycle()
    var open: [(edge: ConstraintEdge, number: Int)] = way.map { (graph.edges[$0], $0) }
    open.append((conflict.edge, conflict.number))
    while let (edge, number) = open.popLast() {
      guard explained.insert(number).inserted else { continue }
      for premise in premises(of: edge, number) { open.append((graph.edges[premise], premise)) }
    }
    let shown = Set(way + [conflict.number])
    premises = explained.subtracting(shown).sorted().map { graph.edges[$0] }.filter(\.isDerived)
  }

  /// Adds the edge's operations to the core; the numbers of the edges that it follows from.
  private mutating func premises(of edge: ConstraintEdge, _ number: Int) -> [Int] {
    core.formUnion([edge.from, edge.to])
    switch edge.reason {
    case .process, .source, .initial, .assumed: return []
    case .before(let reader):
      core.insert(reader)
      return path(from: edge.from, to: reader, below: number)
    case .overwritten(let source):
      core.insert(source)
      return path(from: source, to: edge.to, below: number)
    }
  }

  // MARK: The cycle with the steps of processes between its edges

  private mutating func appendToCycle(_ edge: ConstraintEdge) {
    if let last = cycle.last, last.to != edge.from {
      cycle.append(ConstraintEdge(from: last.to, to: edge.from, reason: .process))
    }
    cycle.append(edge)
  }

  private mutating func closeCycle() {
    guard let first = cycle.first, let last = cycle.last, last.to != first.from else { return }
    cycle.append(ConstraintEdge(from: last.to, to: first.from, reason: .process))
  }

  // MARK: Paths

  /// How a walk came to a chain: at this operation, by this edge, from the place where it entered the chain before.
  private struct Entry {
    var id: UInt32
    var edge: Int
    var previous: Int
  }

  /// Numbers of the edges of a path of fewest edges, the steps along chains not counted; empty if chains alone do it.
  ///
  /// - Parameter below: edges with smaller numbers only: what follows from an edge is no reason for it.
  private func path(from start: UInt32, to goal: UInt32, below: Int) -> [Int] {
    let problem = graph.problem
    // By chain: operations from this place on have been reached.
    var reached = (0..<graph.chainCount).map { problem.length($0) }
    var entries = [Entry(id: start, edge: -1, previous: -1)]
    var next = 0
    while next < entries.count {
      let id = entries[next].id
      let chain = problem.chains[Int(id)]
      if chain == problem.chains[Int(goal)], problem.ranks[Int(id)] <= problem.ranks[Int(goal)] {
        return edges(to: next, entries)
      }
      var rank = problem.ranks[Int(id)]
      while rank < reached[Int(chain)] {
        for edge in graph.outgoing(problem.members[Int(problem.starts[Int(chain)] + rank)]) where edge < below {
          let target = graph.edges[edge].to
          if problem.ranks[Int(target)] < reached[Int(problem.chains[Int(target)])] {
            entries.append(Entry(id: target, edge: edge, previous: next))
          }
        }
        rank += 1
      }
      reached[Int(chain)] = min(reached[Int(chain)], problem.ranks[Int(id)])
      next += 1
    }
    assertionFailure("no path where the clocks tell of one")
    return []
  }

  private func edges(to last: Int, _ entries: [Entry]) -> [Int] {
    var numbers: [Int] = []
    var place = last
    while entries[place].edge >= 0 {
      numbers.append(entries[place].edge)
      place = entries[place].previous
    }
    return numbers.reversed()
  }
}
