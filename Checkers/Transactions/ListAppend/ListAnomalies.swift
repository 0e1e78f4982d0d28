import Histories

/// What single reads of a list-append history show to be wrong (CHECKERS 2, "Non-cycle").
struct ListAnomalies {
  /// Anomalies of one kind that are kept; more are counted only.
  static let shownMax = 20

  private let transactions: Transactions
  private let versions: ListVersions
  private(set) var found: [LocalAnomaly] = []
  private(set) var counts: [TransactionAnomaly: Int] = [:]
  /// By key: position of the first element that a failed transaction made, and of the first that nobody made.
  private var firstFailed: [Int]
  private var firstGarbage: [Int]
  /// By append: whether its transaction appends to the key again.
  private var isReplaced: [Bool]

  init(_ transactions: Transactions, _ versions: ListVersions, _ appends: AppendIndex) {
    self.transactions = transactions
    self.versions = versions
    firstFailed = Array(repeating: .max, count: transactions.keys.count)
    firstGarbage = firstFailed
    isReplaced = Array(repeating: false, count: transactions.operations.count)
    markReplaced()
    for key in 0..<UInt32(transactions.keys.count) { scan(key) }
    for duplicate in versions.duplicates { addDuplicate(duplicate.read, Int(duplicate.position)) }
    for read in versions.incompatible { addIncompatible(read, appends) }
    for transaction in 0..<transactions.count where transactions.outcomes[transaction] == .ok { scanReads(transaction) }
    for transaction in 0..<transactions.count where transactions.outcomes[transaction] != .failed {
      scanAppends(transaction)
    }
  }

  private mutating func add(
    _ anomaly: TransactionAnomaly, _ transactions: [UInt32], _ summary: (ListAnomalies) -> String
  ) {
    counts[anomaly, default: 0] += 1
    if counts[anomaly, default: 0] > Self.shownMax { return }
    found.append(LocalAnomaly(anomaly: anomaly, transactions: transactions, summary: summary(self)))
  }

  private func micro(_ place: UInt32) -> Transactions.MicroOperation { transactions.operations[Int(place)] }
  private func text(_ value: ValueWord) -> String { transactions.history.values.value(value).json }
  private func key(_ key: UInt32) -> String { transactions.key(key).json }

  private mutating func markReplaced() {
    for transaction in 0..<transactions.count {
      let places = transactions.micro(transaction)
      for place in places where transactions.operations[place].kind == .write {
        let key = transactions.operations[place].key
        isReplaced[place] = (place + 1..<places.upperBound).contains {
          transactions.operations[$0].key == key && transactions.operations[$0].kind == .write
        }
      }
    }
  }

  // MARK: Versions

  private mutating func scan(_ key: UInt32) {
    for position in 0..<versions.count(key) {
      let append = versions.writer(key, position)
      guard append != ListVersions.none else {
        firstGarbage[Int(key)] = min(firstGarbage[Int(key)], position)
        continue
      }
      let outcome = transactions.outcomes[Int(micro(append).transaction)]
      if outcome == .failed { firstFailed[Int(key)] = min(firstFailed[Int(key)], position) }
      if outcome != .failed, position > 0, let failed = failedAppend(key, position - 1) {
        add(
          .dirtyUpdate, [micro(append).transaction, failed.transaction],
          {
            "key \($0.key(key)): \($0.text($0.micro(append).value)) was appended after \($0.text(failed.value)), whose transaction failed"
          }
        )
      }
    }
  }

  /// The element at this position, if its transaction failed.
  private func failedAppend(_ key: UInt32, _ position: Int) -> Transactions.MicroOperation? {
    let append = versions.writer(key, position)
    guard append != ListVersions.none else { return nil }
    return transactions.outcomes[Int(micro(append).transaction)] == .failed ? micro(append) : nil
  }

  private mutating func addDuplicate(_ read: UInt32, _ position: Int) {
    let key = micro(read).key
    let append = versions.writer(key, position)
    add(
      .duplicateElements, [micro(read).transaction],
      { "key \($0.key(key)): a read shows \($0.text($0.micro(append).value)) more than once" })
  }

  private mutating func addIncompatible(_ read: UInt32, _ appends: AppendIndex) {
    let (own, longest) = (micro(read), micro(versions.longest[Int(micro(read).key)]))
    add(
      .incompatibleOrder, [own.transaction, longest.transaction],
      {
        "key \($0.key(own.key)): \($0.text(own.value)) and \($0.text(longest.value)) were read, and neither continues the other"
      })
    // Its elements have no positions: what they are is looked up one by one.
    for element in transactions.history.values.list(own.value) ?? [] {
      let append = appends.find(own.key, element)
      if append == AppendIndex.none {
        addGarbage(read, element)
      } else if transactions.outcomes[Int(micro(append).transaction)] == .failed {
        addAborted(read, append)
      }
    }
  }

  private mutating func addGarbage(_ read: UInt32, _ element: ValueWord) {
    add(
      .garbageRead, [micro(read).transaction],
      { "key \($0.key($0.micro(read).key)): a read shows \($0.text(element)), which nobody appended" })
  }

  private mutating func addAborted(_ read: UInt32, _ append: UInt32) {
    add(
      .abortedRead, [micro(read).transaction, micro(append).transaction],
      { "key \($0.key($0.micro(read).key)): a read shows \($0.text($0.micro(append).value)), whose transaction failed" }
    )
  }

  /// The appends of a transaction to one key stand in its own order, and none without those before it.
  private mutating func scanAppends(_ transaction: Int) {
    let places = transactions.micro(transaction)
    for place in places where isReplaced[place] {
      let append = transactions.operations[place]
      let next = (place + 1..<places.upperBound).first {
        transactions.operations[$0].key == append.key && transactions.operations[$0].kind == .write
      }
      guard let next, versions.positions[next] != ListVersions.none,
        versions.positions[place] > versions.positions[next]
      else { continue }
      let missing = versions.positions[place] == ListVersions.none ? "without" : "before"
      add(
        .internal, [UInt32(transaction)],
        {
          "key \($0.key(append.key)): \($0.text($0.transactions.operations[next].value)) was read \(missing) \($0.text(append.value)), which its transaction had appended first"
        })
    }
  }

  // MARK: Reads

  private mutating func scanReads(_ transaction: Int) {
    let places = transactions.micro(transaction)
    for place in places where transactions.operations[place].isKnown {
      let read = transactions.operations[place]
      let length = versions.lengths[place] == ListVersions.none ? 0 : Int(versions.lengths[place])
      if length > firstFailed[Int(read.key)] {
        addAborted(UInt32(place), versions.writer(read.key, firstFailed[Int(read.key)]))
      }
      if length > firstGarbage[Int(read.key)] {
        let elements = transactions.history.values.list(read.value) ?? []
        addGarbage(UInt32(place), elements[firstGarbage[Int(read.key)]])
      }
      if length > 0 { scanLast(UInt32(place), versions.writer(read.key, length - 1)) }
      scanOwn(place, places.lowerBound..<place, place + 1..<places.upperBound)
    }
  }

  private mutating func scanLast(_ read: UInt32, _ append: UInt32) {
    guard append != ListVersions.none, isReplaced[Int(append)] else { return }
    let (own, other) = (micro(read), micro(append))
    if own.transaction == other.transaction { return }
    add(
      .intermediateRead, [own.transaction, other.transaction],
      { "key \($0.key(own.key)): a read ends in \($0.text(other.value)), after which its transaction appended more" })
  }

  /// Compares a read with what its own transaction did to the key before, and does after.
  private mutating func scanOwn(_ place: Int, _ before: Range<Int>, _ after: Range<Int>) {
    if follows(place, before), !showsLater(place, after) { return }
    let read = transactions.operations[place]
    let elements = transactions.history.values.list(read.value) ?? []
    let future = after.first {
      let later = transactions.operations[$0]
      return later.key == read.key && later.kind == .write && elements.contains(later.value)
    }
    if let future {
      let value = transactions.operations[future].value
      add(
        .futureRead, [read.transaction],
        { "key \($0.key(read.key)): a read shows \($0.text(value)), which its own transaction appends later" })
    }
    scanContinuation(read, elements, before)
  }

  /// Whether positions alone show that the read is what the own operations before it left.
  private func follows(_ place: Int, _ before: Range<Int>) -> Bool {
    let (key, length) = (transactions.operations[place].key, versions.lengths[place])
    if length == ListVersions.none { return false }
    // Backwards: the own appends are the last elements, down to what was read before.
    var expected = length
    for earlier in before.reversed() where transactions.operations[earlier].key == key {
      if transactions.operations[earlier].kind == .read { return versions.lengths[earlier] == expected }
      if expected == 0 || versions.positions[earlier] != expected - 1 { return false }
      expected -= 1
    }
    return true
  }

  private func showsLater(_ place: Int, _ after: Range<Int>) -> Bool {
    let (key, length) = (transactions.operations[place].key, versions.lengths[place])
    return after.contains {
      transactions.operations[$0].key == key && transactions.operations[$0].kind == .write
        && versions.positions[$0] < length
    }
  }

  private mutating func scanContinuation(
    _ read: Transactions.MicroOperation, _ elements: [ValueWord], _ before: Range<Int>
  ) {
    var known: [ValueWord]?
    var own: [ValueWord] = []
    for earlier in before where transactions.operations[earlier].key == read.key {
      let operation = transactions.operations[earlier]
      if operation.kind == .write {
        own.append(operation.value)
      } else {
        (known, own) = (transactions.history.values.list(operation.value) ?? [], [])
      }
    }
    // Nothing was read before: the list ends in what was appended.
    if known.map({ elements == $0 + own }) ?? elements.suffix(own.count).elementsEqual(own) { return }
    let list = "[" + ((known ?? []) + own).map(text).joined(separator: ",") + "]"
    let wanted = known == nil ? "a list that ends in " + list : list
    add(
      .internal, [read.transaction],
      {
        "key \($0.key(read.key)): a transaction read \($0.text(read.value)) where its own earlier operations leave \(wanted)"
      })
  }
}
