import Generators
import Histories

/// Opens accounts, then moves money between them and reads them all.
///
/// The accounts are opened by one transaction, and nothing else begins before it is acknowledged. If nobody knows whether
/// it happened, its accounts are abandoned and others are opened: it may still take effect later, and would set balances
/// back that transfers have changed since, which looks like money made or lost. One that certainly did not happen is
/// tried again.
///
/// Few accounts with little money: transfers collide, and many find too little, so that a guard which is not carried out
/// with the rest of its transfer shows as a negative balance.
struct BankGenerator: Generator {
  /// In the order of the weights.
  static let functions = ["read", "transfer"]

  private enum Phase: Hashable, Sendable {
    /// No opening is under way.
    case closed
    case opening
    case open
  }

  private let accountCount: Int
  private let balance: Int64
  private let amountMax: Int64
  private let weights: WeightedChoice
  private var stream: RandomStream
  private var phase = Phase.closed
  /// Set s of accounts is `s * accountCount ..< (s + 1) * accountCount`.
  private var setNumber = 0

  /// - Parameters:
  ///   - accounts: at least 2.
  ///   - balance: of each account when it is opened.
  ///   - amountMax: of one transfer; at least 1.
  init(accounts: Int, balance: Int64, amountMax: Int64, weights: [Double], stream: RandomStream) {
    (accountCount, self.balance, self.amountMax) = (accounts, balance, amountMax)
    self.weights = WeightedChoice(weights)
    self.stream = stream
  }

  mutating func next(_ context: Context) -> Next {
    guard !context.free.isEmpty else { return .pending(until: nil) }
    switch phase {
    case .opening: return .pending(until: nil)
    case .closed:
      phase = .opening
      let writes = accounts.map { MicroOperation("w", $0, .int(balance)) }
      return GeneratedOperation(transaction: writes).offered(in: context)
    case .open:
      guard let choice = weights.draw(&stream) else { return .exhausted }
      let operation = Self.functions[choice] == "read" ? .bankRead(accounts) : transfer()
      return operation.offered(in: context)
    }
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    guard phase == .opening, event.event.function == "txn" else { return }
    switch event.event.type {
    case .invoke: break
    case .ok: phase = .open
    case .fail: phase = .closed
    case .info:
      phase = .closed
      setNumber += 1
    }
  }

  private var accounts: Range<Int> { setNumber * accountCount..<(setNumber + 1) * accountCount }

  private mutating func transfer() -> GeneratedOperation {
    let from = stream.below(accountCount)
    let to = (from + 1 + stream.below(accountCount - 1)) % accountCount
    return GeneratedOperation(
      "transfer",
      [
        "from": .int(Int64(accounts.lowerBound + from)), "to": .int(Int64(accounts.lowerBound + to)),
        "amount": .int(1 + Int64(stream.below(Int(amountMax)))),
      ])
  }
}

extension GeneratedOperation {
  /// A read of these accounts at one moment. They are named, as only the system's clients know which ones were opened.
  static func bankRead(_ accounts: some Sequence<Int>) -> GeneratedOperation {
    GeneratedOperation("read", .list(accounts.map { .int(Int64($0)) }))
  }
}
