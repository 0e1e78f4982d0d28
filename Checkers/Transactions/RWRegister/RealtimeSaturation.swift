/// Pairs of versions that follow from read dependencies and inferred orders by way of others: if u comes before r, who
/// read version v, and u wrote v's key too, then u's version comes before v (Tan and others, "Cobra", OSDI 2020, 4.2).
///
/// From every reader a few steps backwards, as far as transactions that had not completed when v's writer was invoked:
/// earlier ones precede that writer in real time. What this leaves out, the guess and the search find.
struct RealtimeSaturation {
  /// Transactions before one reader, and readers of one version.
  static let (nodesMax, readersMax) = (48, 8)

  private let history: RegisterHistory
  private var starts: [UInt32]
  private var sources: [UInt32]
  /// By node: the last search that met it.
  private var met: [UInt32]
  private var searches: UInt32 = 0
  private var queue: [UInt32] = []

  /// - Parameter pairs: read dependencies and write dependencies.
  init(_ history: RegisterHistory, _ pairs: RegisterGraphs.Pairs) {
    self.history = history
    met = Array(repeating: 0, count: history.count)
    starts = Array(repeating: 0, count: history.count + 1)
    for pair in pairs { starts[Int(pair.edge & TransactionGraph.nodeMask) + 1] += 1 }
    for node in 0..<history.count { starts[node + 1] += starts[node] }
    var next = starts
    sources = Array(repeating: 0, count: pairs.count)
    for pair in pairs {
      let target = Int(pair.edge & TransactionGraph.nodeMask)
      sources[Int(next[target])] = pair.source
      next[target] += 1
    }
  }

  mutating func run() -> [VersionPair] {
    var found: [VersionPair] = []
    for version in 0..<history.versionCount where history.writers[version] != RegisterHistory.none {
      for reader in history.readers(of: version).prefix(Self.readersMax) { search(UInt32(version), reader, &found) }
    }
    return found
  }

  private mutating func search(_ version: UInt32, _ reader: UInt32, _ found: inout [VersionPair]) {
    let writer = history.writers[Int(version)]
    let invocation = history.transactions.invocations[Int(history.committed[Int(writer)])]
    searches += 1
    met[Int(writer)] = searches
    queue.removeAll(keepingCapacity: true)
    meet(before: reader, since: invocation)
    var next = 0
    while next < queue.count, next < Self.nodesMax {
      let node = queue[next]
      next += 1
      let other = history.version(of: history.keys[Int(version)], by: Int(node))
      if other == RegisterHistory.none {
        meet(before: node, since: invocation)
      } else if node != reader {
        found.append(VersionPair(before: other, after: version))
      }
    }
  }

  @inline(__always) private mutating func meet(before node: UInt32, since invocation: UInt32) {
    for place in Int(starts[Int(node)])..<Int(starts[Int(node) + 1]) {
      let source = sources[place]
      if met[Int(source)] == searches { continue }
      met[Int(source)] = searches
      if history.transactions.completions[Int(history.committed[Int(source)])] < invocation { continue }
      queue.append(source)
    }
  }
}
