import Histories

/// Of two versions the order that follows where a level is claimed, and why, in words.
struct DerivedOrder {
  var pair: VersionPair
  var reason: String
}

/// Decides whether a history has an order of events that a claim asks for.
///
/// An order is guessed and run. Where that goes wrong, the transactions on cycles of its dependencies are a region, for
/// which `RegionSearch` decides exactly: if they have no order, nor has the history; if they have, their order is taken
/// over. A region only grows, so that this ends.
///
/// First a schedule is mended (`mend`): what it breaks is mostly around one anomaly, and the rest of it stands. Where that
/// comes to nothing, orders are guessed anew.
struct OrderSolver {
  enum Outcome {
    /// This order of events, or of versions, holds.
    case holds
    /// Whatever order the versions of these nodes have, there is a cycle; with the proof, if it is small enough.
    case contradiction([UInt32], OrderProof?)
    case unknown(String)
  }

  /// A dependency that no rule gives, but that follows where the level is claimed.
  struct DerivedLink: Hashable {
    var source: UInt32
    var kind: TransactionGraph.Kind
    var target: UInt32
  }

  static let roundsMax = 40
  /// Searches in which members of a region are left out, to show fewer.
  static let reductionsMax = 256

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
  private var regions: [Region] = []
  /// By node: the place of its region in `regions`, or none.
  private var regionOf: [UInt32]
  /// By version: the next one in the last order that was guessed.
  private(set) var guessed: [UInt32] = []

  /// Transactions that have an order of their own.
  private struct Region {
    var members: [UInt32] = []
    var pairs = RegisterGraphs.Pairs()
    /// By key: the members' versions in their order.
    var versions: [UInt32: [UInt32]] = [:]
  }

  init(
    _ graphs: RegisterGraphs, _ claim: OrderClaim, forGuess: RegisterGraphs.Pairs, known: TransactionGraph,
    urgency: [UInt32], stop: @escaping () -> String?
  ) {
    (history, self.graphs, self.claim) = (graphs.history, graphs, claim)
    (self.forGuess, self.known, self.urgency, self.stop) = (forGuess, known, urgency, stop)
    regionOf = Array(repeating: RegisterHistory.none, count: graphs.history.count)
  }

  /// - Parameter schedules: orders of events to begin with, and of what claims they are.
  mutating func run(_ schedules: [(events: [UInt32], claim: OrderClaim)] = []) -> Outcome {
    for schedule in schedules where schedule.claim.isSplit == claim.isSplit && claim.isOrder {
      if verify(schedule.events) { return .holds }
    }
    if let outcome = mend(schedules.map { graphs.nextVersions($0.events, $0.claim) }) { return outcome }
    (regions, regionOf) = ([], Array(repeating: RegisterHistory.none, count: history.count))
    return guessAnew()
  }

  private mutating func guessAnew() -> Outcome {
    for _ in 0..<Self.roundsMax {
      if let reason = stop() { return .unknown(reason) }
      let graph = TransactionGraph(forGuess + regions.flatMap(\.pairs), graphs.rows)
      let order = guess(graph)
      if claim.isOrder, let order, verify(order) { return .holds }
      var found = components(claim.view(graph))
      if let order {
        guessed = graphs.nextVersions(order, claim.guide)
        let whole = graphs.whole(guessed)
        if claim.isOrder { found = components(claim.view(whole)) }
        if !claim.isOrder || found.isEmpty, satisfies(whole) { return .holds }
      }
      if let outcome = refine(found) { return outcome }
    }
    return .unknown("\(Self.roundsMax) orders were guessed, each contradicted by others")
  }

  // MARK: Mending

  /// Orders anew what is on cycles of the best of these orders of versions, and leaves the rest as it is; nil if that
  /// does not decide.
  private mutating func mend(_ orders: [[UInt32]]) -> Outcome? {
    var best: (next: [UInt32], parts: [[UInt32]])?
    for next in orders {
      if stop() != nil { return nil }
      let parts = broken(next)
      if parts.isEmpty { return .holds }
      if parts.reduce(0, { $0 + $1.count }) < best?.parts.reduce(0, { $0 + $1.count }) ?? .max { best = (next, parts) }
    }
    guard var (next, parts) = best else { return nil }
    for _ in 0..<Self.roundsMax {
      if stop() != nil { return nil }
      switch refine(parts) {
      case .unknown: return nil
      case let outcome?: return outcome
      case nil: break
      }
      let better = mended(next)
      if better == next { return nil }
      next = better
      parts = broken(next)
      if parts.isEmpty { return .holds }
    }
    return nil
  }

  /// What is on cycles of the order of versions that the claim forbids; nothing if it keeps the claim.
  private mutating func broken(_ next: [UInt32]) -> [[UInt32]] {
    guessed = next
    let whole = graphs.whole(next)
    let found = components(strictView(whole))
    if !claim.isOrder || found.isEmpty, satisfies(whole) { return [] }
    // An order of events may be missing although there is no cycle: then everything is to be guessed anew.
    return found.isEmpty ? [Array(0..<UInt32(history.count))] : found
  }

  /// A view in which everything that the claim forbids is a cycle.
  private func strictView(_ whole: TransactionGraph) -> GraphView {
    switch claim.mode {
    case .parallel, .cursor: GraphView(whole, .startsAndCommits, Set(TransactionGraph.Kind.allCases), .none)
    case .serial, .snapshot, .prefix, .update: claim.view(whole)
    }
  }

  /// The nodes of each strongly connected component, increasing, the smallest first.
  private func components(_ view: GraphView) -> [[UInt32]] {
    let count = UInt32(history.count)
    let found = Components(view).members.map { component in
      Set(component.filter { $0 < view.transactionNodes }.map { $0 < count ? $0 : $0 - count }).sorted()
    }
    return found.sorted { $0.count < $1.count }
  }

  /// The order of versions with those of each region in the region's order, at the places that they had.
  private func mended(_ next: [UInt32]) -> [UInt32] {
    var next = next
    for region in regions {
      for (key, versions) in region.versions {
        place(versions, of: key, in: &next)
      }
    }
    return next
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

  /// Puts these versions of the key, in this order, where they are in the key's order.
  private func place(_ versions: [UInt32], of key: UInt32, in next: inout [UInt32]) {
    let initial = history.keyStarts[Int(key)]
    let own = Set(versions)
    var sequence: [UInt32] = []
    var version = next[Int(initial)]
    var place = 0
    while version != RegisterHistory.none {
      if own.contains(version), place < versions.count {
        sequence.append(versions[place])
        place += 1
      } else {
        sequence.append(version)
      }
      version = next[Int(version)]
    }
    for (before, after) in zip([initial] + sequence, sequence) { next[Int(before)] = after }
    if let last = sequence.last { next[Int(last)] = RegisterHistory.none }
  }

  // MARK: Regions

  /// Makes regions of what is on cycles and orders them; an outcome if that decides, or cannot be done.
  private mutating func refine(_ components: [[UInt32]]) -> Outcome? {
    if components.isEmpty { return .unknown("an order was not found, although nothing contradicts it") }
    for component in components {
      if let reason = stop() { return .unknown(reason) }
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
      regions[region] = Region()
    }
    return members.sorted()
  }

  private mutating func order(_ members: [UInt32]) -> Outcome? {
    let region = region(members)
    guard var search = RegionSearch(region, stop: stop) else {
      return .unknown("\(members.count) transactions depend on each other: too many to compare every pair")
    }
    switch search.run() {
    case .unknown(let reason): return .unknown(reason)
    case .exhausted, .contradiction: return contradiction(reduced(members))
    case .order(let events):
      for member in members { regionOf[Int(member)] = UInt32(regions.count) }
      regions.append(ordered(members, events, region))
      return nil
    }
  }

  /// The members with the order of their versions.
  private func ordered(_ members: [UInt32], _ events: [UInt32], _ region: OrderRegion) -> Region {
    var result = Region(members: members)
    for event in events where !claim.isSplit || event >= region.members.count {
      let node = region.members[Int(event) % region.members.count]
      for version in history.writes(of: Int(node)) {
        let key = history.keys[Int(version)]
        if let before = result.versions[key]?.last {
          let pair = VersionPair(before: before, after: version)
          graphs.add(pair, &result.pairs)
          if claim.isOrder { graphs.addReaders(pair, &result.pairs) }
        }
        result.versions[key, default: []].append(version)
      }
    }
    return result
  }

  private func region(_ members: [UInt32]) -> OrderRegion {
    OrderRegion(history, known, graphs.realtime, claim, members)
  }

  private func contradiction(_ members: [UInt32]) -> Outcome {
    members.count > OrderProof.membersMax
      ? .contradiction(members, nil) : .contradiction(members, OrderProof(region(members), stop: stop))
  }

  /// Fewer nodes of which the same is true: parts of them are left out, each time smaller ones (Zeller and Hildebrandt,
  /// "Simplifying and isolating failure-inducing input", 2002).
  private func reduced(_ members: [UInt32]) -> [UInt32] {
    var left = members
    var searches = 0
    var size = max(1, members.count / 2)
    while true {
      var place = 0
      while place < left.count {
        searches += 1
        if searches > Self.reductionsMax || stop() != nil { return left }
        let fewer = Array(left[..<place] + left[min(left.count, place + size)...])
        if isContradictory(fewer) { left = fewer } else { place += size }
      }
      if size == 1 { return left }
      size = max(1, min(size, left.count) / 2)
    }
  }

  private func isContradictory(_ members: [UInt32]) -> Bool {
    guard var search = RegionSearch(region(members), stop: stop) else { return false }
    switch search.run() {
    case .exhausted, .contradiction: return true
    case .order, .unknown: return false
    }
  }
}
