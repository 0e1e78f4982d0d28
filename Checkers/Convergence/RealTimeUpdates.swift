import Histories

/// What `converges-in-real-time` claims besides: an acknowledged update has observed every update that was acknowledged
/// before it began, and has a later timestamp, as far as the data type uses contexts and timestamps.
///
/// What an update did not report is taken to be so (`Options.observesAcknowledged`); what it did report is held against
/// it here.
/// - **LWW-register**: its timestamp is greater than those of the writes before it.
/// - **MV-register**: the writes before it are in its context, or in the contexts of those in it, and so on.
/// - **OR-set**: the additions of an element before a removal of it are in the context of that removal, or in that of
///   another removal that began before it ended: what was taken away already need not be named again.
///
/// Where an update in between did not say what it had observed, or some context names operations that nobody knows, it
/// may have been one of these: then it is not known whether the claim holds.
extension ConvergenceJudge {
  mutating func checkRealTime(_ object: ReplicaHistory) {
    switch object.type {
    case .gCounter, .pnCounter, .gSet, .twoPhaseSet: break
    case .lwwRegister: checkTimestamps(object)
    case .orSet: note(MissedAdditions(object).found, object)
    case .mvRegister: note(MissedWrites(object).found, object)
    }
  }

  private mutating func note(_ found: MissedUpdates, _ object: ReplicaHistory) {
    for (missed, by) in found.certain {
      reportMissed(missed, by, object) { "did not observe \($0), which was acknowledged before it began" }
    }
    guard found.perhaps > 0 else { return }
    tally.add(
      unknown: "whether \(found.perhaps) updates were observed by later ones is not known: some do not say what they "
        + "observed", key: object.key)
  }

  /// For each write, whether one that was acknowledged before it has a timestamp that is as great.
  private mutating func checkTimestamps(_ object: ReplicaHistory) {
    let values = object.history.values
    let all = object.updates.indices.filter { object.updates[$0].isApplied && !object.updates[$0].timestamp.isNull }
    let ended = all.sorted { object.updates[$0].completion < object.updates[$1].completion }
    var (next, greatest): (Int, Int?) = (0, nil)
    for position in all {
      let update = object.updates[position]
      while next < ended.count, object.updates[ended[next]].completion < update.invocation {
        let timestamp = object.updates[ended[next]].timestamp
        if greatest.map({ Timestamp.precedes(object.updates[$0].timestamp, timestamp, values) }) ?? true {
          greatest = ended[next]
        }
        next += 1
      }
      guard let greatest, !Timestamp.precedes(object.updates[greatest].timestamp, update.timestamp, values) else {
        continue
      }
      reportMissed(greatest, position, object) { name in
        "has the timestamp \(values.value(update.timestamp)), and \(name), which was acknowledged before it began, "
          + "\(values.value(object.updates[greatest].timestamp))"
      }
    }
  }

  private mutating func reportMissed(
    _ missed: Int, _ by: Int, _ object: ReplicaHistory, _ sentence: (String) -> String
  ) {
    log.add(.missedUpdate, key: object.key) { witnesses in
      (
        "\(object.name(by, witnesses)) \(sentence(object.name(missed, witnesses)))",
        [missed, by].map { Int(object.updates[$0].invocation) }, object.events(of: missed) + object.events(of: by)
      )
    }
  }
}

/// Acknowledged updates that later ones did not observe.
struct MissedUpdates {
  /// Positions: of each, with the first that certainly did not observe it.
  var certain: [(missed: Int, by: Int)] = []
  /// How many others may have been missed.
  var perhaps = 0
}

/// Additions to an OR-set that no removal observed by the end of one that began after they were acknowledged.
private struct MissedAdditions {
  private(set) var found = MissedUpdates()

  /// Of one element: removals, in order of invocation.
  private struct Removals {
    var all: [Int] = []
    var isBlind = false
    var hasStrangers = false
  }

  private let object: ReplicaHistory
  private var removals: [Removals]
  /// By update: the first begin of a removal that has observed it.
  private var firstObserved: [UInt32]

  init(_ object: ReplicaHistory) {
    self.object = object
    removals = Array(repeating: Removals(), count: object.elements.count)
    firstObserved = Array(repeating: ReplicaHistory.never, count: object.updates.count)
    let updates = object.updates
    for position in updates.indices where updates[position].kind == .remove && updates[position].outcome != .failed {
      note(position)
    }
    let tellers = removals.map { removals in
      removals.all.filter { updates[$0].isApplied && updates[$0].hasContext }
    }
    // By element and place among the tellers: the one from there on that ended first.
    let firstToEnd = tellers.map { tellers in
      tellers.indices.reversed().reduce(into: [Int]()) { ends, place in
        let later = ends.last ?? tellers[place]
        ends.append(updates[later].completion < updates[tellers[place]].completion ? later : tellers[place])
      }.reversed() as [Int]
    }
    for position in updates.indices where updates[position].kind == .add && updates[position].isApplied {
      let element = Int(updates[position].element)
      let place = tellers[element].partitioningIndex { updates[$0].invocation > updates[position].completion }
      if place < tellers[element].count { decide(position, firstToEnd[element][place]) }
    }
  }

  private mutating func note(_ position: Int) {
    let removal = object.updates[position]
    let element = Int(removal.element)
    removals[element].all.append(position)
    guard removal.hasContext else {
      removals[element].isBlind = true
      return
    }
    for id in object.named(removal.context) {
      if let addition = object.update(ofID: id) {
        firstObserved[addition] = min(firstObserved[addition], removal.invocation)
      } else {
        removals[element].hasStrangers = true
      }
    }
    for entry in object.vector(removal.context) where object.sequences.hasGap(entry) {
      removals[element].hasStrangers = true
    }
  }

  /// - Parameter removal: of those that began after the addition was acknowledged, and tell, the one that ended first.
  private mutating func decide(_ addition: Int, _ removal: Int) {
    let (update, end) = (object.updates[addition], object.updates[removal].completion)
    if firstObserved[addition] < end { return }
    let dot = object.dot(update)
    var isOpen = update.id == ReplicaHistory.never && removals[Int(update.element)].hasStrangers
    if dot == nil, !removals[Int(update.element)].isBlind, !isOpen {
      return found.certain.append((addition, removal))
    }
    for position in removals[Int(update.element)].all {
      let other = object.updates[position]
      if other.invocation > end { break }
      if let dot, object.vector(other.context).contains(where: { $0.actor == dot.actor && $0.number >= dot.number }) {
        return
      }
      guard !other.hasContext else { continue }
      if other.isApplied, other.invocation > update.completion { return }
      if !other.isApplied || other.completion > update.invocation { isOpen = true }
    }
    if isOpen { found.perhaps += 1 } else { found.certain.append((addition, removal)) }
  }
}

/// Writes of an MV-register that a later one did not observe, by any chain of contexts.
///
/// Of what was acknowledged when a write began only the *frontier* must be looked for: what no other of these has in its
/// context. The rest is below that.
private struct MissedWrites {
  private(set) var found = MissedUpdates()

  /// Steps through contexts that may be taken where the frontier is not in a context itself.
  private static let stepsMax = 20_000_000

  private let graph: VersionGraph
  private let numbers: VersionNumbers
  /// By version: its place in the list of its actor, if it has one.
  private var lists: [UInt32]
  private var places: [UInt32]
  private var frontier: [Int] = []
  private var isCovered: [Bool]
  private var scanned: [UInt32: UInt32] = [:]
  private var marks: [UInt32]
  private var stamp: UInt32 = 0
  private var stepsLeft = MissedWrites.stepsMax
  private let hasUnnamed: Bool

  init(_ object: ReplicaHistory) {
    numbers = VersionNumbers(object)
    graph = numbers.graph(object, observesAcknowledged: true)
    let count = graph.versions.count
    (lists, places) = (Array(repeating: VersionGraph.never, count: count), Array(repeating: 0, count: count))
    isCovered = Array(repeating: false, count: count)
    marks = places
    hasUnnamed = object.hasUnnamedUpdates
    for actor in 0..<object.sequences.actors {
      let list = UInt32(truncatingIfNeeded: actor)
      let length = UInt32(truncatingIfNeeded: object.sequences.all(list).count)
      for (place, version) in graph.members(VersionGraph.Segment(list: list, length: length)).enumerated() {
        (lists[Int(version)], places[Int(version)]) = (list, UInt32(truncatingIfNeeded: place))
      }
    }
    follow()
  }

  private mutating func follow() {
    let all = graph.versions.indices.filter { graph.versions[$0].isAcknowledged }
    let ended = all.sorted { graph.versions[$0].completion < graph.versions[$1].completion }
    var next = 0
    for version in all {
      while next < ended.count, graph.versions[ended[next]].completion < graph.versions[version].invocation {
        end(ended[next])
        next += 1
      }
      if !graph.versions[version].isBlind { check(version) }
    }
  }

  /// One more that was acknowledged: what it observed is below it.
  private mutating func end(_ version: Int) {
    for segment in graph.context(version) {
      let done = scanned[segment.list, default: 0]
      guard done < segment.length else { continue }
      scanned[segment.list] = segment.length
      for below in graph.members(segment, after: done) { isCovered[Int(below)] = true }
    }
    let begin = graph.versions[version].isBlind ? graph.versions[version].invocation : 0
    frontier.removeAll { isCovered[$0] || graph.versions[$0].completion < begin }
    if !isCovered[version] { frontier.append(version) }
  }

  private mutating func check(_ version: Int) {
    let missing = frontier.filter { !isDirectlyBelow($0, version) }
    for other in missing {
      switch search(for: other, below: version) {
      case .yes: continue
      case .undecided: found.perhaps += 1
      case .no: found.certain.append((numbers.updates[other], numbers.updates[version]))
      }
      // Of each, the first that missed it.
      frontier.removeAll { $0 == other }
    }
  }

  private func isDirectlyBelow(_ version: Int, _ above: Int) -> Bool {
    graph.context(above).contains { segment in
      if lists[version] == segment.list { return places[version] < segment.length }
      return lists[version] == VersionGraph.never && graph.members(segment).contains(UInt32(version))
    }
  }

  private mutating func search(for version: Int, below above: Int) -> ElementMerge.Possibility {
    stamp += 1
    var (open, isOpen) = ([above], false)
    let sought = graph.versions[version]
    while let next = open.popLast() {
      let other = graph.versions[next]
      if other.observesStrangers, hasUnnamed { isOpen = true }
      if other.isBlind {
        if other.isAcknowledged, other.invocation > sought.completion { return .yes }
        if !other.isAcknowledged || other.completion > sought.invocation { isOpen = true }
      }
      for segment in graph.context(next) {
        for below in graph.members(segment) where marks[Int(below)] != stamp {
          if Int(below) == version { return .yes }
          stepsLeft -= 1
          if stepsLeft < 0 { return .undecided }
          marks[Int(below)] = stamp
          // Who ended before the other began has not observed it.
          if graph.versions[Int(below)].completion > sought.invocation { open.append(Int(below)) }
        }
      }
    }
    return isOpen ? .undecided : .no
  }
}
