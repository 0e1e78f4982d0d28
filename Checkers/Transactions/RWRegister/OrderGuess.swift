/// Tries to put the events of all transactions in one order in which every read shows the last version before it.
///
/// List scheduling: of the events whose predecessors are placed, the most urgent comes first; a write waits until
/// everybody who read the present version has been placed, and everybody who writes the key and must precede a reader of
/// it; under snapshot isolation a start waits until nobody else is about to write one of its keys. If everything waits for something, the most urgent write goes first all the same,
/// which breaks a read: then the order is no answer, but its order of versions is mostly right.
struct OrderGuess {
  private static let none = UInt32.max
  /// Events that are looked at before those who read a version, and readers of one version.
  private static let (aheadMax, readersMax) = (128, 8)
  /// Completions that are looked at before one invocation.
  private static let completionsMax = 32

  private let history: RegisterHistory
  private let graph: TransactionGraph
  private let claim: OrderClaim
  /// By transaction: the less, the more urgent.
  private let urgency: [UInt32]
  private var ready = MinHeap()
  /// By event: predecessors that have not been placed.
  private var missing: [UInt32]
  private var isPlaced: [Bool]
  /// By version: reads of it that have not been placed.
  private var unread: [UInt32]
  /// By key: the present version, and who has started and will write it.
  private var present: [UInt32]
  private var owner: [UInt32]
  /// By event: the events right before it.
  private var beforeStarts: [UInt32] = []
  private var before: [UInt32] = []
  /// By event: the last look ahead that met it.
  private var met: [UInt32]
  private var looks: UInt32 = 0
  private var ahead: [UInt32] = []
  /// By queue: the first and the last event that waits in it. Queue k is of writes to key k, those after them of starts,
  /// and then each event has one of those that must follow it.
  private var waitingFirst: [UInt32]
  private var waitingLast: [UInt32]
  /// By event: the next one in the same queue, the queue that let it try again, and whether it waits.
  private var nextWaiting: [UInt32]
  private var calledFrom: [UInt32]
  private var isWaiting: [Bool]
  private var waiting = MinHeap()
  /// Nodes up to here have been invoked before the first completion that has no event yet.
  private var released = 0
  private var completed = 0
  private var nodeOfRank: [UInt32] = []
  /// By node: the completions before its invocation.
  private var completionsBefore: [UInt32] = []

  /// Events in their order; fewer than there are if predecessors go in a circle.
  private(set) var order: [UInt32] = []
  /// Reads that do not show the last version before them.
  private(set) var brokenReads = 0

  var isComplete: Bool { order.count == missing.count }

  /// - Parameter urgency: by node.
  init(_ history: RegisterHistory, _ graph: TransactionGraph, _ claim: OrderClaim, urgency: [UInt32]) {
    (self.history, self.graph, self.claim, self.urgency) = (history, graph, claim, urgency)
    let events = claim.eventCount(graph.count)
    missing = Array(repeating: 0, count: events)
    isPlaced = Array(repeating: false, count: events)
    unread = (0..<history.versionCount).map { history.readerStarts[$0 + 1] - history.readerStarts[$0] }
    present = Array(history.keyStarts.dropLast())
    owner = Array(repeating: Self.none, count: present.count)
    waitingFirst = Array(repeating: Self.none, count: 2 * present.count + events)
    waitingLast = waitingFirst
    nextWaiting = Array(repeating: Self.none, count: events)
    calledFrom = nextWaiting
    isWaiting = isPlaced
    met = Array(repeating: 0, count: events)
    order.reserveCapacity(events)
    listPredecessors()
    countPredecessors()
    run()
  }

  // MARK: Predecessors

  private mutating func countPredecessors() {
    for event in missing.indices { missing[event] = beforeStarts[event + 1] - beforeStarts[event] }
    if claim.order == .realtime {
      orderCompletions()
      // Of each start one more: that it is released.
      for node in 0..<graph.count { missing[node] += 1 }
      release()
    } else {
      for node in 0..<UInt32(graph.count) where missing[Int(node)] == 0 { push(node) }
    }
  }

  private mutating func orderCompletions() {
    nodeOfRank = Array(repeating: Self.none, count: graph.firstAfter.count - 1)
    for (node, rank) in graph.completionRank.enumerated() where rank != TransactionGraph.none {
      nodeOfRank[Int(rank)] = UInt32(node)
    }
    completionsBefore = Array(repeating: 0, count: graph.count)
    for rank in nodeOfRank.indices {
      for node in graph.firstAfter[rank]..<graph.firstAfter[rank + 1] { completionsBefore[Int(node)] = UInt32(rank + 1) }
    }
  }

  private mutating func listPredecessors() {
    // No closure here touches this value: each call would copy what it changes.
    let (graph, claim) = (graph, claim)
    var starts = [UInt32](repeating: 0, count: missing.count + 1)
    Self.forEdges(graph, claim) { starts[Int($1) + 1] += 1 }
    for event in missing.indices { starts[event + 1] += starts[event] }
    var next = starts
    var sources = [UInt32](repeating: 0, count: Int(starts[missing.count]))
    Self.forEdges(graph, claim) {
      sources[Int(next[Int($1)])] = $0
      next[Int($1)] += 1
    }
    (beforeStarts, before) = (starts, sources)
  }

  /// All that must come one before the other, but for real time.
  @inline(__always)
  private static func forEdges(_ graph: TransactionGraph, _ claim: OrderClaim, _ body: (UInt32, UInt32) -> Void) {
    let count = UInt32(graph.count)
    for node in 0..<count {
      for edge in graph.edges[Int(graph.starts[Int(node)])..<Int(graph.starts[Int(node) + 1])] {
        let events = claim.events(node, edge >> TransactionGraph.nodeBits, edge & TransactionGraph.nodeMask, count)
        body(events.source, events.target)
      }
      if claim.isSplit { body(node, count + node) }
      if claim.order == .process, graph.nextInProcess[Int(node)] != TransactionGraph.none {
        body(claim.isSplit ? count + node : node, graph.nextInProcess[Int(node)])
      }
    }
  }

  /// Lets those start that were invoked before the first completion that has not been placed.
  private mutating func release() {
    while completed < nodeOfRank.count, isPlaced[commit(of: nodeOfRank[completed])] { completed += 1 }
    let end = Int(graph.firstAfter[completed])
    while released < end {
      satisfy(UInt32(released))
      released += 1
    }
  }

  @inline(__always) private func commit(of node: UInt32) -> Int {
    claim.mode == .serial ? Int(node) : graph.count + Int(node)
  }

  @inline(__always) private mutating func satisfy(_ event: UInt32) {
    missing[Int(event)] -= 1
    if missing[Int(event)] == 0 { push(event) }
  }

  @inline(__always) private func node(of event: UInt32) -> UInt32 {
    event < graph.count ? event : event - UInt32(graph.count)
  }

  @inline(__always) private mutating func push(_ event: UInt32) {
    ready.push(UInt64(urgency[Int(node(of: event))]) << 32 | UInt64(event))
  }

  // MARK: Scheduling

  private mutating func run() {
    while true {
      while let word = ready.pop() {
        let event = UInt32(truncatingIfNeeded: word)
        if let queue = obstacle(event) {
          wait(event, in: queue, word)
        } else {
          place(event)
        }
      }
      guard let event = mostUrgentWaiting() else { return }
      place(event)
    }
  }

  private mutating func mostUrgentWaiting() -> UInt32? {
    while let word = waiting.pop() {
      let event = UInt32(truncatingIfNeeded: word)
      if isWaiting[Int(event)] {
        isWaiting[Int(event)] = false
        return event
      }
    }
    return nil
  }

  /// The queue in which the event has to wait.
  private mutating func obstacle(_ event: UInt32) -> UInt32? {
    let node = Int(node(of: event))
    let isStart = event < graph.count && claim.mode != .serial
    if isStart {
      if claim.mode == .prefix { return nil }
      let taken = history.writes(of: node).first { owner[Int(history.keys[Int($0)])] != Self.none }
      return taken.map { history.keys[Int($0)] + UInt32(present.count) }
    }
    for version in history.writes(of: node) {
      let key = history.keys[Int(version)]
      var readers = unread[Int(present[Int(key)])]
      if readers > 0, claim.mode == .serial {
        for read in history.reads(of: node) where read == present[Int(key)] { readers -= 1 }
      }
      if readers > 0 { return key }
    }
    for version in history.writes(of: node) where unread[Int(version)] > 0 {
      if let other = precedingWriter(version, event) { return UInt32(2 * present.count) + other }
    }
    return nil
  }

  /// Somebody who writes the version's key and must precede one of those who read it: then he precedes the version.
  private mutating func precedingWriter(_ version: UInt32, _ event: UInt32) -> UInt32? {
    let key = history.keys[Int(version)]
    looks += 1
    met[Int(event)] = looks
    ahead.removeAll(keepingCapacity: true)
    for reader in history.readers(of: Int(version)).prefix(Self.readersMax) where !isPlaced[Int(reader)] {
      addAhead(of: reader)
    }
    var next = 0
    while next < ahead.count, next < Self.aheadMax {
      let other = ahead[next]
      next += 1
      if !claim.isSplit || other >= graph.count {
        let isWriter = history.writes(of: Int(node(of: other))).contains { history.keys[Int($0)] == key }
        if isWriter { return other }
      }
      addAhead(of: other)
    }
    return nil
  }

  /// Events without a place that must precede this one: by what is known, and for a write those who read what it
  /// replaces.
  private mutating func addAhead(of event: UInt32) {
    for place in Int(beforeStarts[Int(event)])..<Int(beforeStarts[Int(event) + 1]) { meet(before[place]) }
    if claim.order == .realtime, event < graph.count { addCompleted(before: event) }
    if claim.isSplit, event < graph.count { return }
    let node = node(of: event)
    for version in history.writes(of: Int(node)) {
      let replaced = present[Int(history.keys[Int(version)])]
      if unread[Int(replaced)] == 0 { continue }
      for reader in history.readers(of: Int(replaced)).prefix(Self.readersMax) where reader != node { meet(reader) }
    }
  }

  private mutating func addCompleted(before node: UInt32) {
    let end = min(Int(completionsBefore[Int(node)]), completed + Self.completionsMax)
    var rank = completed
    while rank < end {
      meet(UInt32(commit(of: nodeOfRank[rank])))
      rank += 1
    }
  }

  @inline(__always) private mutating func meet(_ event: UInt32) {
    if isPlaced[Int(event)] || met[Int(event)] == looks { return }
    met[Int(event)] = looks
    ahead.append(event)
  }

  private mutating func wait(_ event: UInt32, in queue: UInt32, _ word: UInt64) {
    isWaiting[Int(event)] = true
    nextWaiting[Int(event)] = Self.none
    if waitingFirst[Int(queue)] == Self.none {
      waitingFirst[Int(queue)] = event
    } else {
      nextWaiting[Int(waitingLast[Int(queue)])] = event
    }
    waitingLast[Int(queue)] = event
    waiting.push(word)
    // The turn that it was given goes to the next in that queue.
    let caller = calledFrom[Int(event)]
    calledFrom[Int(event)] = Self.none
    if caller != Self.none, caller != queue, caller < 2 * present.count { call(caller) }
  }

  /// Lets the first in the queue try again.
  private mutating func call(_ queue: UInt32) {
    var event = waitingFirst[Int(queue)]
    // Those that were placed all the same have left their queue.
    while event != Self.none, !isWaiting[Int(event)] { event = nextWaiting[Int(event)] }
    if event == Self.none {
      waitingFirst[Int(queue)] = Self.none
      return
    }
    waitingFirst[Int(queue)] = nextWaiting[Int(event)]
    isWaiting[Int(event)] = false
    calledFrom[Int(event)] = queue
    push(event)
  }

  private mutating func place(_ event: UInt32) {
    let node = node(of: event)
    let isStart = event < graph.count
    isPlaced[Int(event)] = true
    order.append(event)
    let followers = UInt32(2 * present.count) + event
    while waitingFirst[Int(followers)] != Self.none { call(followers) }
    if isStart { readAll(Int(node)) }
    if isStart, claim.mode == .snapshot {
      for version in history.writes(of: Int(node)) { owner[Int(history.keys[Int(version)])] = node }
    }
    if isStart, claim.mode != .serial {
      satisfyStart(node)
      return
    }
    writeAll(Int(node))
    finish(node)
  }

  private mutating func readAll(_ node: Int) {
    for version in history.reads(of: node) {
      let key = history.keys[Int(version)]
      unread[Int(version)] -= 1
      if present[Int(key)] != version {
        brokenReads += 1
      } else if unread[Int(version)] == 0 {
        call(key)
      }
    }
  }

  private mutating func writeAll(_ node: Int) {
    for version in history.writes(of: node) {
      let key = history.keys[Int(version)]
      present[Int(key)] = version
      if unread[Int(version)] == 0 { call(key) }
      if claim.mode == .snapshot {
        owner[Int(key)] = Self.none
        call(key + UInt32(present.count))
      }
    }
  }

  /// What a start precedes: its commit, and the commits of those that replace what it read.
  private mutating func satisfyStart(_ node: UInt32) {
    satisfy(UInt32(graph.count) + node)
    for edge in graph.edges[Int(graph.starts[Int(node)])..<Int(graph.starts[Int(node) + 1])]
    where edge >> TransactionGraph.nodeBits == TransactionGraph.Kind.readWrite.rawValue {
      satisfy(UInt32(graph.count) + edge & TransactionGraph.nodeMask)
    }
  }

  private mutating func finish(_ node: UInt32) {
    let count = UInt32(graph.count)
    for edge in graph.edges[Int(graph.starts[Int(node)])..<Int(graph.starts[Int(node) + 1])] {
      let kind = edge >> TransactionGraph.nodeBits
      if claim.mode != .serial, kind == TransactionGraph.Kind.readWrite.rawValue { continue }
      satisfy(claim.events(node, kind, edge & TransactionGraph.nodeMask, count).target)
    }
    if claim.order == .process, graph.nextInProcess[Int(node)] != TransactionGraph.none {
      satisfy(graph.nextInProcess[Int(node)])
    }
    if claim.order == .realtime { release() }
  }
}
