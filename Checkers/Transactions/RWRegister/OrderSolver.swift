import Histories

/// Decides whether a history has an order of events that a claim asks for.
///
/// An order is guessed and run. Where that goes wrong, the transactions on cycles of its dependencies are a region, for
/// which `RegionSearch` decides exactly: if they have no order, nor has the history; if they have, their order is taken
/// over and the next guess made. A region only grows, so that this ends.
struct OrderSolver {
  enum Outcome {
    /// This order of events, or of versions, holds.
    case holds
    /// Certain dependencies go in a circle.
    case cycle(TransactionCycle, Set<DerivedLink>)
    /// Whatever order the versions of these nodes have, there is a cycle.
    case contradiction([UInt32])
    case unknown(String)
  }

  /// A dependency that follows since the opposite order of two versions is impossible.
  struct DerivedLink: Hashable {
    var source: UInt32
    var kind: TransactionGraph.Kind
    var target: UInt32
  }

  static let roundsMax = 40
  /// Members of a region that are left out one by one, to show fewer.
  static let reducedMembersMax = 64

  let history: RegisterHistory
  let graphs: RegisterGraphs
  let claim: OrderClaim
  /// What is certain: pairs that suffice to guess, and all.
  let forGuess: RegisterGraphs.Pairs
  let known: TransactionGraph
  let stop: () -> String?
  /// By node.
  var urgency: [UInt32]
  /// Nodes of each region, increasing, with the pairs of their order.
  private var regions: [(members: [UInt32], pairs: RegisterGraphs.Pairs)] = []
  /// By node: the place of its region in `regions`, or none.
  private var regionOf: [UInt32]
  /// By version: the next one in the last order that was guessed.
  private(set) var guessed: [UInt32] = []

  init(
    _ graphs: RegisterGraphs, _ claim: OrderClaim, forGuess: RegisterGraphs.Pairs, known: TransactionGraph,
    urgency: [UInt32], stop: @escaping () -> String?
  ) {
    (history, self.graphs, self.claim) = (graphs.history, graphs, claim)
    (self.forGuess, self.known, self.urgency, self.stop) = (forGuess, known, urgency, stop)
    regionOf = Array(repeating: RegisterHistory.none, count: graphs.history.count)
  }

  /// - Parameter first: an order of the events of the claim's guide to begin with, if there is one already.
  mutating func run(_ first: [UInt32]? = nil) -> Outcome {
    var first = first
    for _ in 0..<Self.roundsMax {
      if let reason = stop() { return .unknown(reason) }
      let graph = TransactionGraph(forGuess + regions.flatMap(\.pairs), graphs.rows)
      let order = first ?? guess(graph)
      first = nil
      if claim.isOrder, let order, verify(order) { return .holds }
      var view = claim.view(graph)
      var components: [[UInt32]]?
      if let order {
        guessed = graphs.nextVersions(order, claim.guide)
        let whole = graphs.whole(guessed)
        view = claim.view(whole)
        if claim.isOrder { components = Components(view).members }
        if components?.isEmpty ?? true, satisfies(whole) { return .holds }
      }
      if let outcome = refine(components ?? Components(view).members) { return outcome }
    }
    return .unknown("\(Self.roundsMax) orders were guessed, each contradicted by others")
  }

  /// An order of events that keeps the graph, if that has no cycle.
  private func guess(_ graph: TransactionGraph) -> [UInt32]? {
    let guess = OrderGuess(history, graph, claim.guide, urgency: urgency)
    return guess.isComplete ? guess.order : nil
  }

  private func verify(_ order: [UInt32]) -> Bool {
    OrderVerifier.holds(order, history, claim, nextInProcess: known.nextInProcess)
  }

  /// Whether the order of versions that was guessed last keeps the claim.
  ///
  /// - Parameter whole: its dependencies.
  private func satisfies(_ whole: TransactionGraph) -> Bool {
    if claim.isOrder {
      let order = OrderGuess(history, whole, claim, urgency: urgency)
      return order.isComplete && verify(order.order)
    }
    let analysis = CycleAnalysis(whole) { VersionOrders(keys: [], reads: []) }
    guard case .holds = analysis.decide(.information) else { return false }
    if claim.mode == .cursor { return keepsCursors }
    guard case .holds = analysis.decide(claim.mode == .update ? .update : .single) else { return false }
    return true
  }

  /// Whether everybody who read a version and replaced it wrote the next.
  private var keepsCursors: Bool {
    (0..<history.count).allSatisfy { node in
      history.reads(of: node).allSatisfy { read in
        let own = history.version(of: history.keys[Int(read)], by: node)
        return own == RegisterHistory.none || guessed[Int(read)] == own
      }
    }
  }

  // MARK: Regions

  /// Makes regions of what is on cycles and orders them; an outcome if that decides, or cannot be done.
  private mutating func refine(_ components: [[UInt32]]) -> Outcome? {
    let count = UInt32(history.count)
    var fresh: [[UInt32]] = components.map { component in
      Set(component.filter { $0 < claim.eventCount(Int(count)) }.map { $0 < count ? $0 : $0 - count }).sorted()
    }
    fresh.sort { $0.count < $1.count }
    if fresh.isEmpty { return .unknown("an order was not found, although nothing contradicts it") }
    for component in fresh {
      if let outcome = order(merged(withSources(component))) { return outcome }
    }
    return nil
  }

  /// With those who wrote what members read of keys that other members write: that is what can be ordered anew.
  private func withSources(_ component: [UInt32]) -> [UInt32] {
    var members = Set(component)
    var keys: Set<UInt32> = []
    for node in component {
      for version in history.writes(of: Int(node)) { keys.insert(history.keys[Int(version)]) }
    }
    for node in component {
      for version in history.reads(of: Int(node))
      where keys.contains(history.keys[Int(version)]) && !history.isInitial(version) {
        members.insert(history.writers[Int(version)])
      }
    }
    return members.sorted()
  }

  /// With the regions that have members of it, which are no more.
  private mutating func merged(_ component: [UInt32]) -> [UInt32] {
    var members = Set(component)
    for node in component where regionOf[Int(node)] != RegisterHistory.none {
      let region = Int(regionOf[Int(node)])
      for member in regions[region].members { regionOf[Int(member)] = RegisterHistory.none }
      members.formUnion(regions[region].members)
      regions[region] = ([], [])
    }
    return members.sorted()
  }

  private mutating func order(_ members: [UInt32]) -> Outcome? {
    let region = OrderRegion(history, known, graphs.realtime, claim, members)
    guard var search = RegionSearch(region, stop: stop) else {
      return .unknown("\(members.count) transactions depend on each other: too many to compare every pair")
    }
    switch search.run() {
    case .unknown(let reason): return .unknown(reason)
    case .exhausted: return .contradiction(reduced(members))
    case .contradiction(let edges, let closing):
      return RegionCycle(region, edges, closing).cycle.map { cycle in
        let (steps, derived) = inHistory(cycle, region)
        return .cycle(steps, derived)
      } ?? .contradiction(members)
    case .order(let events):
      for member in members { regionOf[Int(member)] = UInt32(regions.count) }
      regions.append((members, pairs(events, region)))
      return nil
    }
  }

  /// The order of the members' versions.
  private func pairs(_ events: [UInt32], _ region: OrderRegion) -> RegisterGraphs.Pairs {
    var pairs = RegisterGraphs.Pairs()
    var last: [UInt32: UInt32] = [:]
    for event in events where !claim.isSplit || event >= region.members.count {
      let node = region.members[Int(event) % region.members.count]
      for version in history.writes(of: Int(node)) {
        if let before = last.updateValue(version, forKey: history.keys[Int(version)]) {
          let pair = VersionPair(before: before, after: version)
          graphs.add(pair, &pairs)
          if claim.isOrder { graphs.addReaders(pair, &pairs) }
        }
      }
    }
    return pairs
  }

  private func inHistory(
    _ cycle: TransactionCycle, _ region: OrderRegion
  ) -> (TransactionCycle, Set<DerivedLink>) {
    var derived: Set<DerivedLink> = []
    let steps = cycle.steps.map { step -> TransactionCycle.Step in
      let (source, target) = (region.members[Int(step.source)], region.members[Int(step.target)])
      if case .dependency(let kind) = step.link, !isKnown(step, kind, region, source) {
        derived.insert(DerivedLink(source: source, kind: kind, target: target))
      }
      return .init(source: source, link: step.link, target: target)
    }
    return (TransactionCycle(steps: steps), derived)
  }

  private func isKnown(
    _ step: TransactionCycle.Step, _ kind: TransactionGraph.Kind, _ region: OrderRegion, _ source: UInt32
  ) -> Bool {
    let graph = region.graph
    let code = TransactionGraph.code(kind, step.target)
    if graph.edges[Int(graph.starts[Int(step.source)])..<Int(graph.starts[Int(step.source) + 1])].contains(code) {
      return true
    }
    // A read of nothing, where the graph was not given all of them.
    guard kind == .readWrite else { return false }
    let written = history.writes(of: Int(region.members[Int(step.target)])).map { history.keys[Int($0)] }
    return history.reads(of: Int(source)).contains {
      history.isInitial($0) && written.contains(history.keys[Int($0)])
    }
  }

  /// Fewer nodes of which the same is true.
  private func reduced(_ members: [UInt32]) -> [UInt32] {
    if members.count > Self.reducedMembersMax { return members }
    var left = members
    for node in members where stop() == nil {
      let fewer = left.filter { $0 != node }
      guard var search = RegionSearch(OrderRegion(history, known, graphs.realtime, claim, fewer), stop: stop) else {
        continue
      }
      switch search.run() {
      case .exhausted, .contradiction: left = fewer
      case .order, .unknown: break
      }
    }
    return left
  }
}
