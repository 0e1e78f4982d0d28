import Histories

/// Decides from causal contexts whether a store with siblings lost an update, brought one back, or made up a conflict.
///
/// `get` returns the values that nobody has overwritten, and a context; `put` of a value with that context overwrites
/// what the get had seen, and one with another stands beside it (DeCandia et al., "Dynamo", 2007, 4.4 and 6.2). Put
/// w' is after w if w was among what a get had seen that returned the context of w', or if that holds of a chain of
/// puts.
///
/// The last get of a key that began when all was healed and quiet (`Quiescence`), and the last `local-get` of each replica
/// that anybody read directly, must show the maximal ones of all acknowledged puts and of some of unknown outcome:
/// - **lost-update**: an acknowledged put that no other is after is not shown;
/// - **resurrection**: a put is shown although one that is not shown is after it, a deletion for example;
/// - **false-conflict**: of two values that *any* get shows, one put is after the other. That is wrong whichever
///   replicas the get asked.
///
/// Earlier gets may miss what they please, and show what was overwritten elsewhere. A put of unknown outcome happened
/// if a context of one that happened covers it, or if the last get shows it; a deletion of unknown outcome whose
/// context covers what the last get shows did not.
public enum SiblingsChecker {
  public static let name = "siblings"
  /// Recorded in the result.
  public static let algorithm = "maximal puts by causal contexts"
  /// Steps through contexts that may be taken in search of false conflicts, for each key.
  public static let stepsMax = 100_000_000

  public enum Claim: Hashable, Sendable {
    /// No acknowledged put that nothing overwrites is missing in the end.
    case noLostUpdates
    /// Nothing that was overwritten or deleted is there in the end, or beside what overwrote it.
    case noResurrection

    var harmless: Set<InvariantAnomaly> {
      self == .noLostUpdates ? [.resurrection, .falseConflict, .duplicateElement] : [.lostUpdate, .duplicateElement]
    }
  }

  /// Each key is decided by itself. Time is linear in what gets list, but for the search for false conflicts, which
  /// goes through the puts between the oldest and the newest of the siblings of a get.
  ///
  /// - Parameter quiescenceNanoseconds: how long after the last put and the last fault a get must begin to be final.
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is no get and no put of these shapes,
  ///   and for a value that is put again though its first put did not fail.
  public static func report(
    _ history: History, _ claim: Claim = .noLostUpdates, quiescenceNanoseconds: Int64 = 0
  ) throws -> InvariantReport {
    let rows = try Operations(history)
    var judge = SiblingsJudge(rows, claim, quiescenceNanoseconds)
    try history.values.withLists { lists throws(MalformedHistory) in
      let fields = UpdateFields(history.values, lists)
      try rows.forEachObject { key, positions throws(MalformedHistory) in
        try judge.decide(rows, positions, key: key, fields, lists)
      }
    }
    return judge.report
  }
}

/// Decides one key after the other, and keeps what was found.
private struct SiblingsJudge {
  private var log: FindingLog
  private let claim: SiblingsChecker.Claim
  private let quiescence: Quiescence
  private let nodeNames: [String]
  private var (keys, puts, open, gets, finalGets, undecided) = (0, 0, 0, 0, 0, 0)
  private var siblingsMax = 0
  private var firstUnknown: String?
  private var unknowns = 0

  init(_ rows: Operations, _ claim: SiblingsChecker.Claim, _ nanoseconds: Int64) {
    log = FindingLog(rows.history, harmless: claim.harmless)
    self.claim = claim
    quiescence = Quiescence(rows, nanoseconds: nanoseconds) { $0 == "get" || $0 == "local-get" }
    nodeNames = rows.history.nodeNames
  }

  mutating func decide(
    _ rows: Operations, _ positions: ArraySlice<UInt32>, key: Value?, _ fields: UpdateFields, _ lists: ListWords
  ) throws(MalformedHistory) {
    var object = SiblingsHistory(rows.history, key: key)
    for position in positions.lazy.map({ Int($0) }) {
      try object.append(rows, position, rows.function(position), fields, lists)
    }
    let versions = try SiblingVersions(object)
    keys += 1
    puts += object.puts.count { $0.outcome == .ok }
    open += object.puts.count { $0.outcome == .unknown }
    gets += object.gets.count
    checkGets(object, versions)
    checkLast(object, versions)
  }

  private mutating func note(unknown: String, key: Value?) {
    unknowns += 1
    if firstUnknown == nil { firstUnknown = (key.map { "key \($0): " } ?? "") + unknown }
  }

  var report: InvariantReport {
    var unknown = keys == 0 ? "no operation was invoked" : firstUnknown
    if keys > 0, puts + open == 0 {
      unknown = "no put can have taken effect: there was nothing to lose, or to bring back"
    } else if unknowns > 1 {
      unknown = unknown.map { "\($0); and \(unknowns - 1) more such" }
    }
    let counts = [
      ("objects", keys), ("puts-ok", puts), ("puts-unknown", open), ("gets", gets), ("final-gets", finalGets),
      ("siblings-max", siblingsMax), ("values-undecided", undecided),
    ]
    return log.report(
      checker: SiblingsChecker.name, algorithm: SiblingsChecker.algorithm, unknown: unknown,
      statistics: counts.map { (name: $0.0, value: .int(Int64($0.1))) })
  }

  // MARK: Every get

  private mutating func checkGets(_ object: SiblingsHistory, _ versions: SiblingVersions) {
    var conflicts = SiblingConflicts(versions.graph, stepsMax: SiblingsChecker.stepsMax)
    var noted = [Int](repeating: -1, count: object.values.count)
    var isReported = [Bool](repeating: false, count: object.values.count)
    for (position, get) in object.gets.enumerated() {
      var shown: [UInt32] = []
      for value in object.seen(get) {
        if noted[Int(value)] == position {
          reportDoubled(value, get, object)
          continue
        }
        noted[Int(value)] = position
        if let version = versions.version(of: value), invocation(version, versions, object) < get.completion {
          shown.append(version)
        } else if !isReported[Int(value)] {
          isReported[Int(value)] = true
          reportUnwritten(value, get, object)
        }
      }
      siblingsMax = max(siblingsMax, shown.count)
      if let (below, above) = conflicts.conflict(shown) { reportConflict(below, above, get, object, versions) }
    }
    if conflicts.stepsLeft < 0 {
      note(unknown: "looking for false conflicts takes more than \(SiblingsChecker.stepsMax) steps", key: object.key)
    }
  }

  private func invocation(_ version: UInt32, _ versions: SiblingVersions, _ object: SiblingsHistory) -> UInt32 {
    object.puts[versions.puts[Int(version)]].invocation
  }

  private mutating func reportDoubled(_ value: UInt32, _ get: SiblingsHistory.Get, _ object: SiblingsHistory) {
    log.add(.duplicateElement, key: object.key) { witnesses in
      let (begin, end) = (Int(get.invocation), Int(get.completion))
      let times = object.seen(get).count { $0 == value }
      return ("\(witnesses.name(begin, end)) lists \(object.value(value)) \(times) times", [begin], [begin, end])
    }
  }

  private mutating func reportUnwritten(_ value: UInt32, _ get: SiblingsHistory.Get, _ object: SiblingsHistory) {
    let writers = object.puts.filter { $0.value == value }
    let failed = writers.first { $0.outcome == .failed && $0.invocation < get.completion }?.invocation
    let later = writers.first { $0.outcome != .failed }?.invocation
    log.addUnwritten(
      object.value(value), key: object.key, .put, get.invocation, get.completion, failed: failed, later: later)
  }

  private mutating func reportConflict(
    _ below: Int, _ above: Int, _ get: SiblingsHistory.Get, _ object: SiblingsHistory, _ versions: SiblingVersions
  ) {
    log.add(.falseConflict, key: object.key) { witnesses in
      let pair = [below, above].map { object.puts[versions.puts[$0]] }
      let (begin, end) = (Int(get.invocation), Int(get.completion))
      return (
        "\(witnesses.name(begin, end)) shows \(object.value(pair[0].value)) beside \(object.value(pair[1].value)), but "
          + "\(pair[1].name(witnesses)) was made with a context that covers \(pair[0].name(witnesses))",
        pair.map { Int($0.invocation) } + [begin], pair.flatMap(\.events) + [begin, end]
      )
    }
  }

  // MARK: The last get

  /// What the last gets show: of one through whoever answers, and of each replica.
  private mutating func checkLast(_ object: SiblingsHistory, _ versions: SiblingVersions) {
    let last = finalGets(object)
    if last.isEmpty { return }
    finalGets += last.count
    var graph = versions.graph
    var undecided = Set<Int>()
    var isReported = Set<Int>()
    for get in last {
      graph.merge(shown: object.seen(get).compactMap { versions.version(of: $0) })
      for version in graph.versions.indices {
        let anomaly: InvariantAnomaly
        switch graph.fate(version) {
        case .right, .conflicting: continue  // a conflict was reported with the gets
        case .undecided:
          // What is shown may be back, what is not may be lost.
          if graph.isShown[version] == (claim == .noResurrection) { undecided.insert(version) }
          continue
        case .lost: anomaly = .lostUpdate
        case .resurrected: anomaly = .resurrection
        }
        if isReported.insert(version).inserted { report(anomaly, version, graph, get, object, versions) }
      }
    }
    guard !undecided.isEmpty else { return }
    self.undecided += undecided.count
    note(
      unknown: "puts were made with contexts that no get had returned: nobody knows what they overwrote",
      key: object.key)
  }

  /// Of the gets through whoever answers, and of those of each replica, the last ones, as far as they are final.
  private mutating func finalGets(_ object: SiblingsHistory) -> [SiblingsHistory.Get] {
    func isFinal(_ get: SiblingsHistory.Get) -> Bool { quiescence.isFinal(get.invocation, object.history) }
    var missing: [String] = []
    var last = [object.gets.last { $0.node == SiblingsHistory.never && isFinal($0) }].compactMap(\.self)
    if last.isEmpty {
      note(unknown: quiescence.reason.replacing("replica was read", with: "get began"), key: object.key)
    }
    for replica in object.tries.replicas {
      let get = object.gets.last { $0.node == replica.node }
      if let get, get.invocation == replica.lastTry, isFinal(get) {
        last.append(get)
      } else {
        missing.append(nodeNames[Int(replica.node)])
      }
    }
    if !missing.isEmpty {
      let names = ReplicaTries.list(missing.sorted())
      note(unknown: "there is no last local-get of \(names), after all puts and faults", key: object.key)
    }
    return last
  }

  private mutating func report(
    _ anomaly: InvariantAnomaly, _ version: Int, _ graph: VersionGraph, _ get: SiblingsHistory.Get,
    _ object: SiblingsHistory, _ versions: SiblingVersions
  ) {
    log.add(anomaly, key: object.key) { witnesses in
      let put = object.puts[versions.puts[version]]
      let above = graph.superseder[version]
      let other = above == VersionGraph.never ? nil : object.puts[versions.puts[Int(above)]]
      let (begin, end) = (Int(get.invocation), Int(get.completion))
      let node = get.node == SiblingsHistory.never ? "" : " of \(nodeNames[Int(get.node)])"
      let reader = "\(witnesses.name(begin, end)), the last one\(node),"
      let value = object.value(put.value)
      let sentence =
        anomaly == .lostUpdate
        ? "\(reader) misses \(value): \(put.name(witnesses)) was acknowledged, and nothing that is known of "
          + "overwrote it"
        : "\(reader) shows \(value) again, though \(other.map { $0.name(witnesses) } ?? "a later put") overwrote "
          + "\(put.name(witnesses))"
      let involved = [put] + [other].compactMap { $0 }
      return (
        sentence, involved.map { Int($0.invocation) } + [begin], involved.flatMap(\.events) + [begin, end]
      )
    }
  }

}

extension SiblingsHistory.Put {
  /// `process 3's put (events 12–15)`.
  fileprivate func name(_ witnesses: Witnesses) -> String {
    witnesses.name(Int(invocation), completion == SiblingsHistory.never ? nil : Int(completion))
  }

  /// Event indices of the invocation and, if it was acknowledged, of the completion.
  fileprivate var events: [Int] {
    [Int(invocation)] + (completion == SiblingsHistory.never ? [] : [Int(completion)])
  }
}
