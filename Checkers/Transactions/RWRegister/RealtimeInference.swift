/// What real time says of the versions of one key: one that somebody saw, or wrote, who had completed before another
/// version was seen, or written, by somebody who was invoked then, comes before that one.
///
/// That is the order of blocks of Gibbons and Korach ("Testing shared memories", 1997): version v before w if
/// `firstEnd(v) < lastStart(w)`. Only pairs are given that do not follow from others, or from real time between the
/// transactions themselves.
struct RealtimeInference {
  /// Versions to compare one version with.
  static let candidatesMax = 256

  private let history: RegisterHistory
  /// By version: the first completion, and the last invocation, of its writer and its readers, as event indices.
  private var firstEnd: [UInt32]
  private var lastStart: [UInt32]
  /// By version: the reader that was invoked last, or none.
  private var lastReader: [UInt32]
  /// The versions of each key by `firstEnd`: places as those of the key's versions.
  private var sorted: [UInt32] = []

  init(_ history: RegisterHistory) {
    self.history = history
    firstEnd = Array(repeating: Transactions.never, count: history.versionCount)
    lastStart = Array(repeating: 0, count: history.versionCount)
    lastReader = Array(repeating: RegisterHistory.none, count: history.versionCount)
    measure()
    sort()
  }

  /// The first completion of each node, or of a reader of what it wrote: until then it must have taken place.
  var deadlines: [UInt32] {
    (0..<history.count).map { node in
      var deadline = history.transactions.completions[Int(history.committed[node])]
      for version in history.writes(of: node) { deadline = min(deadline, firstEnd[Int(version)]) }
      return deadline
    }
  }

  /// Whether real time says that the first of two versions of a key comes before the second.
  @inline(__always) func precedes(_ first: UInt32, _ second: UInt32) -> Bool {
    firstEnd[Int(first)] < lastStart[Int(second)]
  }

  private mutating func measure() {
    let transactions = history.transactions
    for node in 0..<history.count {
      let transaction = Int(history.committed[node])
      let (start, end) = (transactions.invocations[transaction], transactions.completions[transaction])
      for version in history.writes(of: node) {
        firstEnd[Int(version)] = min(firstEnd[Int(version)], end)
        lastStart[Int(version)] = max(lastStart[Int(version)], start)
      }
      for version in history.reads(of: node) {
        firstEnd[Int(version)] = min(firstEnd[Int(version)], end)
        // Nodes are in order of invocation.
        lastStart[Int(version)] = max(lastStart[Int(version)], start)
        lastReader[Int(version)] = UInt32(node)
      }
    }
  }

  private mutating func sort() {
    var words = [UInt64]()
    words.reserveCapacity(history.versionCount)
    for version in 0..<history.versionCount { words.append(UInt64(firstEnd[version]) << 32 | UInt64(version)) }
    RadixSort.sort(&words, fromBit: 32)
    var next = history.keyStarts
    sorted = Array(repeating: 0, count: history.versionCount)
    for word in words {
      let version = UInt32(truncatingIfNeeded: word)
      let key = Int(history.keys[Int(version)])
      sorted[Int(next[key])] = version
      next[key] += 1
    }
  }

  var order: InferredOrder {
    var order = InferredOrder()
    for key in 0..<history.keyStarts.count - 1 {
      let range = history.versions(ofKey: key)
      if range.count < 2 { continue }
      for version in range { addPredecessors(of: UInt32(version), range, &order) }
    }
    return order
  }

  /// The versions that end before this one is seen, the last first, as long as they do not precede one of these.
  private func addPredecessors(of version: UInt32, _ range: Range<Int>, _ order: inout InferredOrder) {
    let start = lastStart[Int(version)]
    let writer = history.writers[Int(version)]
    let invocation =
      writer == RegisterHistory.none ? 0 : history.transactions.invocations[Int(history.committed[Int(writer)])]
    if start == invocation { return }
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if firstEnd[Int(sorted[middle])] < start { low = middle + 1 } else { high = middle }
    }
    var latest: UInt32 = 0
    var left = Self.candidatesMax
    while low > range.lowerBound, left > 0 {
      low -= 1
      left -= 1
      let other = sorted[low]
      let end = firstEnd[Int(other)]
      if other == version { continue }
      // It comes before one of those that were noted, or its end before the invocation says it all.
      if end < latest || end < invocation { return }
      order.add(other, before: version, readBy: lastReader[Int(version)], history)
      latest = max(latest, lastStart[Int(other)])
    }
  }

  /// Who saw or wrote the earlier version first, and the later one last.
  func evidence(_ pair: VersionPair) -> (first: UInt32, last: UInt32) {
    func ends(_ version: UInt32) -> [UInt32] {
      history.readers(of: Int(version)) + (history.isInitial(version) ? [] : [history.writers[Int(version)]])
    }
    let transactions = history.transactions
    func transaction(_ node: UInt32) -> Int { Int(history.committed[Int(node)]) }
    let first = ends(pair.before).min {
      transactions.completions[transaction($0)] < transactions.completions[transaction($1)]
    }
    return (first ?? 0, ends(pair.after).max() ?? 0)
  }
}
