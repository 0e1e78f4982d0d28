import Histories

/// The direct dependencies of a list-append history: what each read and each append says of other transactions.
///
/// Of unknown outcome are those transactions that nobody answered for; one is taken for committed as soon as a read
/// shows an element of it, and for one that never happened otherwise.
struct ListDependencies {
  /// Edges from the readers of a whole list to the appends that nobody saw, of one key, at most.
  static let unseenEdgesMax = 4_000_000

  let transactions: Transactions
  let versions: ListVersions
  /// By transaction: its node, or none if it did not commit.
  private(set) var nodes: [UInt32]
  /// By node: its transaction.
  private(set) var committed: [UInt32] = []
  private(set) var pairs: [(source: UInt32, edge: UInt32)] = []
  /// Keys with appends that no read shows, each with the nodes that made them: their order is not known.
  private(set) var unseen: [(key: UInt32, nodes: [UInt32])] = []
  /// By place in `versions`: the node that made the element, or none.
  private var makers: [UInt32] = []
  /// By place in `versions`: the first place from there on, of the same key, whose element has a node; none if there is
  /// none.
  private var nextMade: [UInt32] = []
  /// The same, of another node than that one's.
  private var nextOther: [UInt32] = []
  /// What binds transactions to each other besides dependencies: a read shows or misses what is no direct dependency of
  /// it, as a part of its source's appends. Guarantees to sessions speak of that too.
  private(set) var links: [(source: UInt32, edge: UInt32)] = []
  /// By key: nodes that missed all appends that no read shows, without being among its last readers.
  private var missing: [UInt32: [UInt32]] = [:]
  /// Positions in `pairs` of anti-dependencies between transactions that both read the last version of a key and both
  /// replaced it by what nobody saw: one of each two is really a write dependency, and nobody knows which.
  private var contested: Set<Int> = []
  /// Whether some edges were left out for their number: what is found is right, but not all is found.
  private(set) var isIncomplete = false

  init(_ transactions: Transactions, _ versions: ListVersions) {
    self.transactions = transactions
    self.versions = versions
    nodes = Array(repeating: TransactionGraph.none, count: transactions.count)
    findCommitted()
    findMakers()
    pairs.reserveCapacity(transactions.operations.count * 3 / 2)
    for key in 0..<UInt32(transactions.keys.count) { addWrites(of: key) }
    for node in 0..<committed.count { addReads(of: UInt32(node)) }
    addUnseen()
  }

  var graph: TransactionGraph { TransactionGraph(pairs, rows) }

  /// The graph with the links among its edges; nil where there are none.
  var linked: TransactionGraph? { links.isEmpty ? nil : TransactionGraph(pairs + links, rows) }

  /// The graph without the anti-dependencies of which half are none; nil where there are none of that kind.
  var uncontested: TransactionGraph? {
    if contested.isEmpty { return nil }
    return TransactionGraph(pairs.indices.filter { !contested.contains($0) }.map { pairs[$0] }, rows)
  }

  private var rows: [TransactionGraph.Row] {
    committed.map { number in
      let transaction = Int(number)
      return TransactionGraph.Row(
        invocation: transactions.invocations[transaction], completion: transactions.completions[transaction],
        process: transactions.processes[transaction],
        isUpdate: transactions.micro(transaction).contains { transactions.operations[$0].kind == .write })
    }
  }

  private mutating func findCommitted() {
    for transaction in 0..<transactions.count {
      let isCommitted =
        switch transactions.outcomes[transaction] {
        case .ok: true
        case .failed: false
        case .unknown: transactions.micro(transaction).contains { versions.positions[$0] != ListVersions.none }
        }
      guard isCommitted else { continue }
      nodes[transaction] = UInt32(committed.count)
      committed.append(UInt32(transaction))
    }
  }

  private mutating func findMakers() {
    makers = versions.writers.map { append in
      append == ListVersions.none
        ? TransactionGraph.none : nodes[Int(transactions.operations[Int(append)].transaction)]
    }
    nextMade = Array(repeating: TransactionGraph.none, count: makers.count)
    nextOther = nextMade
    for key in 0..<transactions.keys.count {
      let places = Int(versions.starts[key])..<Int(versions.starts[key + 1])
      for place in places.reversed() {
        // An element that the list shows again makes no version.
        if makers[place] != TransactionGraph.none,
          versions.positions[Int(versions.writers[place])] != UInt32(place - places.lowerBound)
        {
          makers[place] = TransactionGraph.none
        }
        let next = place + 1 < places.upperBound ? nextMade[place + 1] : TransactionGraph.none
        nextMade[place] = makers[place] == TransactionGraph.none ? next : UInt32(place)
        if next != TransactionGraph.none {
          nextOther[place] = makers[Int(next)] == makers[place] ? nextOther[Int(next)] : next
        }
      }
    }
  }

  /// The node that made the n-th element of the key, if that is a version of a transaction that committed.
  func maker(_ key: UInt32, _ position: Int) -> UInt32 { makers[Int(versions.starts[Int(key)]) + position] }

  private mutating func add(_ source: UInt32, _ kind: TransactionGraph.Kind, _ target: UInt32) {
    if source != target { pairs.append((source, TransactionGraph.code(kind, target))) }
  }

  private mutating func addWrites(of key: UInt32) {
    var last = TransactionGraph.none
    for position in 0..<versions.count(key) {
      let node = maker(key, position)
      if node == TransactionGraph.none { continue }
      if last != TransactionGraph.none { add(last, .writeWrite, node) }
      last = node
    }
  }

  private mutating func addReads(of node: UInt32) {
    let micro = transactions.micro(Int(committed[Int(node)]))
    for place in micro where transactions.operations[place].isKnown {
      let (key, length) = (transactions.operations[place].key, versions.outside[place])
      guard length != ListVersions.none else {
        if versions.lengths[place] != ListVersions.none {
          linkShown(node, key, Int(versions.lengths[place]))
          linkMissed(node, key, Int(versions.lengths[place]))
        }
        continue
      }
      var writer = TransactionGraph.none
      if length > 0 {
        writer = maker(key, Int(length) - 1)
        if writer != TransactionGraph.none {
          add(writer, .writeRead, node)
        } else {
          linkShown(node, key, Int(length))
        }
      }
      // After an own write the next version is the own one.
      if transactions.operations[place].isOwn { continue }
      let next = overwriter(of: key, Int(length), besides: writer)
      if next != TransactionGraph.none { add(node, .readWrite, next) }
      if Int(length) < versions.count(key), made(key, Int(length)) == writer, writer != TransactionGraph.none {
        linkMissed(node, key, Int(length))
      }
    }
  }

  // MARK: Links

  /// The node of the first element at or after this position.
  private func made(_ key: UInt32, _ position: Int) -> UInt32 {
    let place = nextMade[Int(versions.starts[Int(key)]) + position]
    return place == TransactionGraph.none ? place : makers[Int(place)]
  }

  /// The node showed a list that ends in what makes no version, or in another element than it has to.
  private mutating func linkShown(_ node: UInt32, _ key: UInt32, _ length: Int) {
    let shown = (0..<length).last { maker(key, $0) != TransactionGraph.none }
    guard let shown, maker(key, shown) != node else { return }
    links.append((maker(key, shown), TransactionGraph.code(.writeRead, node)))
  }

  /// The node missed an element that its next dependency does not tell of.
  private mutating func linkMissed(_ node: UInt32, _ key: UInt32, _ length: Int) {
    let next = length < versions.count(key) ? made(key, length) : TransactionGraph.none
    if next == TransactionGraph.none {
      missing[key, default: []].append(node)
    } else if next != node {
      links.append((node, TransactionGraph.code(.readWrite, next)))
    }
  }

  /// The position of the version after the one of this length, and the node that made it; a later element of the
  /// version's own writer makes no new version.
  func overwriting(of key: UInt32, _ length: Int, besides writer: UInt32) -> (position: Int, node: UInt32)? {
    if length >= versions.count(key) { return nil }
    let start = Int(versions.starts[Int(key)])
    var place = nextMade[start + length]
    if place != TransactionGraph.none, makers[Int(place)] == writer { place = nextOther[Int(place)] }
    return place == TransactionGraph.none ? nil : (Int(place) - start, makers[Int(place)])
  }

  func overwriter(of key: UInt32, _ length: Int, besides writer: UInt32) -> UInt32 {
    overwriting(of: key, length, besides: writer)?.node ?? TransactionGraph.none
  }

  /// The versions of every key, and the reads of each.
  var versionOrders: VersionOrders {
    var orders = VersionOrders(keys: [], reads: [])
    // By key and length: how many of the elements are those of committed transactions.
    var lengths: [[Int]] = []
    for key in 0..<UInt32(transactions.keys.count) {
      let nodes = (0..<versions.count(key)).map { maker(key, $0) }
      lengths.append(nodes.reduce(into: [0]) { $0.append($0[$0.count - 1] + ($1 == TransactionGraph.none ? 0 : 1)) })
      orders.keys.append(.init(seen: nodes.filter { $0 != TransactionGraph.none }))
    }
    for (key, nodes) in unseen { orders.keys[Int(key)].unseen = nodes }
    for node in 0..<committed.count {
      let micro = transactions.micro(Int(committed[node]))
      for place in micro where transactions.operations[place].isKnown {
        let (key, length) = (transactions.operations[place].key, versions.lengths[place])
        if length == ListVersions.none { continue }
        let outside = versions.outside[place]
        let writer =
          outside == ListVersions.none || outside == 0 ? TransactionGraph.none : maker(key, Int(outside) - 1)
        orders.reads.append(
          .init(
            reader: UInt32(node), key: Int(key), length: lengths[Int(key)][Int(length)],
            source: writer == UInt32(node) ? TransactionGraph.none : writer, isOwn: transactions.operations[place].isOwn
          )
        )
      }
    }
    return orders
  }

  // MARK: Appends that no read shows

  /// Appends of committed transactions that no read shows come after everything that was seen: an acknowledged append
  /// followed by a read that misses it must not pass.
  private mutating func addUnseen() {
    var unseen: [(key: UInt32, node: UInt32)] = []
    for (node, transaction) in committed.enumerated() {
      for place in transactions.micro(Int(transaction))
      where transactions.operations[place].kind == .write && versions.positions[place] == ListVersions.none
        && !versions.shownElsewhere.contains(UInt32(place))
      {
        let key = transactions.operations[place].key
        if unseen.last.map({ $0 == (key, UInt32(node)) }) != true { unseen.append((key, UInt32(node))) }
      }
    }
    if unseen.isEmpty { return }
    unseen.sort { ($0.key, $0.node) < ($1.key, $1.node) }
    let readers = lastReaders(of: Set(unseen.map(\.key)))
    var first = 0
    while first < unseen.count {
      var end = first
      while end < unseen.count, unseen[end].key == unseen[first].key { end += 1 }
      let late = Set(unseen[first..<end].map(\.node)).sorted()
      addUnseen(unseen[first].key, late, readers[unseen[first].key] ?? [])
      first = end
    }
  }

  private mutating func addUnseen(_ key: UInt32, _ late: [UInt32], _ readers: [LastReader]) {
    unseen.append((key, late))
    let last = lastWriter(of: key)
    if last != TransactionGraph.none {
      for node in late { add(last, .writeWrite, node) }
    }
    if (readers.count + (missing[key]?.count ?? 0)) * late.count > Self.unseenEdgesMax { isIncomplete = true }
    var left = Self.unseenEdgesMax
    let updaters = Set(late).intersection(readers.map(\.node))
    for reader in readers {
      let isUpdater = updaters.contains(reader.node)
      for node in late where left > 0 {
        left -= 1
        if node == reader.source {
          links.append((reader.node, TransactionGraph.code(.readWrite, node)))
          continue
        }
        if isUpdater, node != reader.node, updaters.contains(node) { contested.insert(pairs.count) }
        add(reader.node, .readWrite, node)
      }
    }
    for reader in missing[key] ?? [] {
      for node in late where left > 0 && node != reader {
        links.append((reader, TransactionGraph.code(.readWrite, node)))
        left -= 1
      }
    }
  }

  private func lastWriter(of key: UInt32) -> UInt32 {
    for position in stride(from: versions.count(key) - 1, through: 0, by: -1) {
      let node = maker(key, position)
      if node != TransactionGraph.none { return node }
    }
    return TransactionGraph.none
  }

  /// A node that read a version after which no other node made one that was seen, and who made that one.
  private struct LastReader {
    var node: UInt32
    /// A later append of this node makes no new version.
    var source: UInt32
  }

  /// By key, of these: who read the last version before they wrote to the key themselves.
  ///
  /// They need not have read the whole list: what comes after may be of the version's own writer, or of transactions
  /// that failed.
  private func lastReaders(of keys: Set<UInt32>) -> [UInt32: [LastReader]] {
    var readers: [UInt32: [LastReader]] = [:]
    for (node, transaction) in committed.enumerated() {
      for place in transactions.micro(Int(transaction)) where transactions.operations[place].isExternal {
        let (key, length) = (transactions.operations[place].key, versions.lengths[place])
        guard length != ListVersions.none, keys.contains(key) else { continue }
        let source = length == 0 ? TransactionGraph.none : maker(key, Int(length) - 1)
        if overwriter(of: key, Int(length), besides: source) == TransactionGraph.none {
          readers[key, default: []].append(LastReader(node: UInt32(node), source: source))
        }
      }
    }
    return readers
  }
}
