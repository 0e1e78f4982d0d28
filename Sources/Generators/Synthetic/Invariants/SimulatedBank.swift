import Histories

/// A bank whose transfers are atomic and never overdraw an account.
struct SimulatedBank: SimulatedWorkload {
  /// What each account has at first.
  private static let balance = 100
  private static let amountMax = 5

  private let options: SyntheticInvariants.Options
  private var balances: [Int]

  init(_ options: SyntheticInvariants.Options) {
    self.options = options
    balances = Array(repeating: Self.balance, count: options.accounts)
  }

  mutating func draw(_ random: inout RandomStream) -> WorkloadCall {
    if random.unit() * 100 < options.readPercent { return WorkloadCall(function: "read", input: .null) }
    let from = random.below(balances.count)
    let to = (from + 1 + random.below(balances.count - 1)) % balances.count
    return WorkloadCall(
      function: "transfer", input: Self.transfer(.int(Int64(from)), to, 1 + random.below(Self.amountMax)))
  }

  private static func transfer(_ from: Value, _ to: Int, _ amount: Int) -> Value {
    ["from": from, "to": .int(Int64(to)), "amount": .int(Int64(amount))]
  }

  mutating func apply(_ call: WorkloadCall) -> Value? {
    guard let fields = call.input.map else { return read(balances) }
    guard let from = fields["from"]?.int, let to = fields["to"]?.int, let amount = fields["amount"]?.int,
      balances[Int(from)] >= amount
    else { return nil }
    balances[Int(from)] -= Int(amount)
    balances[Int(to)] += Int(amount)
    return call.input
  }

  private func read(_ balances: [Int]) -> Value {
    .map(Dictionary(uniqueKeysWithValues: balances.enumerated().map { ("\($0)", .int(Int64($1))) }))
  }

  /// A read before the first transfer, from which a checker has accounts and total.
  mutating func opening() -> [WorkloadStep] { WorkloadStep.alone("read", .null, read(balances)) }

  mutating func closing() -> [WorkloadStep] { WorkloadStep.alone("read", .null, read(balances)) }

  mutating func plant(_ anomaly: SyntheticInvariants.Anomaly) -> [WorkloadStep] {
    if anomaly == .unknownAccount {
      let input = Self.transfer("nobody", 0, 1)
      return WorkloadStep.alone("transfer", input, input)
    }
    var found = read(balances).map ?? [:]
    switch anomaly {
    case .wrongType: found["0"] = "much"
    case .nilBalance: found["0"] = .null
    case .unexpectedKey: found["nobody"] = 0
    case .missingKey: found["0"] = nil
    case .negativeValue:
      found["0"] = -1
      found["1"] = .int(Int64(balances[1] + balances[0] + 1))
    default: found["0"] = .int(Int64(balances[0] + 1))
    }
    return WorkloadStep.alone("read", .null, .map(found))
  }
}
