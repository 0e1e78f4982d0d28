/// Guarantees to a session, each a rule of what its reads may not miss (Terry and others, "Session Guarantees for Weakly
/// Consistent Replicated Data", PDIS 1994).
enum SessionGuarantee: Hashable, CaseIterable {
  case readYourWrites
  case monotonicReads
  /// The half about reads: whoever sees a write sees those before it in its session.
  case monotonicWrites
  /// The half about reads: whoever sees a write sees what its session had read before.
  case writesFollowReads
  /// What the first three say together of later reads in the session of whoever saw a write.
  case pram

  /// What a read that breaks it is called.
  var anomaly: TransactionAnomaly {
    switch self {
    case .readYourWrites: .missingYourWrites
    case .monotonicReads: .nonmonotonicReads
    case .monotonicWrites, .pram: .nonmonotonicWrites
    case .writesFollowReads: .missingReadWriteDependency
    }
  }
}

/// Finds reads that miss what a guarantee to sessions says they show.
///
/// Every append is a write of its own, as in that paper: a read misses whatever its list does not have, also of a
/// transaction that it shows in part. It is from the transaction that wrote the version that was read from outside, its
/// source. Sessions are processes; transactions of one come in their order, and what one transaction reads and writes has
/// no order of its own (Bailis and others, "Highly Available Transactions", VLDB 2014, appendix), so that no read misses
/// what its own transaction wrote.
struct SessionAnalysis {
  /// What a session did to a key, in its order, up to and with one transaction: what reaches furthest in the order of
  /// the key's versions, and what reaches furthest of another writer.
  private struct Reach {
    struct Entry {
      /// The first length of a read that misses nothing of it.
      var end: Int
      /// Who wrote the version.
      var writer: UInt32
      /// Who did something with it: the writer, or one that read it.
      var actor: UInt32
    }

    /// Entries that are kept: one more than the transactions whose writes are left out of a question.
    static let entriesMax = 3

    /// Position of the last transaction in the session.
    var index: UInt32
    /// Of different writers, the furthest first.
    var entries: [Entry]

    mutating func add(_ entry: Entry) {
      if let known = entries.firstIndex(where: { $0.writer == entry.writer }) {
        if entries[known].end >= entry.end { return }
        entries.remove(at: known)
      }
      entries.insert(entry, at: entries.firstIndex { $0.end < entry.end } ?? entries.count)
      if entries.count > Self.entriesMax { entries.removeLast() }
    }

    /// The furthest that the read can miss.
    ///
    /// - Parameter other: whose writes do not count either; none for nobody.
    func furthest(for read: VersionOrders.Read, besides other: UInt32) -> Entry? {
      entries.first { $0.writer != read.reader && $0.writer != other }
    }
  }

  private struct Place: Hashable {
    var key: Int
    var session: UInt32
  }

  private let graph: TransactionGraph
  private let budget: SearchBudget
  /// By node: its session, and its position there.
  private var sessions: [UInt32] = []
  private var indices: [UInt32] = []
  /// By node: its reads are `reads[starts[n]..<starts[n + 1]]`.
  private let reads: [VersionOrders.Read]
  private var starts: [Int]
  private var written: [Place: [Reach]] = [:]
  private var read: [Place: [Reach]] = [:]
  /// By session: its nodes.
  private var members: [[UInt32]] = []

  init(_ graph: TransactionGraph, _ versions: VersionOrders, _ budget: SearchBudget) {
    (self.graph, self.budget) = (graph, budget)
    reads = versions.reads.sorted { ($0.reader, $0.key, $0.length) < ($1.reader, $1.key, $1.length) }
    starts = Array(repeating: 0, count: graph.count + 1)
    for read in reads { starts[Int(read.reader) + 1] += 1 }
    for node in 0..<graph.count { starts[node + 1] += starts[node] }
    findSessions()
    for (key, orders) in versions.keys.enumerated() { addWrites(key, orders) }
    addReads(versions.keys)
  }

  private mutating func findSessions() {
    sessions = Array(repeating: TransactionGraph.none, count: graph.count)
    indices = Array(repeating: 0, count: graph.count)
    for first in 0..<UInt32(graph.count) where sessions[Int(first)] == TransactionGraph.none {
      var nodes: [UInt32] = []
      var node = first
      while node != TransactionGraph.none {
        sessions[Int(node)] = UInt32(members.count)
        indices[Int(node)] = UInt32(nodes.count)
        nodes.append(node)
        node = graph.nextInProcess[Int(node)]
      }
      members.append(nodes)
    }
  }

  private mutating func addWrites(_ key: Int, _ orders: VersionOrders.Key) {
    var ends: [UInt32: Int] = [:]
    for (position, writer) in orders.seen.enumerated() { ends[writer] = position + 1 }
    for writer in orders.unseen { ends[writer] = .max }
    for writer in ends.keys.sorted() {
      Self.add(
        .init(end: ends[writer] ?? 0, writer: writer, actor: writer), indices[Int(writer)],
        to: &written[Place(key: key, session: sessions[Int(writer)]), default: []])
    }
  }

  /// What a read shows reaches as far as its last element; without those of one or two writers, less far.
  private mutating func addReads(_ keys: [VersionOrders.Key]) {
    let ends = keys.map { Self.ends($0.seen) }
    for read in reads where read.length > 0 {
      let seen = keys[read.key].seen
      let (second, third) = ends[read.key][read.length - 1]
      for end in [read.length, second, third] where end > 0 {
        Self.add(
          .init(end: end, writer: seen[end - 1], actor: read.reader), indices[Int(read.reader)],
          to: &self.read[Place(key: read.key, session: sessions[Int(read.reader)]), default: []])
      }
    }
  }

  /// By position: the end of what comes before without its writer, and of what comes before without that one's too; 0
  /// where there is nothing.
  private static func ends(_ seen: [UInt32]) -> [(second: Int, third: Int)] {
    var ends: [(second: Int, third: Int)] = []
    for (position, writer) in seen.enumerated() {
      if position > 0, seen[position - 1] == writer {
        ends.append(ends[position - 1])
        continue
      }
      guard position > 0 else {
        ends.append((0, 0))
        continue
      }
      let before = ends[position - 1]
      let isBack = before.second > 0 && seen[before.second - 1] == writer
      ends.append((position, isBack ? before.third : before.second))
    }
    return ends
  }

  /// - Parameter index: not less than that of anything added before.
  private static func add(_ entry: Reach.Entry, _ index: UInt32, to reaches: inout [Reach]) {
    guard var last = reaches.last else { return reaches.append(Reach(index: index, entries: [entry])) }
    last.add(entry)
    if last.index == index {
      reaches[reaches.count - 1] = last
    } else {
      last.index = index
      reaches.append(last)
    }
  }

  /// What a session had done to the key before a position, if a read of this length misses it.
  private func missed(
    _ table: [Place: [Reach]], _ place: Place, before end: UInt32, by read: VersionOrders.Read,
    besides other: UInt32 = TransactionGraph.none
  ) -> Reach.Entry? {
    guard let reaches = table[place] else { return nil }
    var (low, high) = (0, reaches.count)
    while low < high {
      let middle = (low + high) / 2
      if reaches[middle].index < end { low = middle + 1 } else { high = middle }
    }
    guard low > 0, let entry = reaches[low - 1].furthest(for: read, besides: other), entry.end > read.length else {
      return nil
    }
    return entry
  }

  // MARK: Guarantees

  func decide(_ guarantee: SessionGuarantee) -> CycleAnalysis.Outcome {
    if guarantee == .pram { return pram() }
    for node in 0..<UInt32(graph.count) {
      let own = reads[starts[Int(node)]..<starts[Int(node) + 1]]
      if own.isEmpty { continue }
      let sources = Set(own.map(\.source)).subtracting([TransactionGraph.none]).sorted()
      for read in own {
        guard budget.goesOn(after: 1 + sources.count) else { return .unknown(budget.reason) }
        if let walk = walk(guarantee, read, sources) { return .broken(walk) }
      }
    }
    return .holds
  }

  /// The cycle that a read closes because of what it misses.
  private func walk(
    _ guarantee: SessionGuarantee, _ read: VersionOrders.Read, _ sources: [UInt32]
  ) -> TransactionCycle? {
    let own = Place(key: read.key, session: sessions[Int(read.reader)])
    let index = indices[Int(read.reader)]
    switch guarantee {
    case .readYourWrites:
      return missed(written, own, before: index, by: read).map {
        Self.walk(read.reader, [(.dependency(.readWrite), $0.writer), (.process, read.reader)])
      }
    case .monotonicReads:
      return missed(self.read, own, before: index, by: read).map {
        Self.walk(
          read.reader,
          [(.dependency(.readWrite), $0.writer), (.dependency(.writeRead), $0.actor), (.process, read.reader)])
      }
    case .monotonicWrites:
      return sources.lazy.compactMap { source in
        missed(written, place(read.key, source), before: indices[Int(source)], by: read).map {
          Self.walk(
            read.reader,
            [(.dependency(.readWrite), $0.writer), (.process, source), (.dependency(.writeRead), read.reader)])
        }
      }.first
    case .writesFollowReads:
      return sources.lazy.compactMap { source in
        // What the source wrote itself is nothing that it wrote after having read it.
        missed(self.read, place(read.key, source), before: indices[Int(source)] + 1, by: read, besides: source).map {
          Self.walk(
            read.reader,
            [
              (.dependency(.readWrite), $0.writer), (.dependency(.writeRead), $0.actor), (.process, source),
              (.dependency(.writeRead), read.reader),
            ])
        }
      }.first
    case .pram: return nil
    }
  }

  private func place(_ key: Int, _ node: UInt32) -> Place { Place(key: key, session: sessions[Int(node)]) }

  /// The cycle of a read that misses a version, from its reader on: without steps that lead nowhere, and without ways
  /// from a transaction to itself.
  static func walk(
    _ start: UInt32, _ steps: [(link: TransactionCycle.Link, target: UInt32)]
  ) -> TransactionCycle {
    var source = start
    var cycle = TransactionCycle(steps: [])
    for step in steps where step.target != source {
      cycle.steps.append(.init(source: source, link: step.link, target: step.target))
      source = step.target
    }
    return cycle.piece { $0.steps.first?.link == .dependency(.readWrite) } ?? cycle
  }

  /// What a session saw of another one stays seen: reads after it do not miss what that one had written before.
  private func pram() -> CycleAnalysis.Outcome {
    for session in members {
      // By session: the last of its transactions that this one read from so far, and who did.
      var seen: [UInt32: (source: UInt32, reader: UInt32)] = [:]
      for node in session {
        let own = reads[starts[Int(node)]..<starts[Int(node) + 1]]
        for read in own {
          for (other, last) in seen.sorted(by: { $0.key < $1.key }) {
            guard budget.goesOn(after: 1) else { return .unknown(budget.reason) }
            let place = Place(key: read.key, session: other)
            guard let entry = missed(written, place, before: indices[Int(last.source)], by: read) else { continue }
            let walk = Self.walk(
              node,
              [
                (.dependency(.readWrite), entry.writer), (.process, last.source),
                (.dependency(.writeRead), last.reader), (.process, node),
              ])
            return .broken(walk)
          }
        }
        for read in own where read.source != TransactionGraph.none {
          let other = sessions[Int(read.source)]
          if let last = seen[other], indices[Int(last.source)] >= indices[Int(read.source)] { continue }
          seen[other] = (read.source, node)
        }
      }
    }
    return .holds
  }
}
