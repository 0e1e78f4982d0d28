import Checkers
import Generators
import Histories

extension Workload {
  /// Money that is moved between accounts, and read all at once.
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | txn | `[["w", account, balance], …]`: opens the accounts, before all else | the same |
  /// | transfer | `{"from": a, "to": b, "amount": n}` | the same; too little money is `fail` with error `insufficient` |
  /// | read | `[account, …]` | `{account: balance, …}` |
  ///
  /// Every read has the same total, and none a balance below zero. How the accounts are opened: see `BankGenerator`.
  public static let bank = Workload(
    name: "bank", summary: "transfers between accounts, and reads of all balances",
    operations: [
      .init("txn", #"[["w", account, balance], …]"#), .init("transfer", #"{"from": a, "to": b, "amount": n}"#),
      .init("read", "[account, …] → {account: balance, …}", readOnly: true),
    ],
    parameters: [
      Parameter("accounts", .int(2...100), default: 8, "accounts"),
      Parameter("balance", .int(0...1_000_000), default: 10, "of each account at first"),
      Parameter("maxTransfer", .int(1...1_000_000), default: 5, "largest amount of a transfer"),
      Parameter(
        "mix", .weights(BankGenerator.functions), default: ["read": 1, "transfer": 1], "shares of the operations"),
    ],
    claims: [InvariantModel.Claim.totalConserved, InvariantModel.Claim.totalConservedWithDebt],
    defaultClaims: [InvariantModel.Claim.totalConserved], keyed: false,
    build: { try buildBank($0) })

  private static func buildBank(_ settings: WorkloadSettings) throws -> WorkloadInstance {
    let generator = BankGenerator(
      accounts: try settings.int("accounts"), balance: Int64(try settings.int("balance")),
      amountMax: Int64(try settings.int("maxTransfer")),
      weights: try settings.weights("mix", of: BankGenerator.functions),
      stream: settings.streams.stream("bank/operations"))
    return WorkloadInstance(
      generator: generator.onClients(), finalGenerator: { finalBankReads(of: $0).onClients() },
      checks: try ClaimCheck.invariants(ofModel: "bank"))
  }

  /// A read of all accounts by every thread; nothing where none were opened.
  private static func finalBankReads(of history: History) -> some Generator {
    let read = history.openedAccounts.map { [GeneratedOperation.bankRead($0)] } ?? []
    return eachThread { _ in Persistent(read) }
  }
}

extension History {
  /// The accounts of the bank: those of the last opening that was acknowledged.
  fileprivate var openedAccounts: [Int]? {
    (0..<count).last { type(at: $0) == .ok && function(at: $0) == "txn" }.map { index in
      (payload(at: index).list ?? []).compactMap { MicroOperation($0)?.key }
    }
  }
}
