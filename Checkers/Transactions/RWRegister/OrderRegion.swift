/// Some transactions of a history with all that is known of them, small enough to compare every pair.
///
/// What is found here holds for the whole history if it is a contradiction, since every dependency among these is one of
/// the whole; an order that is found is only a proposal for them.
struct OrderRegion {
  /// A dependency between events.
  struct Edge {
    var source: UInt32
    var target: UInt32
    /// Between members.
    var link: TransactionCycle.Step
    /// Whether it is no way for others, but only forbids one back.
    var isGuard = false
  }

  /// Two versions of one key of which it is not known which comes first.
  struct Choice {
    /// Members that wrote them.
    var first: UInt32
    var second: UInt32
    /// Members that read them.
    var readersOfFirst: [UInt32]
    var readersOfSecond: [UInt32]
    var key: UInt32
  }

  let claim: OrderClaim
  /// Nodes, increasing.
  let members: [UInt32]
  let graph: TransactionGraph
  /// Events of members, and after them completions.
  let eventCount: Int
  private(set) var edges: [Edge] = []
  private(set) var choices: [Choice] = []

  /// - Parameters:
  ///   - whole: everything that is certain, of the whole history.
  ///   - members: increasing.
  ///   - realtime: of the whole history: who saw a version may be no member.
  init(
    _ history: RegisterHistory, _ whole: TransactionGraph, _ realtime: RealtimeInference, _ claim: OrderClaim,
    _ members: [UInt32]
  ) {
    (self.claim, self.members) = (claim, members)
    graph = Self.graph(whole, members)
    eventCount = claim.eventCount(members.count) + (claim.order == .realtime ? graph.firstAfter.count - 1 : 0)
    addDependencies()
    addReadsOfNothing(history)
    addOrders()
    addChoices(history, realtime)
  }

  /// The dependencies among the members; `TransactionGraph.restricted` would look at the whole history for each region.
  private static func graph(_ whole: TransactionGraph, _ members: [UInt32]) -> TransactionGraph {
    var pairs: [(source: UInt32, edge: UInt32)] = []
    for (number, member) in members.enumerated() {
      for edge in whole.edges[Int(whole.starts[Int(member)])..<Int(whole.starts[Int(member) + 1])] {
        guard let target = place(of: edge & TransactionGraph.nodeMask, in: members) else { continue }
        pairs.append((UInt32(number), edge & ~TransactionGraph.nodeMask | target))
      }
    }
    return TransactionGraph(pairs, members.map { whole.rows[Int($0)] })
  }

  private static func place(of node: UInt32, in members: [UInt32]) -> UInt32? {
    var (low, high) = (0, members.count)
    while low < high {
      let middle = (low + high) / 2
      if members[middle] < node { low = middle + 1 } else { high = middle }
    }
    return low < members.count && members[low] == node ? UInt32(low) : nil
  }

  private mutating func add(
    _ source: UInt32, _ kind: TransactionGraph.Kind, _ target: UInt32
  ) {
    edges.append(edge(source, kind, target))
  }

  func edge(_ source: UInt32, _ kind: TransactionGraph.Kind, _ target: UInt32) -> Edge {
    let events = claim.events(source, kind.rawValue, target, UInt32(members.count))
    return Edge(
      source: events.source, target: events.target,
      link: .init(source: source, link: .dependency(kind), target: target),
      isGuard: kind == .readWrite && isGuard(source))
  }

  /// Whether an anti-dependency of this member only forbids a way back.
  private func isGuard(_ source: UInt32) -> Bool {
    switch claim.mode {
    case .parallel: true
    case .update: !graph.rows[Int(source)].isUpdate
    case .serial, .snapshot, .prefix, .cursor: false
    }
  }

  private mutating func addDependencies() {
    for member in 0..<UInt32(members.count) {
      for edge in graph.edges[Int(graph.starts[Int(member)])..<Int(graph.starts[Int(member) + 1])] {
        guard let kind = TransactionGraph.Kind(rawValue: edge >> TransactionGraph.nodeBits) else { continue }
        // Which of these belong to a cursor, the choices say.
        if claim.mode == .cursor, kind == .readWrite { continue }
        add(member, kind, edge & TransactionGraph.nodeMask)
      }
    }
  }

  /// The graph need not have all of these.
  private mutating func addReadsOfNothing(_ history: RegisterHistory) {
    var writers: [UInt32: [UInt32]] = [:]
    for (member, node) in members.enumerated() {
      for version in history.writes(of: Int(node)) {
        writers[history.keys[Int(version)], default: []].append(UInt32(member))
      }
    }
    for (member, node) in members.enumerated() {
      for version in history.reads(of: Int(node)) where history.isInitial(version) && counts(version, node, history) {
        for writer in writers[history.keys[Int(version)]] ?? [] where writer != member {
          add(UInt32(member), .readWrite, writer)
        }
      }
    }
  }

  /// Whether the claim speaks of anti-dependencies of this read.
  private func counts(_ version: UInt32, _ node: UInt32, _ history: RegisterHistory) -> Bool {
    claim.mode != .cursor || history.version(of: history.keys[Int(version)], by: Int(node)) != RegisterHistory.none
  }

  private mutating func addOrders() {
    let count = UInt32(members.count)
    func commit(_ member: UInt32) -> UInt32 { claim.isSplit ? count + member : member }
    let chain = UInt32(claim.eventCount(members.count))
    for member in 0..<count {
      if claim.isSplit {
        edges.append(
          Edge(source: member, target: count + member, link: .init(source: member, link: .process, target: member)))
      }
      let next = graph.nextInProcess[Int(member)]
      if claim.order == .process, next != TransactionGraph.none {
        edges.append(
          Edge(source: commit(member), target: next, link: .init(source: member, link: .process, target: next)))
      }
      let rank = graph.completionRank[Int(member)]
      if claim.order == .realtime, rank != TransactionGraph.none {
        addTime(commit(member), chain + rank, member, member)
      }
    }
    if claim.order != .realtime { return }
    for rank in 0..<graph.firstAfter.count - 1 {
      let event = chain + UInt32(rank)
      if rank + 2 < graph.firstAfter.count { addTime(event, event + 1, 0, 0) }
      for member in graph.firstAfter[rank]..<graph.firstAfter[rank + 1] { addTime(event, member, member, member) }
    }
  }

  private mutating func addTime(_ source: UInt32, _ target: UInt32, _ from: UInt32, _ to: UInt32) {
    edges.append(Edge(source: source, target: target, link: .init(source: from, link: .realtime, target: to)))
  }

  private mutating func addChoices(_ history: RegisterHistory, _ realtime: RealtimeInference) {
    var versions: [UInt32: [UInt32]] = [:]
    var readers: [UInt32: [UInt32]] = [:]
    var memberOf: [UInt32: UInt32] = [:]
    for (member, node) in members.enumerated() {
      memberOf[node] = UInt32(member)
      for version in history.writes(of: Int(node)) { versions[history.keys[Int(version)], default: []].append(version) }
      for version in history.reads(of: Int(node))
      where readers[version]?.last != UInt32(member) && counts(version, node, history) {
        readers[version, default: []].append(UInt32(member))
      }
    }
    for key in versions.keys.sorted() {
      let ofKey = versions[key] ?? []
      for (place, first) in ofKey.enumerated() {
        for second in ofKey.dropFirst(place + 1) {
          addChoice(
            Choice(
              first: memberOf[history.writers[Int(first)]] ?? 0, second: memberOf[history.writers[Int(second)]] ?? 0,
              readersOfFirst: readers[first] ?? [], readersOfSecond: readers[second] ?? [], key: key),
            claim.order == .realtime && realtime.precedes(first, second),
            claim.order == .realtime && realtime.precedes(second, first))
        }
      }
    }
  }

  /// - Parameters:
  ///   - isFirst: real time says that the first version comes first.
  ///   - isSecond: it says the opposite, or that too.
  private mutating func addChoice(_ choice: Choice, _ isFirst: Bool, _ isSecond: Bool) {
    if isFirst { edges += edges(of: choice, true) }
    if isSecond { edges += edges(of: choice, false) }
    if !isFirst, !isSecond { choices.append(choice) }
  }

  /// The edges of one order of two versions: the write dependency, and an anti-dependency of each reader of the earlier.
  func edges(of choice: Choice, _ isFirst: Bool) -> [Edge] {
    let (before, later) = isFirst ? (choice.first, choice.second) : (choice.second, choice.first)
    let readers = isFirst ? choice.readersOfFirst : choice.readersOfSecond
    var edges = [edge(before, .writeWrite, later)]
    for reader in readers where reader != later { edges.append(edge(reader, .readWrite, later)) }
    return edges
  }
}
