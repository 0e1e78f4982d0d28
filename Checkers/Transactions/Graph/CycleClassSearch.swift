/// Looks for one shortest cycle of one class in each part of a graph that may hold one.
///
/// Breadth first over (transaction, `WalkMemory`), from every transaction that a dependency leaves which all cycles of
/// the class have one of. Such a walk can meet a transaction twice, where it is no cycle: pieces of it are tried, and
/// then a bounded search that never does. (To decide whether there is any is NP-hard: two disjoint ways between given
/// pairs are an instance; Fortune, Hopcroft and Wyllie, 1980.)
struct CycleClassSearch {
  /// Steps along dependencies and orders of one search, all starts together.
  static let stepsMax = 6_000_000
  /// Steps of one search for a cycle without repetition, after a walk with one was found.
  static let simpleStepsMax = 20_000
  /// Transactions on a cycle that such a search finds, at most.
  static let simpleLengthMax = 12

  struct Found {
    /// As short as any that was found.
    var cycle: TransactionCycle?
    /// Parts of the graph, without common transactions, in which one was found.
    var parts = 0
    /// Whether nothing was left out: no shorter one is there.
    var isComplete = true
  }

  let graph: TransactionGraph
  let cycleClass: CycleClass
  let memory: WalkMemory
  let parts: CycleParts
  private let budget: SearchBudget
  private var stepsLeft: Int
  /// By state (transaction and memory): the number of the search that met it, and where that came from.
  private var met: [UInt32]
  private var cameFrom: [UInt32]
  /// By state: the number of the search in which a walk along a process passed it.
  private var passed: [UInt32] = []
  private var search: UInt32 = 0
  /// By memory: transactions from this one on were reached by real time.
  private var timeReached: [UInt32] = []
  private var queue: [UInt32] = []
  /// By state that the search began with, where that took two steps: the transaction in between.
  private var between: [UInt32: UInt32] = [:]

  init(_ graph: TransactionGraph, _ cycleClass: CycleClass, _ parts: CycleParts, _ budget: SearchBudget) {
    (self.graph, self.cycleClass, self.parts, self.budget) = (graph, cycleClass, parts, budget)
    memory = WalkMemory(cycleClass)
    stepsLeft = Self.stepsMax
    met = Array(repeating: 0, count: graph.count << Int(memory.bitCount))
    cameFrom = met
    if cycleClass.order == .process { passed = met }
  }

  mutating func run() -> Found {
    var found = Found()
    for (part, sources) in parts.sources(graph, cycleClass) {
      var isInPart = false
      for source in sources {
        let best = found.cycle?.steps.count
        if isInPart, best == cycleClass.lengthMin { break }
        guard goesOn(1) else {
          found.isComplete = false
          break
        }
        let bound = isInPart ? best ?? .max : .max
        guard let cycle = shortest(from: source, part, shorterThan: bound, &found) else { continue }
        if !isInPart { found.parts += 1 }
        isInPart = true
        if cycle.steps.count < best ?? .max { found.cycle = cycle }
      }
      if budget.isSpent || stepsLeft <= 0 { break }
    }
    if stepsLeft <= 0 || budget.isSpent { found.isComplete = false }
    return found
  }

  private mutating func goesOn(_ steps: Int) -> Bool {
    stepsLeft -= steps
    return stepsLeft > 0 && budget.goesOn(after: steps)
  }

  private mutating func shortest(
    from source: UInt32, _ part: UInt32, shorterThan bound: Int, _ found: inout Found
  ) -> TransactionCycle? {
    guard let walk = closedWalk(from: source, part, shorterThan: bound) else { return nil }
    if let cycle = walk.piece(where: { $0.cycleClass == cycleClass }) { return cycle }
    let steps = min(Self.simpleStepsMax, max(0, stepsLeft))
    var simple = SimpleCycleSearch(graph, memory, parts, part, stepsMax: steps)
    // None is longer than the part has transactions.
    let most = min(bound - 1, parts.size(part))
    let lengthMax = min(most, Self.simpleLengthMax)
    let cycle =
      walk.steps.count > lengthMax ? nil : simple.shortest(from: source, lengths: walk.steps.count...lengthMax)
    stepsLeft -= simple.stepsDone
    if simple.stepsDone >= steps || (cycle == nil && lengthMax < most) { found.isComplete = false }
    return cycle
  }

  // MARK: Breadth first

  @inline(__always) private func state(_ node: UInt32, _ bits: UInt32) -> Int {
    Int(node << memory.bitCount | bits)
  }

  /// A shortest walk from the transaction to itself that begins as the class does and closes as one of its cycles.
  private mutating func closedWalk(
    from source: UInt32, _ part: UInt32, shorterThan bound: Int
  ) -> TransactionCycle? {
    search += 1
    queue.removeAll(keepingCapacity: true)
    timeReached = Array(repeating: UInt32(graph.count), count: 1 << Int(memory.bitCount))
    if let walk = begin(source, part) { return walk }
    var length = cycleClass.anomaly == .antiDependencyCycle ? 2 : 1
    var next = 0
    var levelEnd = queue.count
    while next < queue.count, length + 1 < bound {
      let code = queue[next]
      next += 1
      let node = code >> memory.bitCount
      let bits = code & (1 << memory.bitCount - 1)
      let degree = Int(graph.starts[Int(node) + 1] - graph.starts[Int(node)])
      guard goesOn(1 + degree) else { return nil }
      if let last = expand(code, node, bits, source, part) { return trace(source, code, last) }
      if next == levelEnd { (length, levelEnd) = (length + 1, queue.count) }
    }
    return nil
  }

  /// Takes the first steps; a walk that is closed by them.
  private mutating func begin(_ source: UInt32, _ part: UInt32) -> TransactionCycle? {
    between.removeAll(keepingCapacity: true)
    for edge in graph.leaving(source) where edge >> TransactionGraph.nodeBits == cycleClass.anchor.rawValue {
      let target = edge & TransactionGraph.nodeMask
      guard parts.isAnchor(source, target, part) else { continue }
      if cycleClass.anomaly != .antiDependencyCycle {
        meet(target, memory.first, from: TransactionGraph.none)
        continue
      }
      for second in graph.leaving(target) where second >> TransactionGraph.nodeBits == cycleClass.anchor.rawValue {
        let end = second & TransactionGraph.nodeMask
        if end == source {
          if cycleClass.order != .none { continue }
          return TransactionCycle(steps: [
            .init(source: source, link: .dependency(.readWrite), target: target),
            .init(source: target, link: .dependency(.readWrite), target: source),
          ])
        }
        guard parts.has(end, part), met[state(end, memory.first)] != search else { continue }
        between[UInt32(state(end, memory.first))] = target
        meet(end, memory.first, from: TransactionGraph.none)
      }
    }
    return nil
  }

  @inline(__always) private mutating func meet(_ node: UInt32, _ bits: UInt32, from code: UInt32) {
    let state = state(node, bits)
    if met[state] == search { return }
    met[state] = search
    cameFrom[state] = code
    queue.append(UInt32(state))
  }

  /// Meets everything one step away; the last link, if that step closes a cycle.
  private mutating func expand(
    _ code: UInt32, _ node: UInt32, _ bits: UInt32, _ source: UInt32, _ part: UInt32
  ) -> TransactionCycle.Link? {
    for edge in graph.leaving(node) {
      let (kind, target) = (edge >> TransactionGraph.nodeBits, edge & TransactionGraph.nodeMask)
      guard let after = memory.after(kind, bits) else { continue }
      if target == source {
        if memory.closes(after) { return TransactionGraph.Kind(rawValue: kind).map { .dependency($0) } }
      } else if parts.has(target, part) {
        meet(target, after, from: code)
      }
    }
    switch cycleClass.order {
    case .none: return nil
    case .process: return expandProcess(code, node, memory.afterOrder(bits), source, part)
    case .realtime: return expandTime(code, node, memory.afterOrder(bits), source, part)
    }
  }

  /// All that come later in the process are one step away.
  private mutating func expandProcess(
    _ code: UInt32, _ node: UInt32, _ after: UInt32, _ source: UInt32, _ part: UInt32
  ) -> TransactionCycle.Link? {
    var later = graph.nextInProcess[Int(node)]
    while later != TransactionGraph.none, passed[state(later, after)] != search {
      if later == source, memory.closes(after) { return .process }
      passed[state(later, after)] = search
      if later != source, parts.has(later, part) { meet(later, after, from: code) }
      later = graph.nextInProcess[Int(later)]
      stepsLeft -= 1
    }
    return nil
  }

  /// All that were invoked after the completion are one step away: these are the last of the nodes.
  private mutating func expandTime(
    _ code: UInt32, _ node: UInt32, _ after: UInt32, _ source: UInt32, _ part: UInt32
  ) -> TransactionCycle.Link? {
    let first = graph.firstLater(than: node)
    if source >= first, memory.closes(after) { return .realtime }
    let end = timeReached[Int(after)]
    if first >= end { return nil }
    for later in first..<end where later != source && parts.has(later, part) { meet(later, after, from: code) }
    timeReached[Int(after)] = first
    stepsLeft -= Int(end - first) / 8
    return nil
  }

  // MARK: Result

  /// The walk that ends with this state and link.
  private func trace(_ source: UInt32, _ last: UInt32, _ link: TransactionCycle.Link) -> TransactionCycle {
    var codes = [last]
    while cameFrom[Int(codes[codes.count - 1])] != TransactionGraph.none {
      codes.append(cameFrom[Int(codes[codes.count - 1])])
    }
    codes.reverse()
    let anchor = TransactionCycle.Link.dependency(cycleClass.anchor)
    let first = codes[0] >> memory.bitCount
    var steps: [TransactionCycle.Step] = []
    if let middle = between[codes[0]] {
      steps = [.init(source: source, link: anchor, target: middle), .init(source: middle, link: anchor, target: first)]
    } else {
      steps = [.init(source: source, link: anchor, target: first)]
    }
    for (from, to) in zip(codes, codes.dropFirst()) {
      steps.append(
        .init(source: from >> memory.bitCount, link: self.link(from, to), target: to >> memory.bitCount))
    }
    return TransactionCycle(steps: steps + [.init(source: last >> memory.bitCount, link: link, target: source)])
  }

  /// What leads from one state to the other: a dependency where there is one.
  private func link(_ from: UInt32, _ to: UInt32) -> TransactionCycle.Link {
    let mask: UInt32 = 1 << memory.bitCount - 1
    let target = to >> memory.bitCount
    for edge in graph.leaving(from >> memory.bitCount) where edge & TransactionGraph.nodeMask == target {
      let kind = edge >> TransactionGraph.nodeBits
      if memory.after(kind, from & mask) == to & mask, let kind = TransactionGraph.Kind(rawValue: kind) {
        return .dependency(kind)
      }
    }
    return cycleClass.order == .process ? .process : .realtime
  }
}
