/// A contradiction among a few transactions as statements that a reader can check one after the other.
///
/// A *lemma* says which of two versions comes first, with the cycle that the opposite order would close together with the
/// history and the lemmas before. A proof is lemmas that end in a cycle, or that leave two versions of which either order
/// leads to a contradiction: then it is two cases, each a proof.
struct OrderProof {
  /// Transactions that a proof is looked for among.
  static let membersMax = 64
  /// Orders of two versions that are open, among them.
  private static let choicesMax = 512
  /// Cases within cases.
  private static let depthMax = 5
  /// Orders that are tried as the one to tell cases by.
  private static let splitsMax = 48
  /// Orders of two versions that are looked at in all.
  private static let looksMax = 20_000

  /// A dependency with the choice that it rests on.
  struct Edge {
    var edge: OrderRegion.Edge
    /// Place in `OrderRegion.choices`, or none for what the history says.
    var choice: Int?
  }

  struct Lemma {
    var choice: Int
    var isFirst: Bool
    /// What the opposite order would close.
    var cycle: [Edge]
  }

  indirect enum End {
    case cycle([Edge])
    /// Either the choice as it stands, or the other way round.
    case cases(choice: Int, first: Case, second: Case)
  }

  struct Case {
    var lemmas: [Lemma]
    var end: End

    /// One of these is there whatever order the versions have: that of the first lemma that is not kept, or a last one.
    var circles: [[Edge]] {
      switch end {
      case .cycle(let edges): lemmas.map(\.cycle) + [edges]
      case .cases(_, let first, let second): lemmas.map(\.cycle) + first.circles + second.circles
      }
    }

    var statements: Int {
      switch end {
      case .cycle: lemmas.count + 1
      case .cases(_, let first, let second): lemmas.count + first.statements + second.statements
      }
    }
  }

  let region: OrderRegion
  let whole: Case

  /// Nil if none is found within the limits.
  init?(_ region: OrderRegion, stop: @escaping () -> String?) {
    if region.members.count > Self.membersMax || region.choices.count > Self.choicesMax { return nil }
    var left = Self.looksMax
    let prover = Prover(region: region) {
      left -= 1
      return left < 0 || stop() != nil
    }
    guard let found = prover.prove(State(region), depth: 0) else { return nil }
    (self.region, whole) = (region, found)
  }

  // MARK: Ways

  /// What is ordered so far.
  private struct State {
    let region: OrderRegion
    private(set) var edges: [Edge]
    private(set) var leaving: [[Int]]
    private(set) var guards: [Edge] = []
    var decided: [Bool]

    init(_ region: OrderRegion) {
      self.region = region
      edges = []
      leaving = Array(repeating: [], count: region.eventCount)
      decided = Array(repeating: false, count: region.choices.count)
      for edge in region.edges { add(Edge(edge: edge)) }
    }

    mutating func add(_ edge: Edge) {
      if edge.edge.isGuard { return guards.append(edge) }
      leaving[Int(edge.edge.source)].append(edges.count)
      edges.append(edge)
    }

    /// The edges that an order of two versions brings.
    func edges(_ choice: Int, _ isFirst: Bool) -> [Edge] {
      region.edges(of: region.choices[choice], isFirst).map { Edge(edge: $0, choice: choice) }
    }

    func adding(_ choice: Int, _ isFirst: Bool) -> State {
      var state = self
      state.decided[choice] = true
      for edge in edges(choice, isFirst) { state.add(edge) }
      return state
    }

    /// A shortest cycle through one of these edges, which are part of it, or through any guard.
    func cycle(through closing: [Edge]) -> [Edge]? {
      var best: [Edge]?
      for edge in closing + guards {
        guard let way = way(from: edge.edge.target, to: edge.edge.source) else { continue }
        if way.count + 1 < best?.count ?? .max { best = [edge] + way }
      }
      return best
    }

    /// Breadth first; nothing where both ends are one.
    private func way(from source: UInt32, to target: UInt32) -> [Edge]? {
      if source == target { return [] }
      var cameBy = [Int](repeating: -1, count: region.eventCount)
      var queue = [source]
      var next = 0
      while next < queue.count {
        for number in leaving[Int(queue[next])] {
          let reached = edges[number].edge.target
          if reached == source || cameBy[Int(reached)] >= 0 { continue }
          cameBy[Int(reached)] = number
          if reached == target { return trace(cameBy, from: source, to: target) }
          queue.append(reached)
        }
        next += 1
      }
      return nil
    }

    private func trace(_ cameBy: [Int], from source: UInt32, to target: UInt32) -> [Edge] {
      var path: [Edge] = []
      var event = target
      while event != source {
        let edge = edges[cameBy[Int(event)]]
        path.append(edge)
        event = edge.edge.source
      }
      return path.reversed()
    }
  }

  // MARK: Proving

  private struct Prover {
    let region: OrderRegion
    let isOver: () -> Bool

    func prove(_ start: State, depth: Int) -> Case? {
      var state = start
      var lemmas: [Lemma] = []
      while true {
        if isOver() { return nil }
        if let cycle = state.cycle(through: lemmas.isEmpty ? state.edges : []) { return pruned(lemmas, .cycle(cycle)) }
        switch step(state) {
        case .closed(let choice, let first, let second):
          // One of the two follows from the other being impossible, and closes a cycle itself.
          return pruned(lemmas + [Lemma(choice: choice, isFirst: false, cycle: first)], .cycle(second))
        case .lemma(let lemma):
          lemmas.append(lemma)
          state = state.adding(lemma.choice, lemma.isFirst)
        case .stuck:
          return depth < OrderProof.depthMax ? cases(state, depth).map { pruned(lemmas, $0) } : nil
        }
      }
    }

    private enum Step {
      case lemma(Lemma)
      case closed(choice: Int, first: [Edge], second: [Edge])
      case stuck
    }

    /// The choice that the shortest cycle decides.
    private func step(_ state: State) -> Step {
      var best: Lemma?
      for choice in region.choices.indices where !state.decided[choice] {
        if isOver() { return .stuck }
        let first = state.adding(choice, true).cycle(through: state.edges(choice, true))
        let second = state.adding(choice, false).cycle(through: state.edges(choice, false))
        if let first, let second { return .closed(choice: choice, first: first, second: second) }
        guard let cycle = first ?? second else { continue }
        if cycle.count < best?.cycle.count ?? .max { best = Lemma(choice: choice, isFirst: first == nil, cycle: cycle) }
      }
      return best.map { .lemma($0) } ?? .stuck
    }

    /// The choice whose two cases need the fewest statements.
    private func cases(_ state: State, _ depth: Int) -> End? {
      var best: (end: End, size: Int)?
      let open = region.choices.indices.filter { !state.decided[$0] }.prefix(OrderProof.splitsMax)
      for deeper in [OrderProof.depthMax, depth + 1] where best == nil {
        for choice in open {
          guard let first = prove(state.adding(choice, true), depth: deeper),
            let second = prove(state.adding(choice, false), depth: deeper)
          else { continue }
          let size = first.statements + second.statements
          if size < best?.size ?? .max { best = (.cases(choice: choice, first: first, second: second), size) }
          if best != nil, deeper != OrderProof.depthMax { break }
        }
      }
      return best?.end
    }

    /// Without lemmas that nothing rests on.
    private func pruned(_ lemmas: [Lemma], _ end: End) -> Case {
      var needed = Self.choices(end)
      var kept: [Lemma] = []
      for lemma in lemmas.reversed() where needed.contains(lemma.choice) {
        kept.append(lemma)
        needed.formUnion(lemma.cycle.compactMap(\.choice).filter { $0 != lemma.choice })
      }
      return Case(lemmas: kept.reversed(), end: end)
    }

    private static func choices(_ end: End) -> Set<Int> {
      switch end {
      case .cycle(let edges): return Set(edges.compactMap(\.choice))
      case .cases(_, let first, let second):
        return choices(first).union(choices(second))
      }
    }

    private static func choices(_ part: Case) -> Set<Int> {
      part.lemmas.reduce(choices(part.end)) { $0.union($1.cycle.compactMap(\.choice)) }
    }
  }
}
