import Checkers
import Histories

/// The verdict on a small history of replicas by its definition: every possible outcome, context and timestamp is
/// tried.
struct ConvergenceTwin {
  struct Update {
    var isRemoval: Bool
    var value: Value
    var isOK: Bool
    var begin: Int
    /// `Int.max` unless it was acknowledged.
    var end: Int
    var id: Value?
    /// Nil where nothing was reported.
    var context: [Value]?
    var timestamp: Double?
  }

  struct Read {
    var node: String?
    var begin: Int
    var end: Int
    var value: Value
    var timestamp: Double?
    var visible: [Value]?
  }

  let type: ReplicatedType
  private let observesAcknowledged: Bool
  private let isSettled: Bool
  private(set) var updates: [Update] = []
  private var failed: [Value] = []
  private var reads: [Read] = []
  private(set) var finals: [Read] = []
  /// Whether nothing can be valid.
  private var isIncomplete = false
  private var isNamedByValue = false

  /// - Parameters:
  ///   - isQuiet: false where an update of something else never ended.
  ///   - isSettled: whether no update of unknown outcome takes effect between final reads.
  init(
    _ events: [Event], _ type: ReplicatedType, observesAcknowledged: Bool, isQuiet: Bool = true, isSettled: Bool = true
  ) {
    (self.type, self.observesAcknowledged, self.isSettled) = (type, observesAcknowledged, isSettled)
    let calls = TwinCall.all(in: events.filter { !$0.process.isNemesis })
    for call in calls {
      let outputs = call.isOK ? call.output.map ?? [:] : [:]
      if call.function.hasSuffix("read") {
        guard call.isOK else { continue }
        reads.append(
          Read(
            node: call.function == "local-read" ? events[call.begin].node : nil, begin: call.begin, end: call.end,
            value: outputs["value"] ?? call.output, timestamp: outputs["timestamp"]?.int.map(Double.init),
            visible: Self.names(outputs["visible"])))
      } else if call.type != .fail {
        updates.append(
          Update(
            isRemoval: ["remove", "decrement"].contains(call.function), value: call.input, isOK: call.isOK,
            begin: call.begin, end: call.isOK ? call.end : .max, id: outputs["id"],
            context: Self.names(outputs["context"]), timestamp: outputs["timestamp"]?.int.map(Double.init)))
      }
    }
    if type == .mvRegister, updates.allSatisfy({ $0.id == nil }) {
      isNamedByValue = true
      for place in updates.indices { updates[place].id = updates[place].value }
    }
    if !isNamedByValue, updates.allSatisfy({ $0.id != nil }) { forgetOthers() }
    findFinals(events, calls)
    if !isQuiet { (finals, isIncomplete) = ([], true) }
  }

  /// What is named: ids, or the dots that a version vector stands for.
  private static func names(_ value: Value?) -> [Value]? {
    guard let vector = value?.map else { return value?.list }
    return vector.sorted { $0.key < $1.key }.flatMap { actor, number in
      (0..<(number.int ?? 0)).map { .list([.string(actor), .int($0 + 1)]) }
    }
  }

  /// Dots of vectors that no operation has, where all have ids, are those of something else.
  private mutating func forgetOthers() {
    let known = Set(updates.compactMap(\.id))
    let isOfOthers = { (name: Value) in name.list != nil && !known.contains(name) }
    for place in updates.indices { updates[place].context?.removeAll(where: isOfOthers) }
    for place in reads.indices { reads[place].visible?.removeAll(where: isOfOthers) }
  }

  private mutating func findFinals(_ events: [Event], _ calls: [TwinCall]) {
    let ends = calls.filter { !$0.function.hasSuffix("read") && $0.type != .fail }.map(\.end)
    let quiet = max(ends.max() ?? -1, events.last { $0.process.isNemesis }?.index ?? -1)
    let nodes = Set(calls.filter { $0.function == "local-read" }.compactMap { events[$0.begin].node })
    var replicas = 0
    finals = nodes.sorted().compactMap { node in
      let last = calls.last { $0.function == "local-read" && events[$0.begin].node == node }
      let end = events.first { $0.index == last?.end }
      if end?.type == .fail, end?.error == ConvergenceChecker.notAReplica { return nil }
      replicas += 1
      return reads.first { $0.begin == last?.begin && $0.begin > quiet }
    }
    isIncomplete = finals.count < replicas || finals.count < 2
  }

  /// Whether something was observed that no known operation is: which of those of unknown outcome it is, the checker
  /// does not try to find out.
  var hasStrangers: Bool {
    updates.contains { update in update.context?.contains { id in !updates.contains { $0.id == id } } ?? false }
  }

  /// Whether anything happened that replicas could disagree on.
  var hasUpdates: Bool { !updates.isEmpty }

  // MARK: Verdict

  /// - Returns: `unknown` too where the verdict depends on what the system did not report.
  func verdict() -> Verdict {
    let wrong = reads.map(isWrong)
    if wrong.contains(true) || isImpossible { return .invalid }
    let worlds = finals.isEmpty && !observesAcknowledged ? [true] : worlds()
    if !worlds.contains(true) { return mayArriveLate ? .unknown : .invalid }
    return isIncomplete || wrong.contains(nil) || worlds.contains(false) ? .unknown : .valid
  }

  /// For each possible report of acknowledged updates, whether some outcomes of the others make the final states.
  private func worlds() -> [Bool] {
    if finals.isEmpty, ![.orSet, .mvRegister, .lwwRegister].contains(type) { return [true] }
    return switch type {
    case .gCounter, .pnCounter: [subsets(of: open).contains { sum($0) == finals[0].value.int && agree }]
    case .gSet: [subsets(of: open).contains { some in matches(Set(chosen(some).map { updates[$0].value })) }]
    case .twoPhaseSet:
      [
        subsets(of: open).contains { some in
          let all = chosen(some)
          let removed = all.filter { updates[$0].isRemoval }.map { updates[$0].value }
          return matches(Set(all.filter { !updates[$0].isRemoval }.map { updates[$0].value }).subtracting(removed))
        }
      ]
    case .orSet, .mvRegister: contextWorlds()
    case .lwwRegister: timestampWorlds()
    }
  }

  /// Whether something that arrived between the final reads explains them.
  private var mayArriveLate: Bool {
    if isSettled || finals.count < 2 || open.isEmpty { return false }
    var isExplained = false
    switch type {
    case .gCounter, .pnCounter:
      return arrivesLate { happened, read in sum(happened.intersection(open)) == read.value.int }
    case .gSet, .twoPhaseSet:
      return arrivesLate { happened, read in
        let removed = happened.filter { updates[$0].isRemoval }.map { updates[$0].value }
        let added = happened.filter { !updates[$0].isRemoval }.map { updates[$0].value }
        return Set(read.value.list ?? []) == Set(added).subtracting(removed)
      }
    case .lwwRegister:
      forEachTimestamps { assigned in isExplained = isExplained || arrivesLate(assigned) }
      return isExplained
    case .orSet, .mvRegister:
      forEach(updates.indices.map(contexts)) { choice in
        let all = Dictionary(uniqueKeysWithValues: zip(updates.indices, choice))
        isExplained = arrivesLate { happened, read in isMerge(of: all.filter { happened.contains($0.key) }, read) }
        return !isExplained
      }
      return isExplained
    }
  }

  private func isMerge(of contexts: [Int: Set<Int>], _ read: Read) -> Bool {
    let observed = contexts.values.reduce(into: Set<Int>()) { $0.formUnion($1) }
    let left = contexts.keys.filter { !observed.contains($0) && !(type == .orSet && updates[$0].isRemoval) }
    return Set(left.map { updates[$0].value }) == Set(read.value.list ?? []) && observed.isSubset(of: contexts.keys)
      && !isCyclic(contexts) && keepsRealTime(contexts)
  }

  var open: [Int] { updates.indices.filter { !updates[$0].isOK } }
  func chosen(_ some: Set<Int>) -> [Int] { updates.indices.filter { updates[$0].isOK || some.contains($0) } }
  private var agree: Bool { finals.allSatisfy { $0.value == finals[0].value } }

  func sum(_ some: Set<Int>) -> Int64 { signedSum(Set(chosen(some))) }

  private func signedSum(_ some: Set<Int>) -> Int64 {
    some.reduce(0) { $0 + (updates[$1].value.int ?? 0) * (updates[$1].isRemoval ? -1 : 1) }
  }

  private func matches(_ elements: Set<Value>) -> Bool { finals.allSatisfy { Set($0.value.list ?? []) == elements } }

  func subsets(of some: [Int]) -> [Set<Int>] {
    some.reduce([[]]) { sets, next in sets + sets.map { $0.union([next]) } }
  }

  // MARK: Contexts

  /// Whether what updates say they have observed cannot be, whatever is not known.
  private var isImpossible: Bool {
    var observed: [Int: Set<Int>] = [:]
    for (number, update) in updates.enumerated() {
      guard let context = update.context else { continue }
      observed[number] = Set(updates.indices.filter { $0 != number && updates[$0].id.map(context.contains) ?? false })
    }
    return isCyclic(observed)
  }

  /// Whether every acknowledged update has observed what was acknowledged before it began, as far as it is used.
  private func keepsRealTime(_ contexts: [Int: Set<Int>]) -> Bool {
    guard observesAcknowledged else { return true }
    let acknowledged = updates.indices.filter { updates[$0].isOK }
    return acknowledged.allSatisfy { later in
      guard updates[later].context != nil, type == .mvRegister || updates[later].isRemoval else { return true }
      let seen = type == .mvRegister ? below(later, contexts) : removedBefore(updates[later].end, contexts)
      return acknowledged.allSatisfy { earlier in
        let isUsed =
          type == .mvRegister || !updates[earlier].isRemoval && updates[earlier].value == updates[later].value
        return !isUsed || updates[earlier].end > updates[later].begin || seen.contains(earlier)
      }
    }
  }

  private func below(_ number: Int, _ contexts: [Int: Set<Int>]) -> Set<Int> {
    (contexts[number] ?? []).reduce(into: Set()) { $0.formUnion(below($1, contexts).union([$1])) }
  }

  /// What removals had observed that began before a moment.
  private func removedBefore(_ moment: Int, _ contexts: [Int: Set<Int>]) -> Set<Int> {
    contexts.filter { updates[$0.key].isRemoval && updates[$0.key].begin < moment }.values
      .reduce(into: Set()) { $0.formUnion($1) }
  }

  /// What an update can have observed: what it says, or anything that began before it ended.
  private func contexts(of number: Int) -> [Set<Int>] {
    let update = updates[number]
    if type == .orSet, !update.isRemoval { return [[]] }
    let candidates = updates.indices.filter {
      $0 != number && (type == .mvRegister || !updates[$0].isRemoval && updates[$0].value == update.value)
    }
    if let context = update.context {
      let known = candidates.filter { updates[$0].id.map(context.contains) ?? false }
      // Ids that are not known can be those of updates that do not tell theirs.
      let strange = context.filter { id in !updates.contains { $0.id == id } }
      let unnamed = candidates.filter { updates[$0].id == nil }
      return subsets(of: unnamed).filter { $0.count <= strange.count }.map { $0.union(known) }
    }
    let possible = candidates.filter { updates[$0].begin < update.end }
    let forced = observesAcknowledged ? possible.filter { updates[$0].end < update.begin } : []
    return subsets(of: possible.filter { !forced.contains($0) }).map { $0.union(forced) }
  }

  private func contextWorlds() -> [Bool] {
    let (certain, uncertain) = (updates.indices.filter { updates[$0].isOK }, open)
    var worlds: [Bool] = []
    forEach(certain.map(contexts)) { choice in
      let reported = Dictionary(uniqueKeysWithValues: zip(certain, choice))
      if isCyclic(reported) { return true }
      var isPossible = false
      // What is in the context of something that happened happened.
      for some in subsets(of: uncertain) where !isPossible {
        let here = some.sorted()
        forEach(here.map(contexts)) { rest in
          let all = reported.merging(zip(here, rest)) { $1 }
          let observed = all.values.reduce(into: Set<Int>()) { $0.formUnion($1) }
          if observed.isSubset(of: all.keys), !isCyclic(all), keepsRealTime(all) {
            let left = all.keys.filter { !observed.contains($0) && !(type == .orSet && updates[$0].isRemoval) }
            isPossible = matches(Set(left.map { updates[$0].value }))
          }
          return !isPossible
        }
      }
      worlds.append(isPossible)
      return true
    }
    return worlds
  }

  /// Every choice of one of each, until the body returns false.
  private func forEach(_ choices: [[Set<Int>]], _ body: ([Set<Int>]) -> Bool) {
    var chosen: [Set<Int>] = []
    func choose() -> Bool {
      guard chosen.count < choices.count else { return body(chosen) }
      for choice in choices[chosen.count] {
        chosen.append(choice)
        defer { chosen.removeLast() }
        if !choose() { return false }
      }
      return true
    }
    _ = choose()
  }

  /// A circle of contexts, or a chain to something that began after the first of it had ended.
  private func isCyclic(_ contexts: [Int: Set<Int>]) -> Bool {
    for (number, context) in contexts where updates[number].isOK {
      var (below, open) = (context, Array(context))
      while let next = open.popLast() {
        if updates[next].begin > updates[number].end { return true }
        for other in contexts[next] ?? [] where below.insert(other).inserted { open.append(other) }
      }
    }
    var left = contexts
    while let source = left.first(where: { $0.value.isDisjoint(with: left.keys) }) { left[source.key] = nil }
    return !left.isEmpty
  }

  // MARK: Timestamps

  private func timestampWorlds() -> [Bool] {
    guard finals.isEmpty || agree, Set(finals.compactMap(\.timestamp)).count < 2 else { return [false] }
    var worlds: [Bool] = []
    let shown = finals.compactMap(\.timestamp).first
    forEachTimestamps { worlds.append(finals.isEmpty || isWinner(finals[0].value, $0, shown)) }
    return worlds
  }

  /// Every choice of timestamps for acknowledged writes that do not tell theirs.
  private func forEachTimestamps(_ body: ([Int: Double]) -> Void) {
    let silent = updates.indices.filter { updates[$0].isOK && updates[$0].timestamp == nil }
    let known = Set(updates.compactMap(\.timestamp) + finals.compactMap(\.timestamp)).sorted()
    // As many places between two neighbours as there are writes that say nothing.
    let ends = [0.0] + known
    let places = ends.flatMap { end in [end] + silent.indices.map { end + Double($0 + 1) / 100 } }.dropFirst()
    var chosen: [Double] = []
    func choose() {
      guard chosen.count < silent.count else {
        let assigned = Dictionary(uniqueKeysWithValues: zip(silent, chosen))
        if keepsRealTime(assigned) { body(assigned) }
        return
      }
      for place in places {
        chosen.append(place)
        choose()
        chosen.removeLast()
      }
    }
    choose()
  }

  private func keepsRealTime(_ assigned: [Int: Double]) -> Bool {
    guard observesAcknowledged else { return true }
    let certain = updates.indices.filter { updates[$0].isOK }
    return certain.allSatisfy { later in
      certain.allSatisfy { earlier in
        guard updates[earlier].end < updates[later].begin else { return true }
        return (assigned[earlier] ?? updates[earlier].timestamp ?? 0)
          < (assigned[later] ?? updates[later].timestamp ?? 0)
      }
    }
  }

  private func isWinner(_ value: Value, _ assigned: [Int: Double], _ shown: Double?) -> Bool {
    let certain = updates.indices.filter { updates[$0].isOK }.map {
      (updates[$0].value, assigned[$0] ?? updates[$0].timestamp ?? 0)
    }
    let greatest = certain.map(\.1).max() ?? 0
    if value == .null { return certain.isEmpty }
    if certain.contains(where: { $0.0 == value && $0.1 == greatest && (shown == nil || shown == $0.1) }) { return true }
    return open.contains { updates[$0].value == value && (shown ?? .infinity) >= greatest }
  }

  // MARK: Every read

  /// Nil where that depends on what was not reported.
  private func isWrong(_ read: Read) -> Bool? {
    let begun = updates.filter { $0.begin < read.end }
    switch type {
    case .gCounter, .pnCounter:
      let amount = read.value.int ?? 0
      func total(_ isRemoval: Bool) -> Int64 {
        begun.filter { $0.isRemoval == isRemoval }.reduce(0) { $0 + ($1.value.int ?? 0) }
      }
      if amount > total(false) || amount < -total(true) { return true }
      let isFinal = finals.contains { $0.begin == read.begin && $0.node == read.node }
      let some = updates.indices.filter { updates[$0].begin < read.end }
      if !isFinal, !subsets(of: some).contains(where: { signedSum($0) == amount }) { return true }
    case .lwwRegister:
      if read.value != .null, !begun.contains(where: { $0.value == read.value }) { return true }
    case .gSet, .twoPhaseSet, .orSet, .mvRegister:
      let list = read.value.list ?? []
      if Set(list).count < list.count { return true }
      if !list.allSatisfy({ value in begun.contains { !$0.isRemoval && $0.value == value } }) { return true }
    }
    guard let visible = read.visible else { return false }
    return isWrong(read, visible)
  }

  /// Whether what is visible makes something else.
  private func isWrong(_ read: Read, _ visible: [Value]) -> Bool? {
    let seen = visible.map { id in updates.first { $0.id == id } }
    let some = seen.compactMap { $0 }
    if some.contains(where: { $0.begin > read.end }) { return true }
    if some.count < seen.count { return isNamedByValue || updates.contains { $0.id == nil } ? nil : true }
    let shown = Set(read.value.list ?? [])
    switch type {
    case .gCounter, .pnCounter:
      return some.reduce(0) { $0 + ($1.value.int ?? 0) * ($1.isRemoval ? -1 : 1) } != read.value.int
    case .gSet: return Set(some.map(\.value)) != shown
    case .twoPhaseSet:
      return Set(some.filter { !$0.isRemoval }.map(\.value)).subtracting(some.filter(\.isRemoval).map(\.value)) != shown
    case .orSet, .mvRegister:
      if some.contains(where: { ($0.isRemoval || type == .mvRegister) && $0.context == nil }) { return nil }
      return Set(some.filter { !$0.isRemoval && !isObserved($0, by: some) }.map(\.value)) != shown
    case .lwwRegister:
      if some.count > 1, some.contains(where: { $0.timestamp == nil }) { return nil }
      let last = some.map { $0.timestamp ?? 0 }.max()
      return some.isEmpty ? read.value != .null : !some.contains { $0.timestamp ?? 0 == last && $0.value == read.value }
    }
  }

  /// By another one, of an element by a removal of it.
  private func isObserved(_ update: Update, by others: [Update]) -> Bool {
    others.contains { other in
      guard let id = update.id, other.id != id, type == .mvRegister || other.value == update.value else { return false }
      return other.context?.contains(id) ?? false
    }
  }
}
