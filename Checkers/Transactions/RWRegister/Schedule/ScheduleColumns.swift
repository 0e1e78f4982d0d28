/// A register history as its schedule reads it: columns without bounds checks and reference counts.
struct ScheduleColumns: ~Copyable {
  static let none = UInt32.max

  let count: Int
  let keyCount: Int
  /// By version.
  let keys: Column<UInt32>
  let writers: Column<UInt32>
  /// In compressed rows: versions by node, and nodes by version.
  let writeStarts: Column<UInt32>
  let written: Column<UInt32>
  let readStarts: Column<UInt32>
  let read: Column<UInt32>
  let readerStarts: Column<UInt32>
  let readers: Column<UInt32>
  /// By key.
  let initial: Column<UInt32>
  /// By version: the first completion, and the last invocation, of its writer and its readers, as event indices.
  let firstEnd: Column<UInt32>
  let lastStart: Column<UInt32>
  /// By node: the first completion of it, or of a reader of what it wrote; until then it must have taken place.
  let deadlines: Column<UInt32>
  /// By node: position of its completion among all, or none.
  let ranks: Column<UInt32>
  /// By that position: the node; and the first node that was invoked after it.
  let completed: Column<UInt32>
  let firstAfter: Column<UInt32>
  let rankCount: Int

  init(_ history: RegisterHistory) {
    count = history.count
    keyCount = history.keyStarts.count - 1
    keys = Column(copying: history.keys)
    writers = Column(copying: history.writers)
    writeStarts = Column(copying: history.writeStarts)
    written = Column(copying: history.written)
    readStarts = Column(copying: history.readStarts)
    read = Column(copying: history.read)
    readerStarts = Column(copying: history.readerStarts)
    readers = Column(copying: history.readers)
    initial = Column(copying: history.keyStarts)
    firstEnd = Column(repeating: Transactions.never, count: history.versionCount)
    lastStart = Column(repeating: 0, count: history.versionCount)
    deadlines = Column(repeating: Self.none, count: history.count)
    ranks = Column(repeating: Self.none, count: history.count)
    let transactions = history.transactions
    let invocations = Column(copying: history.committed.map { transactions.invocations[Int($0)] })
    let ends = Column(copying: history.committed.map { transactions.completions[Int($0)] })
    completed = Column(repeating: Self.none, count: history.count)
    firstAfter = Column(repeating: UInt32(history.count), count: history.count + 1)
    rankCount = Self.rank(invocations, ends, ranks, completed, firstAfter)
    measure(invocations, ends)
  }

  /// Sorts the completions by where they are in the history, which is a column as long as it.
  ///
  /// - Returns: how many there are.
  private static func rank(
    _ invocations: borrowing Column<UInt32>, _ ends: borrowing Column<UInt32>, _ ranks: borrowing Column<UInt32>,
    _ completed: borrowing Column<UInt32>, _ firstAfter: borrowing Column<UInt32>
  ) -> Int {
    var last: UInt32 = 0
    for node in 0..<ends.count where ends[node] != Transactions.never { last = max(last, ends[node]) }
    let nodes = Column<UInt32>(repeating: none, count: Int(last) + 1)
    for node in 0..<ends.count where ends[node] != Transactions.never { nodes[ends[node]] = UInt32(node) }
    var (rank, next) = (0, 0)
    for event in 0..<nodes.count where nodes[event] != none {
      while next < invocations.count, invocations[next] < event { next += 1 }
      ranks[nodes[event]] = UInt32(rank)
      completed[rank] = nodes[event]
      firstAfter[rank] = UInt32(next)
      rank += 1
    }
    return rank
  }

  private func measure(_ invocations: borrowing Column<UInt32>, _ ends: borrowing Column<UInt32>) {
    for node in 0..<count {
      for place in writeRange(node) { note(written[place], invocations[node], ends[node]) }
      for place in readRange(node) { note(read[place], invocations[node], ends[node]) }
    }
    for node in 0..<count {
      var deadline = ends[node]
      for place in writeRange(node) { deadline = min(deadline, firstEnd[written[place]]) }
      deadlines[node] = deadline
    }
  }

  @inline(__always) private func note(_ version: UInt32, _ start: UInt32, _ end: UInt32) {
    if end < firstEnd[version] { firstEnd[version] = end }
    if start > lastStart[version] { lastStart[version] = start }
  }

  @inline(__always) func writeRange(_ node: Int) -> Range<Int> { Int(writeStarts[node])..<Int(writeStarts[node + 1]) }
  @inline(__always) func readRange(_ node: Int) -> Range<Int> { Int(readStarts[node])..<Int(readStarts[node + 1]) }
  @inline(__always) func readerRange(_ version: UInt32) -> Range<Int> {
    Int(readerStarts[version])..<Int(readerStarts[Int(version) + 1])
  }

  /// How often the node read the version before it wrote its key.
  @inline(__always) func readCount(_ node: Int, _ version: UInt32) -> UInt32 {
    var count: UInt32 = 0
    for place in readRange(node) where read[place] == version { count += 1 }
    return count
  }

  /// The version of the key that the node wrote, or none.
  @inline(__always) func version(_ key: UInt32, by node: Int) -> UInt32 {
    for place in writeRange(node) where keys[written[place]] == key { return written[place] }
    return Self.none
  }
}

extension Column where Element == UInt32 {
  init(copying elements: [UInt32]) {
    self.init(repeating: 0, count: elements.count)
    elements.withUnsafeBufferPointer { elements in
      for place in 0..<elements.count { self[place] = elements[place] }
    }
  }
}
