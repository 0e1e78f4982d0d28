import Checkers
import Generators
import Histories
import Testing

/// The bank checker against the definitions of its invariants, on small random histories.
@Suite struct BankDifferentialTests {
  @Test func `every anomaly is found where the twin finds it`() throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("invariants/bank"))
    var split = InvariantSplit()
    var kinds: [String: Int] = [:]
    for number in 0..<Soak.histories(slice: 3_000) {
      let events = Self.history(&maker)
      let (options, twin) = Self.options(number)
      let report = try BankChecker.report(History(events), options)
      let (verdict, found) = twin.judge(events)
      split.count(verdict)
      for name in found.keys { kinds[name, default: 0] += 1 }
      let counts = Dictionary(uniqueKeysWithValues: report.counts.map { ($0.anomaly.rawValue, $0.count) })
      let isFound = report.findings.allSatisfy { finding in
        found[finding.anomaly.rawValue]?.contains { finding.events.contains($0) } ?? false
      }
      guard report.verdict == verdict, counts == found.mapValues(\.count), isFound else {
        Issue.record("history \(number): \(report) but \(verdict) \(found)\n\(InvariantText.text(events))")
        return
      }
    }
    split.show("bank")
    #expect(split.isBalanced)
    #expect(kinds.count == 7, "\(kinds)")
  }

  private static func options(_ number: Int) -> (BankChecker.Options, BankTwin) {
    let (negative, missing) = (number % 3 == 0, number % 5 == 0)
    switch number % 4 {
    case 0:
      return (
        BankChecker.Options(
          baseline: .balances(["0": 5, "1": 5, "2": 5]), allowsNegativeBalances: negative,
          allowsMissingAccounts: missing),
        BankTwin(isLenient: (negative, missing), accounts: ["0", "1", "2"], total: 15)
      )
    case 1:
      return (
        BankChecker.Options(baseline: .total(15), allowsNegativeBalances: negative, allowsMissingAccounts: missing),
        BankTwin(isLenient: (negative, missing), total: 15)
      )
    default:
      return (
        BankChecker.Options(allowsNegativeBalances: negative, allowsMissingAccounts: missing),
        BankTwin(isLenient: (negative, missing))
      )
    }
  }

  /// What really happened is never refuted, wherever accounts were opened, whatever became of it, and if a completion
  /// of an opening is missing.
  @Test func `a bank that kept its promises is not refuted`() throws {
    var maker = RandomWorkload(random: RandomStreams(seed: 0).stream("invariants/bank, kept"))
    var (opened, unanswered) = (0, 0)
    for number in 0..<Soak.histories(slice: 3_000) {
      let events = Self.events(&maker, Bank(mayBeOpened: true))
      let histories = [events] + Self.unanswered(events)
      for events in histories {
        let report = try BankChecker.report(History(events), BankChecker.Options(allowsNegativeBalances: true))
        guard report.counts.isEmpty else {
          Issue.record("history \(number): \(report)\n\(InvariantText.text(events))")
          return
        }
      }
      opened += events.contains { $0.function == "txn" } ? 1 : 0
      unanswered += histories.count - 1
    }
    print("bank: \(opened) histories with openings, \(unanswered) more without the completion of one")
    #expect(min(opened, unanswered) > 1_000)
  }

  /// The same history without the completion of an opening, for each that was acknowledged: its process does not come
  /// back.
  private static func unanswered(_ events: [Event]) -> [[Event]] {
    events.filter { $0.type == .ok && $0.function == "txn" }.map { completion in
      events.filter { $0.index != completion.index }.enumerated().map { index, event in
        var event = event
        if event.index > completion.index, event.process == completion.process { event.process = ProcessID(99) }
        event.index = index
        return event
      }
    }
  }

  /// Answers as maps, in some histories as lists; in some accounts are opened, and in some answers are tampered with.
  private static func history(_ maker: inout RandomWorkload) -> [Event] {
    let isList = maker.random.below(4) == 0
    let bank = Bank(
      isList: isList, mayOverdraw: maker.random.below(4) == 0, mayBeOpened: !isList && maker.random.below(2) == 0,
      mayForget: true)
    var events = events(&maker, bank)
    maker.tamper(&events) { value, random in tampered(value, &random) }
    return events
  }

  /// A bank that is atomic; at first three accounts with five each.
  private struct Bank {
    var isList = false
    var mayOverdraw = false
    var mayBeOpened = false
    /// Now and then a transfer from an account that is not there is acknowledged.
    var mayForget = false
    var balances: [Int64: Int64] = [0: 5, 1: 5, 2: 5]

    func call(_ random: inout RandomStream) -> RandomWorkload.Call {
      if mayBeOpened, random.below(4) == 0 {
        let accounts = (0..<1 + random.below(2)).map { Int64($0 + 2 * random.below(2)) }
        let writes = Set(accounts).sorted().map { Value.list(["w", .int($0), .int(Int64(4 + random.below(3)))]) }
        return RandomWorkload.Call(function: "txn", input: .list(writes))
      }
      if random.below(2) == 0 { return RandomWorkload.Call(function: "read", input: .null) }
      let from = mayForget && random.below(24) == 0 ? Value.string("3") : .int(Int64(random.below(3)))
      let (to, amount) = (Value.int(Int64(random.below(3))), Value.int(Int64(1 + random.below(4))))
      return RandomWorkload.Call(function: "transfer", input: ["from": from, "to": to, "amount": amount])
    }

    /// What it answers; nil where it fails.
    mutating func apply(_ call: RandomWorkload.Call) -> Value? {
      if call.function == "read" {
        let named = balances.map { ("\($0.key)", Value.int($0.value)) }
        return isList
          ? .list((0..<3).map { .int(balances[$0] ?? 0) }) : .map(Dictionary(uniqueKeysWithValues: named))
      }
      if let writes = call.input.list?.compactMap(\.list) {
        balances = Dictionary(uniqueKeysWithValues: writes.map { ($0[1].int ?? 0, $0[2].int ?? 0) })
        return call.input
      }
      guard let fields = call.input.map, let amount = fields["amount"]?.int, let to = fields["to"]?.int else {
        return nil
      }
      guard let from = fields["from"]?.int else { return call.input }
      guard let balance = balances[from], balances[to] != nil, balance >= amount || mayOverdraw else { return nil }
      balances[from, default: 0] -= amount
      balances[to, default: 0] += amount
      return call.input
    }
  }

  private static func events(_ maker: inout RandomWorkload, _ bank: Bank) -> [Event] {
    var bank = bank
    let calls = (0..<1 + maker.random.below(8)).map { _ in bank.call(&maker.random) }
    return maker.events(calls) { bank.apply($0) }
  }

  private static func tampered(_ value: Value, _ random: inout RandomStream) -> Value {
    let place = random.below(3)
    let new: Value =
      switch random.below(8) {
      case 0: .null
      case 1: "five"
      case 2: .double(5)
      case 3: [5]
      default: .int(Int64(random.below(9)) - 2)
      }
    if random.below(20) == 0 { return .null }
    if var list = value.list {
      if random.below(6) == 0 { return .list(list + [new]) }
      if random.below(6) == 0 { return .list(Array(list.dropLast())) }
      if place < list.count { list[place] = new }
      return .list(list)
    }
    guard var map = value.map else { return value }
    switch random.below(6) {
    case 0: map["3"] = new
    case 1: map.removeValue(forKey: "\(place)")
    default: map["\(place)"] = new
    }
    return .map(map)
  }
}
