import Histories

/// The transfers and completed reads of a bank in columns, in order of invocation.
struct BankHistory {
  /// Both accounts of a transfer that was acknowledged.
  struct Transfer {
    var from: UInt32
    var to: UInt32
    var invocation: UInt32
    var completion: UInt32
  }

  /// One completed read: its balances are `entries[start..<end]`.
  struct Read {
    var invocation: UInt32
    var completion: UInt32
    var start: Int
    var end: Int
  }

  /// 16 bytes.
  struct Entry {
    /// As the system gave it: not every word is a balance.
    var balance: ValueWord
    /// Dense id.
    var account: UInt32
  }

  let history: History
  /// Those that did not fail.
  private(set) var openings: [BankOpening] = []
  private(set) var transfers: [Transfer] = []
  private(set) var reads: [Read] = []
  private(set) var entries: [Entry] = []
  private(set) var accounts = AccountTable()
  /// Transfers by outcome.
  private(set) var (acknowledged, failed, unknown) = (0, 0, 0)

  /// - Throws: `PairingError`; `MalformedHistory`.
  init(_ history: History) throws {
    self.history = history
    try history.requireWhole("a bank")
    let rows = try Operations(history)
    try history.values.withLists { lists throws(MalformedHistory) in
      for position in 0..<rows.count {
        switch rows.function(position) {
        case "read": try appendRead(rows, position, lists)
        case "transfer": try appendTransfer(rows, position, lists)
        case "txn": try appendOpening(rows, position, lists)
        default:
          throw MalformedHistory(
            index: Int(rows.invocations[position]),
            message:
              "a bank has the operations 'read', 'transfer' and 'txn', which opens accounts, not "
              + "'\(rows.function(position))'")
        }
      }
    }
  }

  /// The id of an account that is named from outside of the history.
  mutating func account(named name: String) -> UInt32 { accounts.id(named: name) }

  private mutating func appendOpening(
    _ rows: Operations, _ position: Int, _ lists: ListWords
  ) throws(MalformedHistory) {
    guard let terms = terms(history.values.value(rows.input(position))) else {
      throw MalformedHistory(
        index: Int(rows.invocations[position]),
        message: "a transaction of a bank opens accounts, [[\"w\", account, balance], …], each once, not "
          + "\(history.values.value(rows.input(position)))")
    }
    try rows.requireEcho(position, lists)
    guard rows.outcome(position) != .fail else { return }
    let completion = rows.outcome(position) == .ok ? rows.completion(position) : nil
    openings.append(
      BankOpening(
        terms: terms, invocation: rows.invocations[position],
        completion: completion.map { UInt32(truncatingIfNeeded: $0) } ?? BankOpening.never))
  }

  /// Nil unless the value opens some accounts, each once.
  private mutating func terms(_ value: Value) -> BankTerms? {
    var terms = BankTerms(accounts: [], total: 0)
    for write in value.list ?? [] {
      guard let parts = write.list, parts.count == 3, parts[0].string == "w", let balance = parts[2].int,
        let name = parts[1].string ?? parts[1].int.map({ "\($0)" })
      else { return nil }
      terms.accounts.append(accounts.id(named: name))
      terms.total += Int128(balance)
    }
    terms.accounts.sort()
    let isUnique = zip(terms.accounts, terms.accounts.dropFirst()).allSatisfy { $0 < $1 }
    return terms.accounts.isEmpty || !isUnique ? nil : terms
  }

  private mutating func appendTransfer(
    _ rows: Operations, _ position: Int, _ lists: ListWords
  ) throws(MalformedHistory) {
    let (word, values) = (rows.input(position), history.values)
    guard let from = values.field("from", of: word), let to = values.field("to", of: word),
      let amount = values.field("amount", of: word), values.int(amount) != nil,
      let source = accounts.id(from, values), let target = accounts.id(to, values)
    else {
      throw MalformedHistory(
        index: Int(rows.invocations[position]),
        message: "expected {\"from\": account, \"to\": account, \"amount\": integer}, not \(values.value(word))")
    }
    try rows.requireEcho(position, lists)
    switch rows.outcome(position) {
    case .ok:
      acknowledged += 1
      transfers.append(
        Transfer(
          from: source, to: target, invocation: rows.invocations[position],
          completion: UInt32(truncatingIfNeeded: rows.completion(position) ?? 0)))
    case .fail: failed += 1
    case .info, .invoke: unknown += 1
    }
  }

  private mutating func appendRead(
    _ rows: Operations, _ position: Int, _ lists: ListWords
  ) throws(MalformedHistory) {
    guard rows.outcome(position) == .ok, let completion = rows.completion(position) else { return }
    let (word, start) = (rows.output(position), entries.count)
    if let map = lists.entries(word) {
      for place in stride(from: 0, to: map.count, by: 2) {
        guard let account = accounts.id(ValueWord(rawValue: map[place]), history.values) else { continue }
        entries.append(Entry(balance: ValueWord(rawValue: map[place + 1]), account: account))
      }
    } else if let list = lists[word] {
      for (place, balance) in list.enumerated() {
        entries.append(Entry(balance: ValueWord(rawValue: balance), account: accounts.id(at: place)))
      }
    } else if !word.isNull {
      throw MalformedHistory(
        index: completion,
        message: "a read of a bank is a map from accounts to balances, or a list of balances, not "
          + "\(history.values.value(word))")
    }
    reads.append(
      Read(
        invocation: rows.invocations[position], completion: UInt32(truncatingIfNeeded: completion), start: start,
        end: entries.count))
  }
}

/// Accounts by dense id. One account can be written as 7 and as "7": keys of maps are always texts.
struct AccountTable {
  private(set) var names: [String] = []
  private var ids: [String: UInt32] = [:]
  private var words = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  /// The account of each word that was met.
  private var accountOfWord: [UInt32] = []
  /// The account of each place in a list of balances.
  private var accountAtPlace: [UInt32] = []

  /// The id of the account; nil if the word is no integer and no text.
  mutating func id(_ word: ValueWord, _ values: ValueStore) -> UInt32? {
    guard word.isScalar else { return nil }
    let place = Int(words.intern(word.rawValue, next: UInt32(accountOfWord.count)))
    if place < accountOfWord.count { return accountOfWord[place] == .max ? nil : accountOfWord[place] }
    let name = values.string(word) ?? values.int(word).map { "\($0)" }
    let account = name.map { id(named: $0) }
    accountOfWord.append(account ?? .max)
    return account
  }

  /// The account at this place of a list of balances.
  mutating func id(at place: Int) -> UInt32 {
    while accountAtPlace.count <= place { accountAtPlace.append(id(named: "\(accountAtPlace.count)")) }
    return accountAtPlace[place]
  }

  mutating func id(named name: String) -> UInt32 {
    if let id = ids[name] { return id }
    let id = UInt32(names.count)
    names.append(name)
    ids[name] = id
    return id
  }
}
