/// A cycle of transactions, each step with what it rests on.
struct TransactionCycle: Hashable {
  enum Link: Hashable {
    case dependency(TransactionGraph.Kind)
    case process
    case realtime
  }

  struct Step: Hashable {
    var source: UInt32
    var link: Link
    var target: UInt32
  }

  /// The target of the last is the source of the first.
  var steps: [Step]
  /// Its name where it shows a read that misses a version, which need not be the next one: then its anti-dependency is no
  /// direct one, so that the cycle is of no class.
  var missed: TransactionAnomaly?

  var name: String { missed?.rawValue ?? cycleClass.name }

  var order: CycleOrder {
    if steps.contains(where: { $0.link == .realtime }) { return .realtime }
    return steps.contains { $0.link == .process } ? .process : .none
  }

  /// Adya's name for it (1999, section 3 and 4), with Elle's for what lies between G-single and G2.
  var anomaly: TransactionAnomaly {
    let isAnti = steps.map { $0.link == .dependency(.readWrite) }
    let count = isAnti.count { $0 }
    if count == 0 {
      return steps.contains { $0.link == .dependency(.writeRead) } ? .informationCycle : .writeCycle
    }
    if count == 1 { return .single }
    let isAdjacent = zip(isAnti, isAnti.dropFirst() + isAnti.prefix(1)).contains { $0 && $1 }
    return isAdjacent ? .antiDependencyCycle : .nonadjacent
  }

  var cycleClass: CycleClass { CycleClass(anomaly: anomaly, order: order) }

  /// Whether it meets no transaction twice.
  var isSimple: Bool { Set(steps.map(\.source)).count == steps.count }

  /// The walk itself, if it meets no transaction twice, or what is left of it without some of the ways between two
  /// visits of one, if that has the property; nil if none has that was tried.
  func piece(where holds: (TransactionCycle) -> Bool) -> TransactionCycle? {
    var walk = self
    while true {
      guard let (first, second) = walk.repetition else { return holds(walk) ? walk : nil }
      let inner = TransactionCycle(steps: Array(walk.steps[first..<second]))
      let outer = TransactionCycle(steps: Array(walk.steps[..<first] + walk.steps[second...]))
      guard let next = [inner, outer].first(where: holds) else { return nil }
      walk = next
    }
  }

  /// The places of two steps with one source, the second as early as it can be.
  private var repetition: (first: Int, second: Int)? {
    var places: [UInt32: Int] = [:]
    for (place, step) in steps.enumerated() {
      if let first = places.updateValue(place, forKey: step.source) { return (first, place) }
    }
    return nil
  }
}

/// Breadth-first search for short cycles of a view.
///
/// A step along an edge costs one; from a start to its commit and along the completions it costs nothing.
struct CycleSearch {
  /// Nodes that one search may look at, all starts together. The first start of a component is not bounded: its cost is
  /// linear, and it finds a cycle.
  static let nodesMax = 20_000_000

  let view: GraphView
  private let budget: SearchBudget
  private var cameFrom: [UInt32]
  private var isInside: [Bool]
  private var distance: [UInt32]
  private var touched: [UInt32] = []
  private(set) var nodesLeft = CycleSearch.nodesMax

  init(_ view: GraphView, _ budget: SearchBudget) {
    (self.view, self.budget) = (view, budget)
    cameFrom = Array(repeating: TransactionGraph.none, count: view.count)
    distance = Array(repeating: .max, count: view.count)
    isInside = Array(repeating: false, count: view.count)
  }

  /// Confines the search to these nodes, besides those that it was confined to before.
  mutating func enter(_ nodes: some Sequence<UInt32>) { for node in nodes { isInside[Int(node)] = true } }
  mutating func leave(_ nodes: some Sequence<UInt32>) { for node in nodes { isInside[Int(node)] = false } }

  /// A cycle of the component that is as short as any, as far as the limits allow: starts are tried in order, and a
  /// cycle that was found bounds the next search.
  mutating func shortest(in component: [UInt32]) -> TransactionCycle? {
    enter(component)
    defer { leave(component) }
    var best: [UInt32]?
    var bound = UInt32.max
    for start in component.sorted() where view.transaction(start) != nil {
      if best != nil, nodesLeft <= 0 || budget.isSpent || bound <= 2 { break }
      if let path = path(from: start, to: start, shorterThan: bound, isBounded: best != nil) {
        bound = distance(of: path)
        best = path
      }
    }
    return best.flatMap { cycle($0) }
  }

  /// A cycle of the dependency and a shortest way back from its target to its source.
  ///
  /// - Parameter nodesMax: to look at; nil too if there is no way within that.
  mutating func closing(
    _ dependency: (source: UInt32, kind: TransactionGraph.Kind, target: UInt32), nodesMax: Int
  ) -> TransactionCycle? {
    let before = nodesLeft
    nodesLeft = min(nodesLeft, nodesMax)
    defer { nodesLeft = before - (min(before, nodesMax) - nodesLeft) }
    guard let back = path(from: dependency.target, to: dependency.source, shorterThan: .max) else { return nil }
    let step = TransactionCycle.Step(
      source: dependency.source, link: .dependency(dependency.kind), target: dependency.target)
    return cycle(back).map { TransactionCycle(steps: [step] + $0.steps) }
  }

  /// The steps of a shortest way, whatever it costs, which is linear; none where both ends are one.
  mutating func way(from start: UInt32, to end: UInt32) -> [TransactionCycle.Step]? {
    if start == end { return [] }
    return path(from: start, to: end, shorterThan: .max, isBounded: false).flatMap { cycle($0)?.steps }
  }

  /// The nodes of a shortest way inside the component, both ends among them.
  private mutating func path(
    from start: UInt32, to end: UInt32, shorterThan bound: UInt32, isBounded: Bool = true
  ) -> [UInt32]? {
    defer { forget() }
    var near = [start]
    var next: [UInt32] = []
    var cost: UInt32 = 0
    while !near.isEmpty, cost < bound {
      var place = 0
      while place < near.count {
        let node = near[place]
        place += 1
        // What was reached again by a cheaper way is done already.
        if node != start, distance[Int(node)] != cost { continue }
        nodesLeft -= 1
        if isBounded, nodesLeft <= 0 || !budget.goesOn(after: 1) { return nil }
        for number in 0..<view.successorCount(node) {
          let target = view.successor(node, number)
          guard target != TransactionGraph.none, isInside[Int(target)] else { continue }
          let isFree = costsNothing(node, target)
          let reached = isFree ? cost : cost + 1
          if target == end, reached < bound, reached > 0 {
            cameFrom[Int(end)] = node
            return trace(from: start, to: end)
          }
          guard target != start, reached < distance[Int(target)] else { continue }
          if distance[Int(target)] == .max { touched.append(target) }
          distance[Int(target)] = reached
          cameFrom[Int(target)] = node
          if isFree { near.append(target) } else { next.append(target) }
        }
      }
      (near, next) = (next, [])
      cost += 1
    }
    return nil
  }

  private func costsNothing(_ node: UInt32, _ target: UInt32) -> Bool {
    guard let source = view.transaction(node) else { return true }
    return view.transaction(target) == source
  }

  private mutating func forget() {
    for node in touched {
      distance[Int(node)] = .max
      cameFrom[Int(node)] = TransactionGraph.none
    }
    touched.removeAll(keepingCapacity: true)
  }

  private func trace(from start: UInt32, to end: UInt32) -> [UInt32] {
    var path = [end]
    var node = cameFrom[Int(end)]
    while node != start {
      path.append(node)
      node = cameFrom[Int(node)]
    }
    path.append(start)
    return path.reversed()
  }

  private func distance(of path: [UInt32]) -> UInt32 {
    UInt32(zip(path, path.dropFirst()).count { !costsNothing($0, $1) })
  }

  /// The walk as steps between transactions.
  private func cycle(_ path: [UInt32]) -> TransactionCycle? {
    var steps: [TransactionCycle.Step] = []
    var source: UInt32?
    var isTimed = false
    var last: UInt32 = path[0]
    for node in path {
      defer { last = node }
      guard let transaction = view.transaction(node) else {
        isTimed = true
        continue
      }
      guard let from = source else {
        source = transaction
        continue
      }
      if from == transaction, !isTimed { continue }
      let link = isTimed ? TransactionCycle.Link.realtime : link(from, last, node)
      steps.append(TransactionCycle.Step(source: from, link: link, target: transaction))
      (source, isTimed) = (transaction, false)
    }
    return steps.isEmpty ? nil : TransactionCycle(steps: steps)
  }

  /// What leads from one node to another: of several dependencies, the strongest evidence first.
  private func link(_ source: UInt32, _ from: UInt32, _ to: UInt32) -> TransactionCycle.Link {
    let target = view.transaction(to) ?? to
    for (place, number) in (Int(view.graph.starts[Int(source)])..<Int(view.graph.starts[Int(source) + 1])).enumerated()
    where view.successor(from, place) == to && view.graph.edges[number] & TransactionGraph.nodeMask == target {
      if let kind = TransactionGraph.Kind(rawValue: view.graph.edges[number] >> TransactionGraph.nodeBits) {
        return .dependency(kind)
      }
    }
    return .process
  }
}
