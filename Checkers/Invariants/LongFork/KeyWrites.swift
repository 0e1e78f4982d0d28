import Histories

/// Who wrote what to each key of a long-fork history.
struct KeyWrites {
  private struct Version: Hashable {
    var key: UInt32
    var value: ValueWord
  }

  private static let none = UInt32.max

  private let transactions: Transactions
  /// By key: the first transaction that wrote it and did not fail.
  private var first: [UInt32]
  private var firstValue: [ValueWord]
  /// Further writers: of keys with several.
  private var others: [Version: UInt32] = [:]
  private var failed: [Version: UInt32] = [:]
  /// The first key that has two writers, with their events.
  private(set) var rewritten: (key: Value, first: Int, second: Int)?

  init(_ transactions: Transactions) {
    self.transactions = transactions
    first = Array(repeating: Self.none, count: transactions.keys.count)
    firstValue = Array(repeating: .null, count: transactions.keys.count)
    for operation in transactions.operations where operation.kind == .write { add(operation) }
  }

  private mutating func add(_ write: Transactions.MicroOperation) {
    let (key, version) = (Int(write.key), Version(key: write.key, value: write.value))
    if transactions.outcomes[Int(write.transaction)] == .failed {
      if failed[version] == nil { failed[version] = write.transaction }
    } else if first[key] == Self.none {
      (first[key], firstValue[key]) = (write.transaction, write.value)
    } else {
      if others[version] == nil, firstValue[key] != write.value { others[version] = write.transaction }
      if rewritten == nil {
        rewritten = (transactions.key(write.key), event(first[key]), event(write.transaction))
      }
    }
  }

  private func event(_ transaction: UInt32) -> Int { Int(transactions.invocations[Int(transaction)]) }

  /// Event index of the invocation of the first write of the key, if there is one.
  func event(ofKey key: UInt32) -> Int? { first[Int(key)] == Self.none ? nil : event(first[Int(key)]) }

  /// Reports the values of a completed read that nobody had begun to write when it ended.
  func check(_ transaction: Int, _ log: inout FindingLog) {
    for read in transactions.operations[transactions.micro(transaction)] where !read.value.isNull {
      let key = Int(read.key)
      let end = transactions.completions[transaction]
      let version = Version(key: read.key, value: read.value)
      let writer = firstValue[key] == read.value ? first[key] : others[version] ?? Self.none
      if writer != Self.none, transactions.invocations[Int(writer)] < end { continue }
      let loser = failed[version].flatMap { transactions.invocations[Int($0)] < end ? event($0) : nil }
      report(read, transaction, failed: loser, later: writer == Self.none ? nil : event(writer), &log)
    }
  }

  private func report(
    _ read: Transactions.MicroOperation, _ transaction: Int, failed: Int?, later: Int?, _ log: inout FindingLog
  ) {
    let (begin, end) = (Int(transactions.invocations[transaction]), Int(transactions.completions[transaction]))
    log.add(failed == nil ? .thinAirRead : .abortedRead) { witnesses in
      let (value, key) = (transactions.history.values.value(read.value), transactions.key(read.key))
      let why =
        if let failed { "which only \(witnesses.name(failed, nil)) wrote, and that failed" } else if let later {
          "which nobody had begun to write: \(witnesses.name(later, nil)) did so later"
        } else { "which nobody wrote" }
      return (
        "\(witnesses.name(begin, end)) found \(value) in key \(key), \(why)",
        [begin] + [failed ?? later].compactMap { $0 }, [begin, end] + [failed ?? later].compactMap { $0 }
      )
    }
  }
}
