import Histories

/// What pairs of transactions show to be wrong, of those that are on a cycle: nobody else can be part of it, since each
/// of these anomalies is a short cycle.
struct ListPairAnomalies {
  private let dependencies: ListDependencies
  private(set) var found: [LocalAnomaly] = []
  private var counts: [TransactionAnomaly: Int] = [:]

  /// - Parameter nodes: of the dependencies' graph.
  init(_ dependencies: ListDependencies, among nodes: [UInt32]) {
    self.dependencies = dependencies
    var unseen: [UInt64: UInt32] = [:]
    for node in nodes {
      scanLostUpdates(node, &unseen)
      scanFracturedReads(node)
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

  /// The first own append to the key among these micro-operations.
  private func ownAppend(_ key: UInt32, _ places: Range<Int>) -> Int? {
    places.first { transactions.operations[$0].key == key && transactions.operations[$0].kind == .write }
  }

  // MARK: Lost updates

  /// A version that the transaction read and replaced, while somebody else's came in between (Adya 1999, G-cursor).
  ///
  /// - Parameter unseen: by key and length, who read that version as the last and appended something that nobody saw.
  private mutating func scanLostUpdates(_ node: UInt32, _ unseen: inout [UInt64: UInt32]) {
    let transaction = dependencies.committed[Int(node)]
    let places = transactions.micro(Int(transaction))
    for place in places where transactions.operations[place].isKnown {
      let key = transactions.operations[place].key
      guard versions.lengths[place] != ListVersions.none, ownAppend(key, places.lowerBound..<place) == nil,
        let append = ownAppend(key, place + 1..<places.upperBound)
      else { continue }
      let length = Int(versions.lengths[place])
      let source = source(of: place, places, node) ?? TransactionGraph.none
      let other = dependencies.overwriter(of: key, length, besides: source)
      if other != TransactionGraph.none, other != node, isBefore(other, append, key, length) {
        addLostUpdate(key, transaction, dependencies.committed[Int(other)])
      } else if versions.positions[append] == ListVersions.none, length == versions.count(key) {
        let version = UInt64(key) << 32 | UInt64(length)
        if let other = unseen.updateValue(transaction, forKey: version), other != transaction {
          addLostUpdate(key, transaction, other)
        }
      }
    }
  }

  /// Whether the node wrote an element of the key after the version of this length and before the append.
  private func isBefore(_ node: UInt32, _ append: Int, _ key: UInt32, _ length: Int) -> Bool {
    let end = versions.positions[append] == ListVersions.none ? versions.count(key) : Int(versions.positions[append])
    return (length..<max(length, end)).contains { position in
      let writer = versions.firstWriter(key, position)
      guard writer != ListVersions.none else { return false }
      return dependencies.nodes[Int(transactions.operations[Int(writer)].transaction)] == node
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
    let places = transactions.micro(Int(transaction))
    for first in places {
      guard let source = source(of: first, places, node) else { continue }
      for second in places where second != first {
        guard isExternal(second, places), let missed = missedAppend(of: source, by: second) else { continue }
        let (saw, missing) = (transactions.operations[first].key, transactions.operations[missed].key)
        add(
          second > first ? .observedTransactionVanishes : .fracturedRead,
          [transaction, dependencies.committed[Int(source)]],
          "a transaction saw another's append to key \(key(saw)), but not its append to key \(key(missing))")
      }
    }
  }

  private func isExternal(_ place: Int, _ places: Range<Int>) -> Bool {
    let operation = transactions.operations[place]
    return operation.isKnown && versions.lengths[place] != ListVersions.none
      && ownAppend(operation.key, places.lowerBound..<place) == nil
  }

  /// The node that wrote the version read here, if it is another one.
  private func source(of place: Int, _ places: Range<Int>, _ node: UInt32) -> UInt32? {
    guard isExternal(place, places), versions.lengths[place] > 0 else { return nil }
    let append = versions.firstWriter(transactions.operations[place].key, Int(versions.lengths[place]) - 1)
    guard append != ListVersions.none else { return nil }
    let source = dependencies.nodes[Int(transactions.operations[Int(append)].transaction)]
    return source == TransactionGraph.none || source == node ? nil : source
  }

  /// An append of the node to the key of this read that the read does not show.
  private func missedAppend(of node: UInt32, by read: Int) -> Int? {
    let key = transactions.operations[read].key
    return transactions.micro(Int(dependencies.committed[Int(node)])).first { place in
      transactions.operations[place].key == key && transactions.operations[place].kind == .write
        && (versions.positions[place] == ListVersions.none || versions.positions[place] >= versions.lengths[read])
    }
  }
}
