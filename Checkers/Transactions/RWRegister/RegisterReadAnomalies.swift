import Histories

/// What single transactions, and pairs around one version, show to be wrong whatever the order of versions is.
struct RegisterReadAnomalies {
  /// Anomalies of one kind that are kept; more are counted only.
  static let shownMax = 20

  private let history: RegisterHistory
  private(set) var found: [LocalAnomaly] = []
  private(set) var counts: [TransactionAnomaly: Int] = [:]
  /// By key: the place of the last micro-operation on it that was met.
  private var last: [UInt32]

  init(_ history: RegisterHistory) {
    self.history = history
    last = Array(repeating: RegisterHistory.none, count: history.transactions.keys.count)
    for transaction in history.committed where transactions.outcomes[Int(transaction)] == .ok { scan(transaction) }
    for version in 0..<history.versionCount { scanUpdates(of: version) }
  }

  private var transactions: Transactions { history.transactions }
  private func text(_ place: UInt32) -> String {
    let value = transactions.operations[Int(place)].value
    return value.isNull ? "the initial value" : transactions.values.value(value).json
  }
  private func key(_ place: UInt32) -> String { transactions.key(transactions.operations[Int(place)].key).json }

  private mutating func add(
    _ anomaly: TransactionAnomaly, _ transactions: [UInt32], _ summary: (RegisterReadAnomalies) -> String
  ) {
    counts[anomaly, default: 0] += 1
    if counts[anomaly, default: 0] > Self.shownMax { return }
    found.append(LocalAnomaly(anomaly: anomaly, transactions: transactions, summary: summary(self)))
  }

  // MARK: Reads

  private mutating func scan(_ transaction: UInt32) {
    let places = transactions.micro(Int(transaction))
    for place in places {
      let operation = transactions.operations[place]
      if operation.isKnown { scanRead(UInt32(place), transaction, places) }
      last[Int(operation.key)] = UInt32(place)
    }
    // What a later transaction finds here must be its own.
    for place in places { last[Int(transactions.operations[place].key)] = RegisterHistory.none }
  }

  private mutating func scanRead(_ place: UInt32, _ transaction: UInt32, _ places: Range<Int>) {
    let source = history.links[Int(place)]
    if source != RegisterHistory.nothing { scanSource(place, source, transaction, places) }
    let operation = transactions.operations[Int(place)]
    let before = last[Int(operation.key)]
    let isFuture =
      source < UInt32(transactions.operations.count) && source > place && places.contains(Int(source))
    if isFuture {
      add(.futureRead, [transaction]) {
        "key \($0.key(place)): a read shows \($0.text(place)), which its own transaction writes later"
      }
    }
    guard before != RegisterHistory.none, transactions.operations[Int(before)].value != operation.value else { return }
    let did = transactions.operations[Int(before)].kind == .write ? "written" : "read"
    add(.internal, [transaction]) {
      "key \($0.key(place)): a transaction read \($0.text(place)) where it had \(did) \($0.text(before)) before"
    }
  }

  private mutating func scanSource(_ place: UInt32, _ source: UInt32, _ transaction: UInt32, _ places: Range<Int>) {
    guard source != RegisterHistory.none else {
      return add(.garbageRead, [transaction]) {
        "key \($0.key(place)): a read shows \($0.text(place)), which nobody wrote"
      }
    }
    let writer = transactions.operations[Int(source)].transaction
    if transactions.outcomes[Int(writer)] == .failed { return addAborted(place, transaction, writer, places) }
    guard writer != transaction, history.links[Int(source)] == RegisterHistory.none else { return }
    add(.intermediateRead, [transaction, writer]) {
      "key \($0.key(place)): a read shows \($0.text(place)), which its transaction replaced before it ended"
    }
  }

  private mutating func addAborted(_ place: UInt32, _ transaction: UInt32, _ writer: UInt32, _ places: Range<Int>) {
    add(.abortedRead, [transaction, writer]) {
      "key \($0.key(place)): a read shows \($0.text(place)), whose transaction failed"
    }
    let key = transactions.operations[Int(place)].key
    let update = (Int(place) + 1..<places.upperBound).first {
      transactions.operations[$0].kind == .write && transactions.operations[$0].key == key
    }
    guard let update else { return }
    add(.dirtyUpdate, [transaction, writer]) {
      "key \($0.key(place)): \($0.text(UInt32(update))) was written by who had read \($0.text(place)), whose transaction failed"
    }
  }

  // MARK: Lost updates

  /// Two transactions read this version and both replaced it: one of them did not see the other's (Adya 1999, G-cursor).
  private mutating func scanUpdates(of version: Int) {
    let readers = history.readers(of: version)
    if readers.count < 2 { return }
    var first = RegisterHistory.none
    for reader in readers where reader != first {
      if history.version(of: history.keys[version], by: Int(reader)) == RegisterHistory.none { continue }
      if first != RegisterHistory.none { return addLostUpdate(version, first, reader) }
      first = reader
    }
  }

  private mutating func addLostUpdate(_ version: Int, _ first: UInt32, _ second: UInt32) {
    let key = transactions.key(history.keys[version]).json
    add(.lostUpdate, [history.committed[Int(first)], history.committed[Int(second)]]) {
      let value = $0.history.isInitial(UInt32(version)) ? "the initial value" : $0.text($0.history.places[version])
      return "key \(key): two transactions read \(value) and both wrote the key, one of them without the other's write"
    }
  }
}
