import Histories

/// A model of transactional histories as the command line knows it: by name, decided for every isolation level at once.
public struct TransactionModel: Sendable {
  public let name: String
  public let summary: String
  public let operations: [CatalogueModel.Operation]
  /// The micro-operations by which its histories are recognised; none of another model's.
  let microOperations: Set<String>
  private let decide: @Sendable (History, CheckBudget) throws -> IsolationReport

  init(
    _ name: String, _ summary: String, _ operations: [CatalogueModel.Operation], micro: Set<String>,
    _ decide: @escaping @Sendable (History, CheckBudget) throws -> IsolationReport
  ) {
    (self.name, self.summary, self.operations) = (name, summary, operations)
    (microOperations, self.decide) = (micro, decide)
  }

  /// The level that is claimed where nobody names one.
  public static let defaultClaim = IsolationLevel.strictSerializable

  /// What the history says of every level.
  ///
  /// - Throws: `PairingError`, `MalformedHistory`.
  public func report(_ history: History, budget: CheckBudget = CheckBudget()) throws -> IsolationReport {
    try decide(history, budget)
  }

  /// In the order in which they are listed: a new one is a line here.
  public static let all: [TransactionModel] = [
    TransactionModel(
      "list-append", "transactions that append to lists and read them whole",
      [.init("txn", .any, #"[["append", k, v], ["r", k, null], …] → the same with the lists that were read"#)],
      micro: ["append", "r"]
    ) { history, budget in try ListAppendChecker.report(history, budget: budget) },
    TransactionModel(
      "rw-register", "transactions that write and read registers, every value once",
      [.init("txn", .any, #"[["w", k, v], ["r", k, null], …] → the same with what was read"#)],
      micro: ["w", "r"]
    ) { history, budget in try RWRegisterChecker(.init(budget: budget)).report(history) },
  ]
}
