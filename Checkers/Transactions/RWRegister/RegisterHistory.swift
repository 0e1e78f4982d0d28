import Histories

/// The versions of registers and who read which of them, in columns of dense numbers.
///
/// A *node* is a committed transaction; of unknown outcome are those that nobody answered for, and one of them counts
/// as committed as soon as anybody read a write of it. A *version* is the last write of a node to a key; before those
/// of a key's writers, in order of their nodes, comes the key's initial version, which has no writer.
struct RegisterHistory {
  static let none = UInt32.max
  /// The source of a read that found nothing.
  static let nothing = UInt32.max - 1

  let transactions: Transactions
  /// By node: its transaction, increasing.
  private(set) var committed: [UInt32] = []
  /// By transaction: its node, or none.
  private(set) var nodes: [UInt32]
  /// By micro-operation: of a known read the place of the write that it shows, `nothing`, or none if nobody wrote that;
  /// of a write its version, none if it is no version.
  private(set) var links: [UInt32]
  /// The versions of key k are `keyStarts[k]..<keyStarts[k + 1]`, the initial one first.
  private(set) var keyStarts: [UInt32] = []
  /// By version: the node that wrote it, none for initial ones.
  private(set) var writers: [UInt32] = []
  /// By version: its key.
  private(set) var keys: [UInt32] = []
  /// By version: the place of the write.
  private(set) var places: [UInt32] = []
  /// Versions that each node wrote, in compressed rows.
  private(set) var writeStarts: [UInt32] = [0]
  private(set) var written: [UInt32] = []
  /// Versions that each node read before any own write to the key, in its order.
  private(set) var readStarts: [UInt32] = [0]
  private(set) var read: [UInt32] = []
  /// Nodes that read each version, in their order; one that read it twice comes twice.
  private(set) var readerStarts: [UInt32] = []
  private(set) var readers: [UInt32] = []

  /// - Parameter knowsInitial: whether a read of nothing shows the version before all others; else it says nothing.
  /// - Throws: `MalformedHistory` for the first read of a value that was written to its key twice.
  init(_ transactions: Transactions, knowsInitial: Bool) throws(MalformedHistory) {
    self.transactions = transactions
    links = Array(repeating: Self.none, count: transactions.operations.count)
    nodes = Array(repeating: Self.none, count: transactions.count)
    let isSeen = try findSources()
    for transaction in 0..<transactions.count
    where transactions.outcomes[transaction] == .ok
      || transactions.outcomes[transaction] == .unknown
        && isSeen[transaction]
    {
      nodes[transaction] = UInt32(committed.count)
      committed.append(UInt32(transaction))
    }
    addVersions()
    addReads(knowsInitial)
    addReaders()
  }

  var count: Int { committed.count }
  var versionCount: Int { writers.count }

  @inline(__always) func versions(ofKey key: Int) -> Range<Int> { Int(keyStarts[key])..<Int(keyStarts[key + 1]) }
  @inline(__always) func isInitial(_ version: UInt32) -> Bool { writers[Int(version)] == Self.none }
  @inline(__always) func writes(of node: Int) -> ArraySlice<UInt32> {
    written[Int(writeStarts[node])..<Int(writeStarts[node + 1])]
  }
  @inline(__always) func readRange(of node: Int) -> Range<Int> { Int(readStarts[node])..<Int(readStarts[node + 1]) }
  @inline(__always) func reads(of node: Int) -> ArraySlice<UInt32> { read[readRange(of: node)] }
  @inline(__always) func readers(of version: Int) -> ArraySlice<UInt32> {
    readers[Int(readerStarts[version])..<Int(readerStarts[version + 1])]
  }

  /// The version of the key that the node wrote, or none.
  func version(of key: UInt32, by node: Int) -> UInt32 {
    writes(of: node).first { keys[Int($0)] == key } ?? Self.none
  }

  /// The rows of the nodes in a graph of their dependencies.
  var rows: [TransactionGraph.Row] {
    committed.enumerated().map { node, number in
      let transaction = Int(number)
      return TransactionGraph.Row(
        invocation: transactions.invocations[transaction], completion: transactions.completions[transaction],
        process: transactions.processes[transaction], isUpdate: writeStarts[node] != writeStarts[node + 1])
    }
  }

  // MARK: Lowering

  /// Links every known read to the write that it shows.
  ///
  /// - Returns: by transaction, whether anybody read a write of it.
  private mutating func findSources() throws(MalformedHistory) -> [Bool] {
    let operations = transactions.operations
    let index = WriteIndex(operations)
    var isSeen = [Bool](repeating: false, count: transactions.count)
    for place in operations.indices where operations[place].isKnown {
      if operations[place].value.isNull {
        links[place] = Self.nothing
        continue
      }
      let source = index.find(operations[place].key, operations[place].value, operations)
      links[place] = source
      if source == Self.none { continue }
      if let second = index.repetitions[source] { throw repeated(source, second, readAt: place) }
      isSeen[Int(operations[Int(source)].transaction)] = true
    }
    return isSeen
  }

  private func repeated(_ first: UInt32, _ second: UInt32, readAt place: Int) -> MalformedHistory {
    func event(_ place: Int) -> UInt32 { transactions.invocations[Int(transactions.operations[place].transaction)] }
    let read = transactions.operations[place]
    return MalformedHistory(
      index: Int(event(place)),
      message: "read \(transactions.values.value(read.value)) of key \(transactions.key(read.key)), which was "
        + "written twice (at events \(event(Int(first))) and \(event(Int(second)))): every write to a key needs a value "
        + "of its own")
  }

  private mutating func addVersions() {
    let operations = transactions.operations
    let keyCount = transactions.keys.count
    // By key: the node that was looked at last, from its end, so that a later write to the key was met before.
    var last = [UInt32](repeating: Self.none, count: keyCount)
    keyStarts = Array(repeating: 0, count: keyCount + 1)
    for key in 0..<keyCount { keyStarts[key + 1] = 1 }
    for (node, transaction) in committed.enumerated() {
      for place in transactions.micro(Int(transaction)).reversed() where operations[place].kind == .write {
        let key = Int(operations[place].key)
        if last[key] == UInt32(node) { continue }
        last[key] = UInt32(node)
        keyStarts[key + 1] += 1
        written.append(UInt32(place))
      }
      writeStarts.append(UInt32(written.count))
    }
    for key in 0..<keyCount { keyStarts[key + 1] += keyStarts[key] }
    number(Int(keyStarts[keyCount]))
  }

  /// Replaces the places in `written` by versions.
  private mutating func number(_ count: Int) {
    let operations = transactions.operations
    writers = Array(repeating: Self.none, count: count)
    keys = Array(repeating: 0, count: count)
    places = Array(repeating: Self.none, count: count)
    var next = keyStarts
    for key in 0..<keyStarts.count - 1 {
      keys[Int(next[key])] = UInt32(key)
      next[key] += 1
    }
    for node in 0..<committed.count {
      for slot in Int(writeStarts[node])..<Int(writeStarts[node + 1]) {
        let place = Int(written[slot])
        let key = Int(operations[place].key)
        let version = next[key]
        next[key] += 1
        (writers[Int(version)], keys[Int(version)], places[Int(version)]) = (UInt32(node), UInt32(key), UInt32(place))
        links[place] = version
        written[slot] = version
      }
    }
  }

  private mutating func addReads(_ knowsInitial: Bool) {
    let operations = transactions.operations
    read.reserveCapacity(operations.count / 2)
    // By key: the node that wrote to it last.
    var own = [UInt32](repeating: Self.none, count: transactions.keys.count)
    for (node, transaction) in committed.enumerated() {
      for place in transactions.micro(Int(transaction)) {
        let key = Int(operations[place].key)
        if operations[place].kind == .write {
          own[key] = UInt32(node)
        } else if operations[place].isKnown, own[key] != UInt32(node) {
          let version = version(shownAt: place, key, knowsInitial)
          if version != Self.none, writers[Int(version)] != UInt32(node) { read.append(version) }
        }
      }
      readStarts.append(UInt32(read.count))
    }
  }

  @inline(__always) private func version(shownAt place: Int, _ key: Int, _ knowsInitial: Bool) -> UInt32 {
    let source = links[place]
    if source == Self.nothing { return knowsInitial ? keyStarts[key] : Self.none }
    return source == Self.none ? Self.none : links[Int(source)]
  }

  private mutating func addReaders() {
    readerStarts = Array(repeating: 0, count: versionCount + 1)
    for version in read { readerStarts[Int(version) + 1] += 1 }
    for version in 0..<versionCount { readerStarts[version + 1] += readerStarts[version] }
    var next = readerStarts
    readers = Array(repeating: 0, count: read.count)
    for node in 0..<committed.count {
      for slot in Int(readStarts[node])..<Int(readStarts[node + 1]) {
        let version = Int(read[slot])
        readers[Int(next[version])] = UInt32(node)
        next[version] += 1
      }
    }
  }
}
