/// Decides conditions on the dependencies of a history, each with a short cycle that breaks it.
struct CycleAnalysis {
  enum Outcome {
    case holds
    case broken(TransactionCycle)
    case unknown(String)
  }

  /// Nodes that one attempt to close a cycle by hand may look at, before all attempts are made at once.
  static let attemptNodesMax = 4_000
  static let attemptsMax = 2_000
  /// The part of the time left that the search for classes of cycles may take.
  static let classesShare = 0.25
  private static let lost = "a cycle is there, but was not found within the limit"

  /// A cycle that is shown for its class.
  struct NamedCycle {
    var cycle: TransactionCycle
    /// Cycles of the class are at least so many.
    var count: Int
    var broken: Set<LevelCondition>
  }

  /// What can be on a cycle, as a graph of its own.
  let graph: TransactionGraph
  /// By node of `graph`: the node of the whole graph.
  let members: [UInt32]
  /// By node of the whole graph: the number of its component, from 1; 0 where it is on no cycle.
  private let components: [UInt32]
  /// Of the nodes of `graph`.
  private let versions: VersionAnalysis
  private let budget: SearchBudget

  /// Leaves everything out that is on no cycle, with real time and the order of processes among the edges.
  ///
  /// - Parameter budget: for what is not linear in the graph.
  init(_ whole: TransactionGraph, budget: SearchBudget = SearchBudget(), _ orders: () -> VersionOrders) {
    self.budget = budget
    let strict = GraphView(whole, .plain, Set(TransactionGraph.Kind.allCases), .realtime)
    var components = [UInt32](repeating: 0, count: whole.count)
    for (number, component) in Components(strict).members.enumerated() {
      for node in component where Int(node) < whole.count { components[Int(node)] = UInt32(number + 1) }
    }
    let inside = (0..<UInt32(whole.count)).filter { components[Int($0)] != 0 }
    (members, self.components) = (inside, components)
    graph = whole.restricted(to: inside)
    var numbers = [UInt32](repeating: TransactionGraph.none, count: whole.count)
    for (number, member) in inside.enumerated() { numbers[Int(member)] = UInt32(number) }
    let known = inside.isEmpty ? VersionOrders(keys: [], reads: []) : orders().restricted(by: numbers)
    versions = VersionAnalysis(graph: graph, versions: known, budget: budget)
  }

  /// Whether two of these nodes of the whole graph are on a cycle together. Of others any order can be taken that the
  /// order of their components allows: it makes no cycle.
  func isConnected(_ nodes: [UInt32]) -> Bool {
    var known: Set<UInt32> = []
    return nodes.contains { components[Int($0)] != 0 && !known.insert(components[Int($0)]).inserted }
  }

  func decide(_ condition: LevelCondition) -> Outcome {
    if members.isEmpty { return .holds }
    let all = Set(TransactionGraph.Kind.allCases)
    switch condition {
    case .writes: return cycle(GraphView(versions.certainWrites, .plain, [.writeWrite], .none), condition)
    case .information: return cycle(GraphView(graph, .plain, [.writeWrite, .writeRead], .none), condition)
    case .single: return single([.writeWrite, .writeRead], .none)
    case .snapshot(let order): return cycle(GraphView(graph, .startsAndCommits, all, order), condition)
    case .prefix: return cycle(GraphView(graph, .afterReadDependency, all, .none), condition)
    case .update: return update()
    case .serial(let order): return cycle(GraphView(graph, .plain, all, order), condition)
    case .causalOrder: return cycle(GraphView(graph, .plain, [.writeWrite, .writeRead], .process), condition)
    case .cursor: return cycle(GraphView(versions.cursorOrder, .plain, all, .none), condition)
    case .writeOrder: return cycle(GraphView(graph, .plain, [.writeWrite], .process), condition)
    case .writesAfterReads:
      return cycle(GraphView(graph, .processAfterRead, [.writeWrite, .writeRead], .process), condition)
    case .causalRead: return named(versions.causalRead(), .missingCausalWrite)
    case .session(let guarantee): return named(versions.sessions.decide(guarantee), guarantee.anomaly)
    }
  }

  /// The cycle of a read that misses a version, called by what it should have shown it for.
  private func named(_ outcome: Outcome, _ missed: TransactionAnomaly) -> Outcome {
    guard case .broken(var cycle) = outcome else { return outcome }
    let isOwn = cycle.steps.count == 2 && cycle.steps[1].link == .process
    cycle.missed = isOwn ? .missingYourWrites : missed
    return .broken(inWhole(cycle))
  }

  /// One cycle of each class, with the numbers of the whole graph, and with those conditions that it breaks.
  ///
  /// Takes a part of the time that is left: verdicts come before names.
  func classes() -> (found: [NamedCycle], notices: [String]) {
    let classes = CycleClasses(graph, budget.share(Self.classesShare))
    let found = classes.found.map { named in
      NamedCycle(
        cycle: inWhole(named.cycle), count: named.count,
        broken: Set(LevelCondition.allCases.filter { $0.isBroken(by: named.cycle, in: graph) }))
    }
    return (found, classes.notices)
  }

  private func cycle(_ view: GraphView, _ condition: LevelCondition) -> Outcome {
    let components = Components(view).members
    if components.isEmpty { return .holds }
    var search = CycleSearch(view, budget)
    var best: TransactionCycle?
    for component in components.sorted(by: { $0.count < $1.count }) {
      if let walk = search.shortest(in: component) {
        let found = walk.piece { condition.isBroken(by: $0, in: view.graph) } ?? walk
        if found.steps.count < best?.steps.count ?? .max { best = found }
      }
      if best?.steps.count == 2 || (best != nil && budget.isSpent) { break }
    }
    return best.map { .broken(inWhole($0)) } ?? .unknown(Self.lost)
  }

  /// The cycle with the numbers of the whole graph.
  private func inWhole(_ cycle: TransactionCycle, _ numbers: [UInt32]? = nil) -> TransactionCycle {
    let numbers = numbers ?? members
    return TransactionCycle(
      steps: cycle.steps.map {
        TransactionCycle.Step(source: numbers[Int($0.source)], link: $0.link, target: numbers[Int($0.target)])
      }, missed: cycle.missed)
  }

  // MARK: One anti-dependency

  /// Cycles of one anti-dependency and of the other kinds.
  private func single(_ kinds: Set<TransactionGraph.Kind>, _ order: CycleOrder) -> Outcome {
    let view = GraphView(graph, .plain, kinds, order)
    let candidates = graph.pairs(of: .readWrite)
    var search = CycleSearch(view, budget)
    search.enter(0..<UInt32(view.count))
    var best: TransactionCycle?
    for pair in candidates.prefix(Self.attemptsMax) {
      guard let found = search.closing((pair.source, .readWrite, pair.target), nodesMax: Self.attemptNodesMax) else {
        continue
      }
      if found.steps.count < best?.steps.count ?? .max { best = found }
      if found.steps.count == 2 { break }
    }
    if let best { return .broken(inWhole(best)) }
    return singleExactly(view, candidates, &search)
  }

  private func singleExactly(
    _ view: GraphView, _ candidates: [(source: UInt32, target: UInt32)], _ search: inout CycleSearch
  ) -> Outcome {
    guard let reachability = BatchReachability(view, budget) else {
      return .unknown("dependencies without any anti-dependency have a cycle already")
    }
    var goals: [UInt32: [UInt32]] = [:]
    for pair in candidates { goals[pair.target, default: []].append(pair.source) }
    let targets = goals.keys.sorted()
    switch reachability.answer(targets.map { .init(seeds: [$0], goals: goals[$0] ?? []) }) {
    case .none: return .holds
    case .exhausted: return .unknown("\(targets.count) anti-dependencies were to be followed: \(budget.reason)")
    case .reached(let question):
      let cycles = (goals[targets[question]] ?? []).lazy.compactMap { [search] source in
        var search = search
        return search.closing((source, .readWrite, targets[question]), nodesMax: CycleSearch.nodesMax)
      }
      return cycles.first.map { .broken(inWhole($0)) }
        ?? .unknown(Self.lost)
    }
  }

  // MARK: Update transactions

  /// Cycles of transactions that write, and of these with one that only reads (Adya 1999, PL-3U).
  private func update() -> Outcome {
    let updates = (0..<UInt32(graph.count)).filter { graph.rows[Int($0)].isUpdate }
    let among = graph.restricted(to: updates)
    let view = GraphView(among, .plain, Set(TransactionGraph.Kind.allCases), .none)
    let numbers = updates.map { members[Int($0)] }
    guard let reachability = BatchReachability(view, budget) else {
      var search = CycleSearch(view, budget)
      let found = Components(view).members.lazy.compactMap { search.shortest(in: $0) }.first
      return found.map { .broken(inWhole($0, numbers)) }
        ?? .unknown(Self.lost)
    }
    return readers(reachability, view, updates)
  }

  /// - Parameter updates: by node of the view's graph, the node of `graph`; increasing.
  private func readers(_ reachability: BatchReachability, _ view: GraphView, _ updates: [UInt32]) -> Outcome {
    var numbers = [UInt32](repeating: TransactionGraph.none, count: graph.count)
    for (number, node) in updates.enumerated() { numbers[Int(node)] = UInt32(number) }
    var questions: [UInt32: BatchReachability.Question] = [:]
    for pair in graph.pairs(of: .readWrite) where numbers[Int(pair.source)] == TransactionGraph.none {
      questions[pair.source, default: .init(seeds: [], goals: [])].seeds.append(numbers[Int(pair.target)])
    }
    for pair in graph.pairs(of: .writeRead) where numbers[Int(pair.target)] == TransactionGraph.none {
      questions[pair.target]?.goals.append(numbers[Int(pair.source)])
    }
    let readers = questions.keys.sorted()
    switch reachability.answer(readers.map { questions[$0] ?? .init(seeds: [], goals: []) }) {
    case .none: return .holds
    case .exhausted: return .unknown("\(readers.count) transactions that only read were left: \(budget.reason)")
    case .reached(let question):
      return through(readers[question], questions[readers[question]] ?? .init(seeds: [], goals: []), view, updates)
    }
  }

  /// The cycle that goes through one transaction that only reads.
  private func through(
    _ reader: UInt32, _ question: BatchReachability.Question, _ view: GraphView, _ updates: [UInt32]
  ) -> Outcome {
    var search = CycleSearch(view, budget)
    search.enter(0..<UInt32(view.count))
    for seed in question.seeds {
      for goal in question.goals {
        guard let steps = search.way(from: seed, to: goal) else { continue }
        let inGraph = steps.map {
          TransactionCycle.Step(source: updates[Int($0.source)], link: $0.link, target: updates[Int($0.target)])
        }
        let ends = [
          TransactionCycle.Step(source: reader, link: .dependency(.readWrite), target: updates[Int(seed)])
        ]
        let back = TransactionCycle.Step(
          source: updates[Int(goal)], link: .dependency(.writeRead), target: reader)
        return .broken(inWhole(TransactionCycle(steps: ends + inGraph + [back])))
      }
    }
    return .unknown(Self.lost)
  }
}
