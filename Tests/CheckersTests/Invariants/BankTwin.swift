import Histories

/// The bank invariants by their definitions, on decoded values, one read at a time.
struct BankTwin {
  /// Accounts and their total.
  struct Terms {
    var accounts: Set<String>
    var total: Int
  }

  let isLenient: (negative: Bool, missing: Bool)
  /// Nil: those of the history.
  var accounts: Set<String>?
  /// Nil: that of the history.
  var total: Int?

  /// The verdict, and by the name of each anomaly the completions at which it was met.
  func judge(_ events: [Event]) -> (verdict: Verdict, found: [String: [Int]]) {
    let calls = TwinCall.all(in: events)
    let reads = calls.filter { $0.function == "read" && $0.isOK }
    var found: [String: [Int]] = [:]
    let bank = Bank(self, calls)
    for read in reads {
      let balances = Self.balances(read.output)
      if let name = Self.misshapen(balances) ?? bank.flaw(read) { found[name, default: []].append(read.end) }
      if !isLenient.negative, balances.values.contains(where: { ($0.int ?? 0) < 0 }) {
        found["negative-value", default: []].append(read.end)
      }
    }
    for call in calls where call.function == "transfer" && call.isOK {
      if bank.isOfStranger(call) { found["unknown-account", default: []].append(call.end) }
    }
    return (found.isEmpty ? (reads.isEmpty ? .unknown : .valid) : .invalid, found)
  }

  fileprivate static func misshapen(_ balances: [String: Value]) -> String? {
    if balances.values.contains(where: { !$0.isNull && $0.int == nil }) { return "wrong-type" }
    return balances.values.contains(.null) ? "nil-balance" : nil
  }

  fileprivate static func balances(_ value: Value) -> [String: Value] {
    if let list = value.list { return Dictionary(uniqueKeysWithValues: list.enumerated().map { ("\($0)", $1) }) }
    return value.map ?? [:]
  }

  fileprivate static func terms(_ balances: [String: Value]) -> Terms {
    Terms(accounts: Set(balances.keys), total: balances.values.reduce(0) { $0 + Int($1.int ?? 0) })
  }
}

/// One history of a bank: which openings an operation may have come after is found by trying all orders.
private struct Bank {
  private let twin: BankTwin
  private let openings: [(call: TwinCall, terms: BankTwin.Terms)]
  /// Completed reads of integers only.
  private let whole: [(call: TwinCall, terms: BankTwin.Terms)]

  init(_ twin: BankTwin, _ calls: [TwinCall]) {
    self.twin = twin
    let isGiven = twin.total != nil
    openings = calls.filter { !isGiven && $0.function == "txn" && $0.type != .fail }.map { call in
      let writes = (call.input.list ?? []).compactMap(\.list).map { ($0[1].string ?? $0[1].json, $0[2]) }
      return (call, BankTwin.terms(Dictionary(uniqueKeysWithValues: writes)))
    }
    whole = calls.filter { $0.function == "read" && $0.isOK && BankTwin.misshapen(BankTwin.balances($0.output)) == nil }
      .map { ($0, BankTwin.terms(BankTwin.balances($0.output))) }
  }

  /// The openings that can come right before the operation, in some order of it and all openings that keeps real time;
  /// -1 for none. One that never happened is one that comes after it.
  private func possible(at call: TwinCall) -> Set<Int> {
    let all = openings.map(\.call) + [call]
    let ends = all.map { $0.isOK ? $0.end : .max }
    var possible: Set<Int> = []
    _ = Orders.exists(all.count) { order in
      let isInTime = order.indices.allSatisfy { later in
        order[..<later].allSatisfy { all[$0].begin < ends[order[later]] }
      }
      if isInTime, let place = order.firstIndex(of: openings.count) {
        possible.insert(place > 0 ? order[place - 1] : -1)
      }
      return false
    }
    return possible
  }

  private func admits(_ terms: BankTwin.Terms, _ found: BankTwin.Terms) -> Bool {
    terms.total == found.total
      && (twin.isLenient.missing ? found.accounts.isSubset(of: terms.accounts) : found.accounts == terms.accounts)
  }

  private func fitsOpening(_ read: TwinCall, _ found: BankTwin.Terms) -> Bool {
    possible(at: read).contains { $0 >= 0 && admits(openings[$0].terms, found) }
  }

  /// What the bank held before all openings, as the first read tells to those that came after it, and to others the
  /// first that must have been made then.
  private func unopened(_ begin: Int) -> BankTwin.Terms? {
    if let accounts = twin.accounts { return BankTwin.Terms(accounts: accounts, total: twin.total ?? 0) }
    guard let first = whole.first else { return nil }
    let telling =
      begin > first.call.end
      ? first
      : whole.first { read in
        read.call.begin < first.call.end && possible(at: read.call).contains(-1) && !fitsOpening(read.call, read.terms)
      }
    return telling.map { BankTwin.Terms(accounts: $0.terms.accounts, total: twin.total ?? $0.terms.total) }
  }

  /// The last opening that was acknowledged, of those that had begun by then; else the last that had begun.
  private func reference(_ call: TwinCall) -> BankTwin.Terms? {
    let begun = openings.filter { $0.call.begin < call.end }
    return (begun.last { $0.call.isOK } ?? begun.last)?.terms ?? unopened(call.begin)
  }

  func flaw(_ read: TwinCall) -> String? {
    let found = BankTwin.terms(BankTwin.balances(read.output))
    if fitsOpening(read, found) { return nil }
    if possible(at: read).contains(-1), let terms = unopened(read.begin), admits(terms, found) { return nil }
    guard let terms = reference(read) else { return nil }
    if !found.accounts.isSubset(of: terms.accounts) { return "unexpected-key" }
    return !twin.isLenient.missing && found.accounts != terms.accounts ? "missing-key" : "wrong-total"
  }

  /// Whether one of its accounts is in no bank that it may have been made in.
  func isOfStranger(_ transfer: TwinCall) -> Bool {
    let possible = possible(at: transfer)
    return ["from", "to"].compactMap { transfer.input.map?[$0] }.map { $0.string ?? $0.json }.contains { name in
      possible.allSatisfy { place in
        if place >= 0 { return !openings[place].terms.accounts.contains(name) }
        return unopened(transfer.begin).map { !$0.accounts.contains(name) } ?? false
      }
    }
  }
}
