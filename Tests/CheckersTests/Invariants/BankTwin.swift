import Histories

/// The bank invariants by their definitions, on decoded values, one read at a time.
struct BankTwin {
  let isLenient: (negative: Bool, missing: Bool)
  /// Nil: those of the first read with integers only.
  var accounts: Set<String>?
  /// Nil: that of the same read.
  var total: Int?

  /// The verdict, and by the name of each anomaly the completions at which it was met.
  func judge(_ events: [Event]) -> (verdict: Verdict, found: [String: [Int]]) {
    let calls = TwinCall.all(in: events)
    let reads = calls.filter { $0.function == "read" && $0.isOK }
    var found: [String: [Int]] = [:]
    let first = reads.map { Self.balances($0.output) }.first { $0.values.allSatisfy { $0.int != nil } }
    let accounts = accounts ?? first.map { Set($0.keys) }
    let total = total ?? first.map { $0.values.reduce(0) { $0 + Int($1.int ?? 0) } }
    for read in reads {
      let balances = Self.balances(read.output)
      if let name = flaw(balances, accounts, total) { found[name, default: []].append(read.end) }
      if !isLenient.negative, balances.values.contains(where: { ($0.int ?? 0) < 0 }) {
        found["negative-value", default: []].append(read.end)
      }
    }
    for call in calls where call.function == "transfer" && call.isOK {
      guard let accounts, let fields = call.input.map else { continue }
      let names = ["from", "to"].compactMap { fields[$0] }.map { $0.string ?? $0.json }
      if names.contains(where: { !accounts.contains($0) }) { found["unknown-account", default: []].append(call.end) }
    }
    return (found.isEmpty ? (reads.isEmpty ? .unknown : .valid) : .invalid, found)
  }

  private func flaw(_ balances: [String: Value], _ accounts: Set<String>?, _ total: Int?) -> String? {
    if balances.values.contains(where: { !$0.isNull && $0.int == nil }) { return "wrong-type" }
    if balances.values.contains(.null) { return "nil-balance" }
    guard let accounts, let total else { return nil }
    if !Set(balances.keys).isSubset(of: accounts) { return "unexpected-key" }
    if !isLenient.missing, !accounts.isSubset(of: balances.keys) { return "missing-key" }
    return balances.values.reduce(0) { $0 + Int($1.int ?? 0) } == total ? nil : "wrong-total"
  }

  private static func balances(_ value: Value) -> [String: Value] {
    if let list = value.list { return Dictionary(uniqueKeysWithValues: list.enumerated().map { ("\($0)", $1) }) }
    return value.map ?? [:]
  }
}
