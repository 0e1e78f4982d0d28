/// One version of a key that comes before another one, which is not the initial one.
struct VersionPair: Hashable {
  var before: UInt32
  var after: UInt32
}

/// A read of nothing in a key that somebody wrote who must have been seen.
struct MissedWrite: Hashable {
  var reader: UInt32
  /// The version that the reader should have seen, or a later one.
  var version: UInt32
}

/// What one rule says of the order of versions.
struct InferredOrder {
  var pairs: [VersionPair] = []
  var missed: [MissedWrite] = []

  /// Notes that the version comes before the one that the reader saw.
  @inline(__always)
  mutating func add(_ version: UInt32, before seen: UInt32, readBy reader: UInt32, _ history: RegisterHistory) {
    if version == seen || history.isInitial(version) { return }
    if history.isInitial(seen) {
      missed.append(MissedWrite(reader: reader, version: version))
    } else {
      pairs.append(VersionPair(before: version, after: seen))
    }
  }
}

/// Which transactions come in which order, as far as each rule tells (CHECKERS 2, rw-register).
///
/// Each rule follows from the levels that it serves, never from a user's word: what real time says of a key holds where
/// the level itself demands real time.
enum VersionInference {
  /// A transaction that read a version and then wrote the key wrote a later one: else there would be a cycle of a write
  /// and a read dependency. For read committed and above.
  static func followingReads(_ history: RegisterHistory) -> InferredOrder {
    var order = InferredOrder()
    order.pairs.reserveCapacity(history.read.count / 2)
    for node in 0..<history.count where !history.writes(of: node).isEmpty {
      for version in history.reads(of: node) where !history.isInitial(version) {
        let own = history.version(of: history.keys[Int(version)], by: node)
        if own != RegisterHistory.none { order.pairs.append(VersionPair(before: version, after: own)) }
      }
    }
    return order
  }

  /// Whoever saw one write of a transaction sees all: what it shows of another key is that transaction's version or a
  /// later one. For read atomic and above (Cerone, Bernardi and Gotsman 2015).
  static func seenTogether(_ history: RegisterHistory) -> InferredOrder {
    var order = InferredOrder()
    // By key: the place in `history.read` of the last read that was met.
    var last = [UInt32](repeating: RegisterHistory.none, count: history.transactions.keys.count)
    for node in 0..<history.count {
      let range = history.readRange(of: node)
      if range.count < 2 { continue }
      for slot in range { last[Int(history.keys[Int(history.read[slot])])] = UInt32(slot) }
      for slot in range { addSeen(at: slot, by: node, range, last, history, &order) }
    }
    return order
  }

  /// The same of reads after the one that saw the transaction, for monotonic atomic view (Bailis and others, 2014): its
  /// effects never vanish again.
  static func neverVanishing(_ history: RegisterHistory) -> InferredOrder {
    var order = InferredOrder()
    // By key: the place in `history.read` of the first read after the one at hand.
    var next = [UInt32](repeating: RegisterHistory.none, count: history.transactions.keys.count)
    for node in 0..<history.count {
      let range = history.readRange(of: node)
      if range.count < 2 { continue }
      for slot in range.reversed() {
        addSeen(at: slot, by: node, range, next, history, &order)
        next[Int(history.keys[Int(history.read[slot])])] = UInt32(slot)
      }
    }
    return order
  }

  /// The versions of the transaction that a read saw come before what the reads `places` show of their keys.
  @inline(__always) private static func addSeen(
    at slot: Int, by node: Int, _ range: Range<Int>, _ places: [UInt32], _ history: RegisterHistory,
    _ order: inout InferredOrder
  ) {
    let writer = history.writers[Int(history.read[slot])]
    if writer == RegisterHistory.none { return }
    for version in history.writes(of: Int(writer)) {
      let other = Int(places[Int(history.keys[Int(version)])])
      if range.contains(other) { order.add(version, before: history.read[other], readBy: UInt32(node), history) }
    }
  }

  /// What a process saw of a key it never sees an older version of. For levels with the order of processes.
  static func ofProcesses(_ history: RegisterHistory, _ graph: TransactionGraph) -> InferredOrder {
    var order = InferredOrder()
    // By key: the version that the process at hand saw last, and the first node of that process.
    var seen = [UInt32](repeating: RegisterHistory.none, count: history.transactions.keys.count)
    var owner = seen
    var isLater = [Bool](repeating: false, count: history.count)
    for next in graph.nextInProcess where next != TransactionGraph.none { isLater[Int(next)] = true }
    for first in 0..<history.count where !isLater[first] {
      var node = UInt32(first)
      while node != TransactionGraph.none {
        let (reads, writes) = (history.reads(of: Int(node)), history.writes(of: Int(node)))
        for versions in [reads, writes] {
          for version in versions where owner[Int(history.keys[Int(version)])] == UInt32(first) {
            order.add(seen[Int(history.keys[Int(version)])], before: version, readBy: node, history)
          }
        }
        for versions in [reads, writes] {
          for version in versions {
            let key = Int(history.keys[Int(version)])
            (seen[key], owner[key]) = (version, UInt32(first))
          }
        }
        node = graph.nextInProcess[Int(node)]
      }
    }
    return order
  }
}
