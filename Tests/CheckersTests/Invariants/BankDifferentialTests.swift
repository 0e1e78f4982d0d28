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

  /// Three accounts with five each; answers as maps, in some histories as lists.
  private static func history(_ maker: inout RandomWorkload) -> [Event] {
    let isList = maker.random.below(4) == 0
    var balances: [Int64] = [5, 5, 5]
    let mayOverdraw = maker.random.below(4) == 0
    let calls = (0..<1 + maker.random.below(8)).map { _ in
      if maker.random.below(2) == 0 { return RandomWorkload.Call(function: "read", input: .null) }
      let from = maker.random.below(24) == 0 ? Value.string("3") : .int(Int64(maker.random.below(3)))
      let amount = Value.int(Int64(1 + maker.random.below(4)))
      return RandomWorkload.Call(
        function: "transfer", input: ["from": from, "to": .int(Int64(maker.random.below(3))), "amount": amount])
    }
    var events = maker.events(calls) { call in
      guard let fields = call.input.map else {
        return isList
          ? .list(balances.map { .int($0) })
          : ["0": .int(balances[0]), "1": .int(balances[1]), "2": .int(balances[2])]
      }
      guard let amount = fields["amount"]?.int, let to = fields["to"]?.int else { return nil }
      guard let from = fields["from"]?.int else { return call.input }
      if balances[Int(from)] < amount, !mayOverdraw { return nil }
      balances[Int(from)] -= amount
      balances[Int(to)] += amount
      return call.input
    }
    maker.tamper(&events) { value, random in tampered(value, &random) }
    return events
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
