import Histories

/// Decides one replicated object after the other, and keeps what was found.
struct ConvergenceJudge {
  var log: FindingLog
  var tally = ConvergenceTally()
  /// Reads of a counter, by completion, that name what they have seen and show what no choice of updates adds up to.
  var wrongSums: Set<UInt32> = []
  let options: ConvergenceChecker.Options
  let quiescence: Quiescence
  let nodeNames: [String]

  init(_ rows: Operations, _ options: ConvergenceChecker.Options) {
    log = FindingLog(rows.history)
    self.options = options
    quiescence = Quiescence(rows, nanoseconds: options.quiescenceNanoseconds ?? 0) {
      $0 == "read" || $0 == "local-read"
    }
    nodeNames = rows.history.nodeNames
  }

  /// Decides the object of the operations at these positions.
  ///
  /// - Throws: `MalformedHistory`.
  mutating func decide(
    _ rows: Operations, _ positions: ArraySlice<UInt32>, key: Value?, _ type: ReplicatedType, _ fields: UpdateFields,
    _ lists: ListWords
  ) throws(MalformedHistory) {
    var object = ReplicaHistory(rows.history, key: key, type)
    for position in positions.lazy.map({ Int($0) }) {
      try object.append(rows, position, rows.function(position), fields, lists)
    }
    try object.finish(nodeNames, lists)
    decide(object)
  }

  /// Decides an object that is complete.
  mutating func decide(_ object: ReplicaHistory) {
    tally.add(object)
    let states = FinalStates(object, quiescence, nodeNames)
    tally.finalReads += states.reads.count
    checkReads(object, states)
    // Of ids that mean two updates, and of contexts that cannot be, nothing follows but that.
    let isPossible = checkIDs(object) && checkContexts(object)
    if isPossible, options.observesAcknowledged { checkRealTime(object) }
    if let unknown = states.unknown { tally.add(unknown: unknown, key: object.key) }
    guard !states.reads.isEmpty else { return }
    switch object.type {
    case .gCounter, .pnCounter: checkCounter(object, states)
    case .gSet, .twoPhaseSet, .orSet: checkSet(object, states, isPossible: isPossible)
    case .lwwRegister: checkRegister(object, states)
    case .mvRegister: checkVersions(object, states, isPossible: isPossible)
    }
  }

  func report(checker: String) -> InvariantReport {
    log.report(
      checker: checker, algorithm: ConvergenceChecker.algorithm, unknown: tally.unknown, statistics: tally.statistics)
  }
}

/// The numbers of a result, over all objects of a history.
struct ConvergenceTally {
  private var (objects, acknowledged, open, reads, replicas) = (0, 0, 0, 0, 0)
  var finalReads = 0
  /// Reads that name what they have seen: those that were held against it, and those that name unknown operations.
  var (readsWithVisibility, readsUndecided) = (0, 0)
  /// Reads of counters of which only the range was checked (`ReachableSums`).
  var readsByRange = 0
  /// Values of which nobody can say whether they must be there.
  var undecided = 0
  private var firstUnknown: String?
  private var unknowns = 0

  mutating func add(_ object: ReplicaHistory) {
    objects += 1
    acknowledged += object.updates.count { $0.outcome == .ok }
    open += object.updates.count { $0.outcome == .unknown }
    reads += object.reads.count
    replicas = max(replicas, object.replicas.count)
  }

  /// Notes why an object is not valid, though nothing is wrong with it.
  mutating func add(unknown: String, key: Value?) {
    unknowns += 1
    if firstUnknown == nil { firstUnknown = (key.map { "key \($0): " } ?? "") + unknown }
  }

  /// Why nothing can be said, unless something was found.
  var unknown: String? {
    if objects == 0 { return "no operation was invoked" }
    if acknowledged + open == 0 { return "no update can have taken effect: there was nothing to agree on" }
    return firstUnknown.map { unknowns > 1 ? "\($0); and \(unknowns - 1) more such" : $0 }
  }

  var statistics: [(name: String, value: Value)] {
    let counts = [
      ("objects", objects), ("replicas", replicas), ("updates-ok", acknowledged), ("updates-unknown", open),
      ("reads", reads), ("final-reads", finalReads), ("reads-with-visibility", readsWithVisibility),
      ("reads-undecided", readsUndecided), ("reads-by-range", readsByRange), ("values-undecided", undecided),
    ]
    return counts.map { (name: $0.0, value: .int(Int64($0.1))) }
  }
}
