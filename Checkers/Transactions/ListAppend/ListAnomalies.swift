import Histories

/// What single reads of a list-append history show to be wrong (CHECKERS 2, "Non-cycle").
struct ListAnomalies {
  /// Anomalies of one kind that are kept; more are counted only.
  static let shownMax = 20
  /// Reads of one transaction that are looked at closely, after their positions showed that something is wrong.
  static let slowReadsMax = 32

  private let transactions: Transactions
  private let versions: ListVersions
  private(set) var found: [LocalAnomaly] = []
  private(set) var counts: [TransactionAnomaly: Int] = [:]
  /// By key: position of the first element that a failed transaction made, and of the first that nobody made.
  private var firstFailed: [Int]
  private var firstGarbage: [Int]
  /// Transactions of which a key shows a later append without an earlier one, or before it.
  private(set) var disordered: Set<UInt32> = []
  /// What a transaction's own operations leave of each key.
  private var own: OwnVersions

  init(_ transactions: Transactions, _ versions: ListVersions, _ appends: AppendIndex) {
    self.transactions = transactions
    self.versions = versions
    firstFailed = Array(repeating: .max, count: transactions.keys.count)
    firstGarbage = firstFailed
    own = OwnVersions(keys: transactions.keys.count)
    for key in 0..<UInt32(transactions.keys.count) { scan(key) }
    for duplicate in versions.duplicates { addDuplicate(duplicate.read, Int(duplicate.position)) }
    for read in versions.incompatible { addIncompatible(read, appends) }
    for transaction in 0..<transactions.count where transactions.outcomes[transaction] == .ok { scanReads(transaction) }
    for transaction in 0..<transactions.count where transactions.outcomes[transaction] != .failed {
      scanOwn(transaction)
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
  private func list(_ value: ValueWord) -> String { TransactionText.list(transactions.history.values.value(value)) }
  private func key(_ key: UInt32) -> String { transactions.key(key).json }

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
            "key \($0.key(key)): \($0.text($0.micro(append).value)) was appended after \($0.text(failed.value)), which a transaction that failed appended"
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
        "key \($0.key(own.key)): \($0.list(own.value)) and \($0.list(longest.value)) were read, and neither continues the other"
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
      {
        "key \($0.key($0.micro(read).key)): a read shows \($0.text($0.micro(append).value)), which a transaction that failed appended"
      }
    )
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
    }
  }

  private mutating func scanLast(_ read: UInt32, _ append: UInt32) {
    guard append != ListVersions.none, micro(append).isReplaced else { return }
    let (own, other) = (micro(read), micro(append))
    if own.transaction == other.transaction { return }
    add(
      .intermediateRead, [own.transaction, other.transaction],
      {
        "key \($0.key(own.key)): a read ends in \($0.text(other.value)), after which the same transaction appended more"
      })
  }

  // MARK: Own operations

  /// Compares the operations of a transaction on one key with each other: its appends stand in its own order, none
  /// without those before it, and reads show what it left and nothing of what it does later.
  private mutating func scanOwn(_ transaction: Int) {
    let places = transactions.micro(transaction)
    guard places.contains(where: { transactions.operations[$0].isShared }) else { return }
    let isKnown = transactions.outcomes[transaction] == .ok
    own.begin(transaction)
    // Backwards for what comes later, then forwards for what came before.
    var isFuture = [Bool](repeating: false, count: places.count)
    for place in places.reversed() where transactions.operations[place].isShared {
      let operation = transactions.operations[place]
      if operation.kind == .write {
        own.writesLater(operation.key, at: versions.positions[place])
      } else if operation.isKnown {
        isFuture[place - places.lowerBound] = own.firstLater(operation.key) < versions.lengths[place]
      }
    }
    var slowReads = 0
    for place in places where transactions.operations[place].isShared {
      let operation = transactions.operations[place]
      if operation.kind == .write {
        if let last = own.write(operation.key, UInt32(place), at: versions.positions[place]),
          versions.positions[place] != ListVersions.none, versions.positions[Int(last)] > versions.positions[place]
        {
          addDisordered(transaction, last, place)
        }
      } else if isKnown, operation.isKnown {
        let follows = own.read(operation.key, length: versions.lengths[place])
        if follows, !isFuture[place - places.lowerBound] { continue }
        slowReads += 1
        if slowReads <= Self.slowReadsMax { scanRead(place, places) }
      }
    }
  }

  private mutating func addDisordered(_ transaction: Int, _ first: UInt32, _ second: Int) {
    disordered.insert(UInt32(transaction))
    let (append, next) = (micro(first), transactions.operations[second])
    let missing = versions.positions[Int(first)] == ListVersions.none ? "without" : "before"
    add(
      .internal, [UInt32(transaction)],
      {
        "key \($0.key(append.key)): \($0.text(next.value)) was read \(missing) \($0.text(append.value)), which its transaction had appended first"
      })
  }

  /// Says what is wrong with a read that is not what its own transaction left, or shows what it does later.
  private mutating func scanRead(_ place: Int, _ places: Range<Int>) {
    let read = transactions.operations[place]
    let elements = transactions.history.values.list(read.value) ?? []
    let shown = Set(elements)
    let future = (place + 1..<places.upperBound).first {
      let later = transactions.operations[$0]
      return later.key == read.key && later.kind == .write && shown.contains(later.value)
    }
    if let future {
      let value = transactions.operations[future].value
      add(
        .futureRead, [read.transaction],
        { "key \($0.key(read.key)): a read shows \($0.text(value)), which its own transaction appends later" })
    }
    scanContinuation(read, elements, places.lowerBound..<place)
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
    let list = TransactionText.list(.list(((known ?? []) + own).map { transactions.history.values.value($0) }))
    let wanted = known == nil ? "a list that ends in " + list : list
    add(
      .internal, [read.transaction],
      {
        "key \($0.key(read.key)): a transaction read \($0.list(read.value)) where its own earlier operations leave \(wanted)"
      })
  }
}
