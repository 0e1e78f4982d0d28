import Histories

/// Holds every read of a bank against the accounts and the total that it may have had.
struct BankAudit {
  /// A read as a sum.
  private struct Sum {
    /// Of the integers; wide enough for any number of balances that fits into memory.
    var total: Int128 = 0
    /// Places in the columns' entries; -1 where there is none.
    var (wrongType, nilBalance, lowest) = (-1, -1, -1)
    /// Accounts of the terms at hand that it lists.
    var known = 0
  }

  private var bank: BankHistory
  private let options: BankChecker.Options
  private var log: FindingLog
  private let openings: BankOpenings
  private var unopened: UnopenedBank
  /// The terms that the last read fitted, with their place among the openings; nil for those of the unopened bank.
  private var (current, currentPlace): (BankTerms, Int?) = (BankTerms(accounts: [], total: 0), nil)
  /// By account: whether `current` has it.
  private var isCurrent: [Bool] = []
  private var (smallest, largest): (Int128?, Int128?)

  init(_ bank: BankHistory, _ options: BankChecker.Options) {
    var (bank, known, total) = (bank, BankTerms?.none, Int128?.none)
    switch options.baseline {
    case .firstRead: break
    case .total(let given): total = Int128(given)
    case .balances(let balances):
      let accounts = balances.keys.sorted().map { bank.account(named: $0) }.sorted()
      known = BankTerms(accounts: accounts, total: balances.values.reduce(0) { $0 + Int128($1) })
    }
    (self.bank, self.options) = (bank, options)
    log = FindingLog(bank.history)
    openings = BankOpenings(options.baseline == .firstRead ? bank.openings : [])
    unopened = UnopenedBank(known, givenTotal: total, isLenient: options.allowsMissingAccounts)
    isCurrent = Array(repeating: false, count: bank.accounts.names.count)
  }

  mutating func run() {
    for read in bank.reads { check(read) }
    for transfer in bank.transfers { check(transfer) }
  }

  func report() -> InvariantReport {
    let sums =
      smallest.map { smallest in [("total-smallest", smallest), ("total-largest", largest ?? smallest)] } ?? []
    let (terms, source) =
      reference(BankOpening.never, BankOpening.never) ?? (BankTerms(accounts: [], total: 0), "nothing")
    var totalFrom = source
    if case .total = options.baseline { totalFrom = "the given total" }
    return log.report(
      checker: BankChecker.name, algorithm: BankChecker.algorithm,
      unknown: bank.reads.isEmpty ? "no read completed: nobody saw a balance" : nil,
      statistics: [
        ("reads", .int(Int64(bank.reads.count))), ("transfers-ok", .int(Int64(bank.acknowledged))),
        ("transfers-failed", .int(Int64(bank.failed))), ("transfers-unknown", .int(Int64(bank.unknown))),
        ("accounts", .int(Int64(terms.accounts.count))), ("total", Self.value(terms.total)),
        ("total-from", .string(totalFrom)),
      ] + sums.map { ($0.0, Self.value($0.1)) })
  }

  /// Totals beyond 64 bits are shown as text.
  private static func value(_ number: Int128) -> Value {
    Int64(exactly: number).map { .int($0) } ?? .string("\(number)")
  }

  // MARK: Terms

  /// What an operation is held against if nothing fits, and where that is from, in words.
  private func reference(_ invocation: UInt32, _ completion: UInt32) -> (terms: BankTerms, source: String)? {
    if let opening = openings.reference(before: completion) {
      let source =
        opening.completion == BankOpening.never
        ? "the opening of the accounts that was never acknowledged (event \(opening.invocation))"
        : "the opening of the accounts (event \(opening.completion))"
      return (opening.terms, source)
    }
    return unopened.known(at: invocation).map { ($0.terms, $0.source) }
  }

  /// Whether the read fits what the last one fitted, if that may still be so.
  private func fitsCurrent(_ read: BankHistory.Read, _ sum: Sum) -> Bool {
    let (listed, accounts) = (read.end - read.start, current.accounts.count)
    guard sum.total == current.total, sum.known == listed, listed == accounts || options.allowsMissingAccounts
    else { return false }
    if let currentPlace { return openings.mayBeInForce(currentPlace, at: read) }
    return openings.mayBeMissing(at: read.invocation) && unopened.known(at: read.invocation)?.terms == current
  }

  /// Whether the read fits any terms that may be in force; these are the ones at hand then.
  private mutating func fits(_ read: BankHistory.Read, _ found: BankTerms) -> Bool {
    if let place = openings.fitting(found, at: read, isLenient: options.allowsMissingAccounts) {
      take(openings.terms[place], place)
      return true
    }
    guard openings.mayBeMissing(at: read.invocation), unopened.admits(found, at: read) else { return false }
    if let known = unopened.known(at: read.invocation) { take(known.terms, nil) }
    return true
  }

  /// Takes as long as the two lists of accounts are.
  private mutating func take(_ terms: BankTerms, _ place: Int?) {
    for account in current.accounts { isCurrent[Int(account)] = false }
    for account in terms.accounts { isCurrent[Int(account)] = true }
    (current, currentPlace) = (terms, place)
  }

  private func sum(_ read: BankHistory.Read) -> Sum {
    var sum = Sum()
    var lowest = Int64.max
    for place in read.start..<read.end {
      let entry = bank.entries[place]
      if isCurrent[Int(entry.account)] { sum.known += 1 }
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
  private mutating func check(_ read: BankHistory.Read) {
    let sum = sum(read)
    if sum.wrongType >= 0 {
      add(.wrongType, read) { "found \($0(sum.wrongType)), which is no integer" }
    } else if sum.nilBalance >= 0 {
      add(.nilBalance, read) { "found \($0(sum.nilBalance)): the account has no balance" }
    } else {
      checkWhole(read, sum)
    }
    if sum.lowest >= 0, !options.allowsNegativeBalances {
      add(.negativeValue, read) { "found \($0(sum.lowest)), below zero" }
    }
  }

  /// Checks a read of integers only.
  private mutating func checkWhole(_ read: BankHistory.Read, _ sum: Sum) {
    (smallest, largest) = (min(smallest ?? sum.total, sum.total), max(largest ?? sum.total, sum.total))
    if fitsCurrent(read, sum) { return }
    let accounts = bank.entries[read.start..<read.end].map(\.account).sorted()
    let found = BankTerms(accounts: accounts, total: sum.total)
    if unopened.first == nil { unopened.noteFirst(read, found) }
    if !fits(read, found) { report(read, found) }
  }

  /// How the read differs from the terms that it is held against.
  private mutating func report(_ read: BankHistory.Read, _ found: BankTerms) {
    guard let (terms, source) = reference(read.invocation, read.completion) else { return }
    let known = found.accounts.count { terms.has($0) }
    if known < found.accounts.count {
      let places = read.start..<read.end
      let stranger = places.first { !terms.has(bank.entries[$0].account) } ?? read.start
      add(.unexpectedKey, read) { "found \($0(stranger)), an account that is not among those of \(source)" }
    } else if known < terms.accounts.count, !options.allowsMissingAccounts {
      let names = bank.accounts.names
      add(.missingKey, read) { _ in
        let missing = terms.accounts.first { !found.has($0) }.map { names[Int($0)] } ?? "?"
        return "found \(known) of the \(terms.accounts.count) accounts of \(source): account \(missing) is missing"
      }
    } else {
      add(.wrongTotal, read) { _ in
        "found \(found.total) in all accounts together, not the \(terms.total) of \(source)"
      }
    }
  }

  /// Nothing is known of the accounts of a bank that no opening and no read tells of.
  private mutating func check(_ transfer: BankHistory.Transfer) {
    let strangers = [transfer.from, transfer.to].filter { account in
      if openings.mayHave(account, at: transfer) { return false }
      guard openings.mayBeMissing(at: transfer.invocation) else { return true }
      return unopened.known(at: transfer.invocation).map { !$0.terms.has(account) } ?? false
    }
    guard let stranger = strangers.first, let source = reference(transfer.invocation, transfer.completion)?.source
    else { return }
    let name = bank.accounts.names[Int(stranger)]
    let (invocation, completion) = (Int(transfer.invocation), Int(transfer.completion))
    log.add(.unknownAccount) { witnesses in
      (
        "\(witnesses.name(invocation, completion)) was acknowledged, but account \(name) is not among those of "
          + source,
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
