import Histories

/// Holds every read of a bank against its accounts and its total.
struct BankAudit {
  /// A read as a sum.
  private struct Sum {
    /// Of the integers; wide enough for any number of balances that fits into memory.
    var total: Int128 = 0
    /// Places in the columns' entries; -1 where there is none.
    var (wrongType, nilBalance, unexpected, lowest) = (-1, -1, -1, -1)
    /// The bank's accounts that it lists.
    var known = 0
  }

  private var bank: BankHistory
  private let options: BankChecker.Options
  private var log: FindingLog
  private var isAccount: [Bool] = []
  private var accountCount = 0
  private var total: Int128 = 0
  /// Where the total is from, and where the accounts are from, in words.
  private var (baseline, accountsFrom) = ("nothing", "nothing")
  private var (smallest, largest): (Int128?, Int128?)

  init(_ bank: BankHistory, _ options: BankChecker.Options) {
    self.bank = bank
    self.options = options
    log = FindingLog(bank.history)
  }

  mutating func run() {
    let isKnown = setBaseline()
    for read in bank.reads { check(read, isKnown) }
    guard isKnown else { return }
    for transfer in bank.transfers { check(transfer) }
  }

  func report() -> InvariantReport {
    let sums =
      smallest.map { smallest in [("total-smallest", smallest), ("total-largest", largest ?? smallest)] } ?? []
    return log.report(
      checker: BankChecker.name, algorithm: BankChecker.algorithm,
      unknown: bank.reads.isEmpty ? "no read completed: nobody saw a balance" : nil,
      statistics: [
        ("reads", .int(Int64(bank.reads.count))), ("transfers-ok", .int(Int64(bank.acknowledged))),
        ("transfers-failed", .int(Int64(bank.failed))), ("transfers-unknown", .int(Int64(bank.unknown))),
        ("accounts", .int(Int64(accountCount))), ("total", Self.value(total)), ("total-from", .string(baseline)),
      ] + sums.map { ($0.0, Self.value($0.1)) })
  }

  /// Totals beyond 64 bits are shown as text.
  private static func value(_ number: Int128) -> Value {
    Int64(exactly: number).map { .int($0) } ?? .string("\(number)")
  }

  // MARK: Accounts and total

  /// False if nothing says which accounts there are.
  private mutating func setBaseline() -> Bool {
    if let (balances, source) = initialBalances {
      let accounts = balances.keys.sorted().map { bank.account(named: $0) }
      isAccount = Array(repeating: false, count: bank.accounts.names.count)
      for account in accounts { isAccount[Int(account)] = true }
      total = balances.values.reduce(0) { $0 + Int128($1) }
      accountCount = accounts.count
      (baseline, accountsFrom) = (source, source)
      return true
    }
    isAccount = Array(repeating: false, count: bank.accounts.names.count)
    guard let first = bank.reads.first(where: { read in isWhole(read) }) else { return false }
    for entry in bank.entries[first.start..<first.end] { isAccount[Int(entry.account)] = true }
    accountCount = first.end - first.start
    accountsFrom = "the first read (event \(first.completion))"
    if case .total(let given) = options.baseline {
      (total, baseline) = (Int128(given), "the given total")
    } else {
      (total, baseline) = (sum(first).total, accountsFrom)
    }
    return true
  }

  /// The balances before the first transfer where they are known, and where they are from, in words.
  private var initialBalances: (balances: [String: Int64], source: String)? {
    switch options.baseline {
    case .balances(let balances): return (balances, "the initial balances")
    case .total: return nil
    case .firstRead: return bank.opening.map { ($0.balances, "the opening of the accounts (event \($0.completion))") }
    }
  }

  /// Every balance is an integer.
  private func isWhole(_ read: BankHistory.Read) -> Bool {
    let sum = sum(read)
    return sum.wrongType < 0 && sum.nilBalance < 0
  }

  private func sum(_ read: BankHistory.Read) -> Sum {
    var sum = Sum()
    var lowest = Int64.max
    for place in read.start..<read.end {
      let entry = bank.entries[place]
      if isAccount[Int(entry.account)] { sum.known += 1 } else if sum.unexpected < 0 { sum.unexpected = place }
      if let balance = entry.balance.smallInt ?? bank.history.values.int(entry.balance) {
        sum.total += Int128(balance)
        if balance < lowest { (lowest, sum.lowest) = (balance, place) }
      } else if entry.balance.isNull {
        if sum.nilBalance < 0 { sum.nilBalance = place }
      } else if sum.wrongType < 0 {
        sum.wrongType = place
      }
    }
    if lowest >= 0 { sum.lowest = -1 }
    return sum
  }

  // MARK: One operation

  /// The most specific problem of the read, and a negative balance beside it.
  private mutating func check(_ read: BankHistory.Read, _ isKnown: Bool) {
    let sum = sum(read)
    if sum.wrongType >= 0 {
      add(.wrongType, read) { "found \($0(sum.wrongType)), which is no integer" }
    } else if sum.nilBalance >= 0 {
      add(.nilBalance, read) { "found \($0(sum.nilBalance)): the account has no balance" }
    } else if isKnown {
      checkWhole(read, sum)
    }
    if sum.lowest >= 0, !options.allowsNegativeBalances {
      add(.negativeValue, read) { "found \($0(sum.lowest)), below zero" }
    }
  }

  private mutating func checkWhole(_ read: BankHistory.Read, _ sum: Sum) {
    (smallest, largest) = (min(smallest ?? sum.total, sum.total), max(largest ?? sum.total, sum.total))
    let (total, accountCount, baseline, accountsFrom) = (total, accountCount, baseline, accountsFrom)
    if sum.unexpected >= 0 {
      add(.unexpectedKey, read) { "found \($0(sum.unexpected)), an account that is not among those of \(accountsFrom)" }
    } else if sum.known < accountCount, !options.allowsMissingAccounts {
      let name = missingAccount(read)
      add(.missingKey, read) { _ in
        "found \(sum.known) of the \(accountCount) accounts of \(accountsFrom): account \(name) is missing"
      }
    } else if sum.total != total {
      add(.wrongTotal, read) { _ in "found \(sum.total) in all accounts together, not the \(total) of \(baseline)" }
    }
  }

  /// The first account, by id, that the read leaves out.
  private func missingAccount(_ read: BankHistory.Read) -> String {
    let found = Set(bank.entries[read.start..<read.end].map(\.account))
    let missing = isAccount.indices.first { isAccount[$0] && !found.contains(UInt32($0)) }
    return missing.map { bank.accounts.names[$0] } ?? "?"
  }

  private mutating func check(_ transfer: BankHistory.Transfer) {
    let strangers = [transfer.from, transfer.to].filter { !isAccount[Int($0)] }
    guard let stranger = strangers.first else { return }
    let name = bank.accounts.names[Int(stranger)]
    let (invocation, completion) = (Int(transfer.invocation), Int(transfer.completion))
    let accountsFrom = accountsFrom
    log.add(.unknownAccount) { witnesses in
      (
        "\(witnesses.name(invocation, completion)) was acknowledged, but account \(name) is not among those of "
          + accountsFrom,
        [invocation], [invocation, completion]
      )
    }
  }

  /// - Parameter words: what the read did; it is given a way to name the entry at a place of the columns.
  private mutating func add(
    _ anomaly: InvariantAnomaly, _ read: BankHistory.Read, _ words: ((Int) -> String) -> String
  ) {
    let (invocation, completion) = (Int(read.invocation), Int(read.completion))
    let bank = bank
    log.add(anomaly) { witnesses in
      let what = words { place in
        let entry = bank.entries[place]
        return "\(bank.history.values.value(entry.balance)) in account \(bank.accounts.names[Int(entry.account)])"
      }
      return ("\(witnesses.name(invocation, completion)) \(what)", [invocation], [invocation, completion])
    }
  }
}
