/// Finds contexts that cannot be: of an operation that had not begun when the context was told, or that had observed the
/// one whose context it is.
///
/// What somebody observed was there when he said so, and so was what that had observed (Lamport, "Time, clocks, and the
/// ordering of events in a distributed system", 1978). So each operation has a latest moment by which it had begun, the
/// earliest telling on all chains of contexts above it, and contexts have no circles. An operation that names itself has
/// not observed itself. Ids that no operation of the history has are left alone: they may be from before it.
///
/// As a rule each context was told after those of all that it names: then there is nothing to find, and one look at each
/// entry says so. What is left is searched from the few that were told earlier, in O(n log n).
struct ImpossibleContexts {
  /// The second had not begun when the first told its context, by which it had observed the second.
  private(set) var early: [(teller: Int, named: Int)] = []
  /// Positions of updates that have observed each other in a circle; empty where there is none.
  private(set) var circle: [Int] = []

  var isEmpty: Bool { early.isEmpty && circle.isEmpty }

  init(_ object: ReplicaHistory) {
    let roots = Self.ahead(object)
    guard !roots.isEmpty else { return }
    let numbers = VersionNumbers(object)
    let graph = numbers.graph(object, observesAcknowledged: false)
    findEarly(object, numbers, graph, Set(roots))
    if early.isEmpty { circle = ContextCircle(graph).members.map { numbers.updates[$0] } }
  }

  /// Positions of updates whose context was told before one of those that it names had told its own, or had begun.
  private static func ahead(_ object: ReplicaHistory) -> [Int] {
    let updates = object.updates
    guard updates.contains(where: \.hasContext) else { return [] }
    func told(_ position: Int) -> UInt32 {
      updates[position].hasContext ? updates[position].contextEvent : updates[position].invocation
    }
    let latest = (0..<object.sequences.actors).map { actor in
      object.sequences.all(UInt32(truncatingIfNeeded: actor)).reduce(into: [UInt32(0)]) { latest, position in
        latest.append(max(latest[latest.count - 1], told(Int(position))))
      }
    }
    return updates.indices.filter { position in
      let update = updates[position]
      guard update.hasContext, update.outcome != .failed else { return false }
      return object.named(update.context).contains { id in
        object.update(ofID: id).map { told($0) > update.contextEvent } ?? false
      }
        || object.vector(update.context).contains { entry in
          latest[Int(entry.actor)][object.sequences.count(entry)] > update.contextEvent
        }
    }
  }

  /// Goes down from the earliest telling: who goes through a list after somebody else told it later.
  private mutating func findEarly(
    _ object: ReplicaHistory, _ numbers: VersionNumbers, _ graph: VersionGraph, _ roots: Set<Int>
  ) {
    var tellers = [(event: UInt32, teller: UInt32)](
      repeating: (VersionGraph.never, VersionGraph.never), count: graph.versions.count)
    var scanned: [UInt32: UInt32] = [:]
    var queue = EarliestFirst()
    for version in graph.versions.indices where roots.contains(numbers.updates[version]) {
      queue.push(object.updates[numbers.updates[version]].contextEvent, version)
      tellers[version].teller = UInt32(truncatingIfNeeded: version)
    }
    while let (event, version) = queue.pop() {
      let teller = tellers[version].event <= event ? tellers[version].teller : UInt32(truncatingIfNeeded: version)
      for segment in graph.context(version) {
        let done = scanned[segment.list, default: 0]
        guard done < segment.length else { continue }
        scanned[segment.list] = segment.length
        for member in graph.members(segment, after: done) where event < tellers[Int(member)].event {
          let below = Int(member)
          tellers[below] = (event, teller)
          let update = object.updates[numbers.updates[below]]
          if update.hasContext, event < update.contextEvent { queue.push(event, below) }
        }
      }
    }
    for version in graph.versions.indices where tellers[version].event < graph.versions[version].invocation {
      early.append((numbers.updates[Int(tellers[version].teller)], numbers.updates[version]))
    }
  }
}

/// Versions, the one with the earliest event first: a binary heap.
private struct EarliestFirst {
  private var heap: [(event: UInt32, version: Int)] = []

  mutating func push(_ event: UInt32, _ version: Int) {
    heap.append((event, version))
    var place = heap.count - 1
    while place > 0, heap[(place - 1) / 2].event > heap[place].event {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> (event: UInt32, version: Int)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child].event < heap[least].event {
        least = child
      }
      if least == place { return first }
      heap.swapAt(place, least)
      place = least
    }
  }
}

/// A circle of contexts.
///
/// Nodes are the versions and the places of the lists that contexts share: a version leads to the last place of each of
/// its segments, a place to its version and to the place before it, so that there are as many edges as places. Nodes
/// that nothing leads to are taken away one after the other; what is left has a circle above it.
private struct ContextCircle {
  /// Each has observed the next, and the last one the first; empty where there is none.
  private(set) var members: [Int] = []

  private let graph: VersionGraph
  /// By place: the version there, and whether it is the first of its list.
  private let places: [(version: UInt32, isFirst: Bool)]

  init(_ graph: VersionGraph) {
    self.graph = graph
    places = graph.places
    let count = graph.versions.count + places.count
    var above = [Int](repeating: 0, count: count)
    for node in 0..<count { forEachBelow(node) { above[$0] += 1 } }
    var open = (0..<count).filter { above[$0] == 0 }
    while let node = open.popLast() {
      forEachBelow(node) { below in
        above[below] -= 1
        if above[below] == 0 { open.append(below) }
      }
    }
    guard let start = (0..<count).first(where: { above[$0] > 0 }) else { return }
    follow(start, above)
  }

  private func forEachBelow(_ node: Int, _ body: (Int) -> Void) {
    let versions = graph.versions.count
    if node < versions {
      for segment in graph.context(node) { body(versions + graph.lastPlace(segment)) }
      return
    }
    let place = places[node - versions]
    body(Int(place.version))
    if !place.isFirst { body(node - 1) }
  }

  /// Goes up among what is left until it comes by again.
  private mutating func follow(_ start: Int, _ above: [Int]) {
    var parents = [Int](repeating: -1, count: above.count)
    for node in above.indices where above[node] > 0 { forEachBelow(node) { parents[$0] = node } }
    var isPassed = [Bool](repeating: false, count: above.count)
    var node = start
    while !isPassed[node] {
      isPassed[node] = true
      node = parents[node]
    }
    let first = node
    repeat {
      if node < graph.versions.count { members.append(node) }
      node = parents[node]
    } while node != first
    members.reverse()
  }
}

extension ConvergenceJudge {
  /// Reports contexts that cannot be.
  ///
  /// - Returns: whether there are none.
  mutating func checkContexts(_ object: ReplicaHistory) -> Bool {
    let impossible = ImpossibleContexts(object)
    for (teller, named) in impossible.early { reportEarly(teller, named, object) }
    if !impossible.circle.isEmpty { reportCircle(impossible.circle, object) }
    return impossible.isEmpty
  }

  private mutating func reportEarly(_ teller: Int, _ named: Int, _ object: ReplicaHistory) {
    log.add(.impossibleContext, key: object.key) { witnesses in
      let event = Int(object.updates[teller].contextEvent)
      return (
        "by the context of \(object.name(teller, witnesses)), told at event \(event), it had observed "
          + "\(object.name(named, witnesses)), which had not begun by then",
        [teller, named].map { Int(object.updates[$0].invocation) },
        [event] + object.events(of: teller) + object.events(of: named)
      )
    }
  }

  private mutating func reportCircle(_ members: [Int], _ object: ReplicaHistory) {
    log.add(.impossibleContext, key: object.key) { witnesses in
      let shown = members.prefix(Self.namesMax)
      let names = shown.map { object.name($0, witnesses) } + [object.name(members[0], witnesses)]
      let more = members.count > shown.count ? " (\(members.count - shown.count) more of them not named here)" : ""
      return (
        "by their contexts " + names.joined(separator: " had observed ") + more,
        shown.map { Int(object.updates[$0].invocation) }, shown.flatMap { object.events(of: $0) }
      )
    }
  }

  /// Operations of a circle that a sentence names.
  private static let namesMax = 5
}
