import Histories

/// What pairs of transactions show to be wrong, of those that are on a cycle: nearly nobody else can be part of it, since
/// each of these anomalies is a short cycle.
///
/// The exception is a read that shows a part of what its source appended to the key, and no less than its last append: its
/// source's appends are disordered. What is missing makes no version of its own, and so no cycle.
struct ListPairAnomalies {
  private let dependencies: ListDependencies
  private(set) var found: [LocalAnomaly] = []
  private(set) var counts: [TransactionAnomaly: Int] = [:]

  /// - Parameters:
  ///   - nodes: of the dependencies' graph, those on cycles.
  ///   - disordered: transactions whose appends to a key are shown in another order than theirs, or not all of them.
  init(_ dependencies: ListDependencies, among nodes: [UInt32], seeing disordered: Set<UInt32>) {
    self.dependencies = dependencies
    var unseen: [UInt64: UInt32] = [:]
    for node in nodes {
      scanLostUpdates(node, &unseen)
      scanFracturedReads(node)
    }
    if disordered.isEmpty { return }
    let known = Set(nodes)
    for node in 0..<UInt32(dependencies.committed.count) where !known.contains(node) && sees(node, disordered) {
      scanFracturedReads(node)
    }
  }

  /// Whether the node read a version of one of these transactions.
  private func sees(_ node: UInt32, _ others: Set<UInt32>) -> Bool {
    transactions.micro(Int(dependencies.committed[Int(node)])).contains { place in
      guard isExternal(place), let source = source(of: place, node) else { return false }
      return others.contains(dependencies.committed[Int(source)])
    }
  }

  private var transactions: Transactions { dependencies.transactions }
  private var versions: ListVersions { dependencies.versions }
  private func key(_ key: UInt32) -> String { transactions.key(key).json }

  private mutating func add(_ anomaly: TransactionAnomaly, _ transactions: [UInt32], _ summary: String) {
    counts[anomaly, default: 0] += 1
    if counts[anomaly, default: 0] > ListAnomalies.shownMax { return }
    found.append(LocalAnomaly(anomaly: anomaly, transactions: transactions, summary: summary))
  }

  // MARK: Lost updates

  /// A version that the transaction read and replaced, while somebody else's came in between (Adya 1999, G-cursor).
  ///
  /// - Parameter unseen: by key and length, who read that version as the last and appended something that nobody saw.
  private mutating func scanLostUpdates(_ node: UInt32, _ unseen: inout [UInt64: UInt32]) {
    let transaction = dependencies.committed[Int(node)]
    let places = transactions.micro(Int(transaction))
    // The first write of a key comes after all reads of it that are from outside.
    var firstWrites: [UInt32: Int] = [:]
    for place in places where transactions.operations[place].kind == .write && !transactions.operations[place].isOwn {
      firstWrites[transactions.operations[place].key] = place
    }
    for place in places where isExternal(place) {
      let key = transactions.operations[place].key
      guard let append = firstWrites[key] else { continue }
      let length = Int(versions.lengths[place])
      let source = source(of: place, node) ?? TransactionGraph.none
      let end = versions.positions[append] == ListVersions.none ? versions.count(key) : Int(versions.positions[append])
      if let other = dependencies.overwriting(of: key, length, besides: source), other.node != node,
        other.position < end
      {
        addLostUpdate(key, transaction, dependencies.committed[Int(other.node)])
      } else if versions.positions[append] == ListVersions.none, length == versions.count(key) {
        let version = UInt64(key) << 32 | UInt64(length)
        if let other = unseen.updateValue(transaction, forKey: version), other != transaction {
          addLostUpdate(key, transaction, other)
        }
      }
    }
  }

  private mutating func addLostUpdate(_ key: UInt32, _ transaction: UInt32, _ other: UInt32) {
    add(
      .lostUpdate, [transaction, other],
      "key \(self.key(key)): a transaction appended to a version that it had read, without the append that another made to that version"
    )
  }

  // MARK: Fractured reads

  /// A transaction that saw one write of another must see all of them (Cerone, Bernardi and Gotsman 2015, axiom EXT with
  /// atomic visibility); from when it saw the first, in the weaker form of Bailis and others (2014).
  private mutating func scanFracturedReads(_ node: UInt32) {
    let transaction = dependencies.committed[Int(node)]
    // By key: the reads from outside. By node: the first and the last of those that show a version of it.
    var reads: [UInt32: [Int]] = [:]
    var seen: [UInt32: (first: Int, last: Int)] = [:]
    var order: [UInt32] = []
    for place in transactions.micro(Int(transaction)) where isExternal(place) {
      reads[transactions.operations[place].key, default: []].append(place)
      guard let source = source(of: place, node) else { continue }
      if seen[source] == nil { order.append(source) }
      seen[source] = (seen[source]?.first ?? place, place)
    }
    for source in order {
      guard let seen = seen[source] else { continue }
      for write in transactions.micro(Int(dependencies.committed[Int(source)]))
      where transactions.operations[write].kind == .write {
        for read in reads[transactions.operations[write].key] ?? [] where misses(read, write) {
          if seen.first < read {
            addFractured(.observedTransactionVanishes, transaction, source, seen.first, write)
          } else if seen.last > read {
            addFractured(.fracturedRead, transaction, source, seen.last, write)
          }
        }
      }
    }
  }

  private mutating func addFractured(
    _ anomaly: TransactionAnomaly, _ reader: UInt32, _ source: UInt32, _ seen: Int, _ missed: Int
  ) {
    let (saw, missing) = (transactions.operations[seen].key, transactions.operations[missed].key)
    add(
      anomaly, [reader, dependencies.committed[Int(source)]],
      "a transaction saw another's append to key \(key(saw)), but not its append to key \(key(missing))")
  }

  private func isExternal(_ place: Int) -> Bool {
    transactions.operations[place].isExternal && versions.lengths[place] != ListVersions.none
  }

  /// The node that wrote the version read here from outside, if it is another one.
  private func source(of place: Int, _ node: UInt32) -> UInt32? {
    guard versions.lengths[place] > 0 else { return nil }
    let source = dependencies.maker(transactions.operations[place].key, Int(versions.lengths[place]) - 1)
    return source == TransactionGraph.none || source == node ? nil : source
  }

  /// Whether the read does not show the append to its key.
  private func misses(_ read: Int, _ append: Int) -> Bool {
    versions.positions[append] == ListVersions.none || versions.positions[append] >= versions.lengths[read]
  }
}
