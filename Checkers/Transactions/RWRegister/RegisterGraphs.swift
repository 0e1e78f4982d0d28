/// The dependencies of a register history that each claim may rest on, as graphs.
struct RegisterGraphs {
  /// Anti-dependencies of reads of nothing, of one key and of one version, at most: those that are left out are found
  /// where a guess of the order of versions goes wrong because of them.
  static let edgesPerKeyMax = 4_096
  static let edgesPerVersionMax = 1_024

  typealias Pairs = [(source: UInt32, edge: UInt32)]

  let history: RegisterHistory
  let rows: [TransactionGraph.Row]
  let inferences: RWRegisterChecker.Inferences
  let follows: InferredOrder
  let seen: InferredOrder
  private(set) var ofProcesses: InferredOrder?
  private(set) var ofRealtime: InferredOrder?
  /// Of the pairs of `ofRealtime` those that rest on others.
  private(set) var saturated: [VersionPair] = []
  let realtime: RealtimeInference

  init(_ history: RegisterHistory, _ inferences: RWRegisterChecker.Inferences) {
    (self.history, self.inferences) = (history, inferences)
    rows = history.rows
    follows = inferences.writesFollowReads ? VersionInference.followingReads(history) : InferredOrder()
    seen = VersionInference.seenTogether(history)
    realtime = RealtimeInference(history)
  }

  /// What holds for the claim: of the rules for orders, those of orders that it includes.
  mutating func rules(_ claim: OrderClaim) -> [InferredOrder] {
    // Cursor stability shows transactions in parts.
    if claim.mode == .cursor { return [follows] }
    let order = claim.order
    var rules = [follows, seen]
    if order == .process, inferences.perProcess {
      if ofProcesses == nil { ofProcesses = VersionInference.ofProcesses(history, TransactionGraph([], rows)) }
      rules += [ofProcesses ?? InferredOrder()]
    }
    if order == .realtime, inferences.realtime {
      rules += [ofRealtime ?? addRealtime(rules)]
    }
    return rules
  }

  private mutating func addRealtime(_ others: [InferredOrder]) -> InferredOrder {
    var order = realtime.order
    var pairs = readDependencies
    for rule in others + [order] {
      for pair in rule.pairs { add(pair, &pairs) }
    }
    var saturation = RealtimeSaturation(history, pairs)
    saturated = saturation.run()
    order.pairs += saturated
    ofRealtime = order
    return order
  }

  /// Read dependencies and the order of versions: enough to guess an order, since a write waits for the readers of the
  /// version before it anyway.
  mutating func forGuess(_ claim: OrderClaim) -> Pairs {
    var pairs = readDependencies
    for rule in rules(claim) {
      for pair in rule.pairs { add(pair, &pairs) }
    }
    return pairs
  }

  /// The same with anti-dependencies.
  mutating func known(_ claim: OrderClaim) -> Pairs {
    var pairs = readDependencies
    let rules = rules(claim)
    for rule in rules {
      for pair in rule.pairs { add(pair, &pairs) }
    }
    for rule in rules {
      for pair in rule.pairs { addReaders(pair, &pairs) }
      for missed in rule.missed {
        add(missed.reader, .readWrite, history.writers[Int(missed.version)], &pairs)
      }
    }
    addReadsOfNothing(&pairs)
    return pairs
  }

  var readDependencies: Pairs {
    var pairs = Pairs()
    pairs.reserveCapacity(2 * history.read.count)
    for node in 0..<history.count {
      for version in history.reads(of: node) where !history.isInitial(version) {
        add(history.writers[Int(version)], .writeRead, UInt32(node), &pairs)
      }
    }
    return pairs
  }

  @inline(__always)
  func add(_ source: UInt32, _ kind: TransactionGraph.Kind, _ target: UInt32, _ pairs: inout Pairs) {
    if source != target { pairs.append((source, TransactionGraph.code(kind, target))) }
  }

  func add(_ pair: VersionPair, _ pairs: inout Pairs) {
    add(history.writers[Int(pair.before)], .writeWrite, history.writers[Int(pair.after)], &pairs)
  }

  /// Whoever read the earlier version did so before the later one was written.
  func addReaders(_ pair: VersionPair, _ pairs: inout Pairs) {
    let writer = history.writers[Int(pair.after)]
    for reader in history.readers(of: Int(pair.before)).prefix(Self.edgesPerVersionMax) {
      add(reader, .readWrite, writer, &pairs)
    }
  }

  private func addReadsOfNothing(_ pairs: inout Pairs) {
    for key in 0..<history.keyStarts.count - 1 {
      let versions = history.versions(ofKey: key)
      let readers = history.readers(of: versions.lowerBound)
      if readers.isEmpty { continue }
      for reader in readers.prefix(max(1, Self.edgesPerKeyMax / versions.count)) {
        for version in versions.dropFirst().prefix(Self.edgesPerKeyMax) {
          add(reader, .readWrite, history.writers[version], &pairs)
        }
      }
    }
  }

  /// All dependencies under one order of the versions.
  ///
  /// - Parameter next: by version, the one after it, or none.
  func whole(_ next: [UInt32]) -> TransactionGraph {
    var pairs = readDependencies
    for version in 0..<history.versionCount where next[version] != RegisterHistory.none {
      let writer = history.writers[Int(next[version])]
      if !history.isInitial(UInt32(version)) { add(history.writers[version], .writeWrite, writer, &pairs) }
      for reader in history.readers(of: version) {
        // Who replaced it itself comes before whoever did so next.
        add(reader, .readWrite, writer, &pairs)
      }
    }
    return TransactionGraph(pairs, rows)
  }

  /// By version: the next of its key, in the order in which these events write them.
  func nextVersions(_ order: [UInt32], _ claim: OrderClaim) -> [UInt32] {
    var next = [UInt32](repeating: RegisterHistory.none, count: history.versionCount)
    var last = Array(history.keyStarts.dropLast())
    for event in order where claim.mode == .serial || event >= history.count {
      for version in history.writes(of: claim.mode == .serial ? Int(event) : Int(event) - history.count) {
        let key = Int(history.keys[Int(version)])
        next[Int(last[key])] = version
        last[key] = version
      }
    }
    return next
  }
}
