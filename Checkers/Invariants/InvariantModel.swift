import Histories

/// A workload with an invariant, as the command line knows it: by name, with the claims that its histories can break.
public struct InvariantModel: Sendable {
  public let name: String
  public let summary: String
  public let operations: [CatalogueModel.Operation]
  /// What can be claimed; the first where nobody says.
  public let claims: [String]
  /// What `--initial` may say; nil where it says nothing.
  public let starts: String?
  /// Whether its histories may be of many objects, with values [key, v].
  public let allowsKeys: Bool
  /// What may be said of its systems beyond the history.
  public let assumes: [Assumptions.Name]
  private let decide: @Sendable (History, _ claim: String, _ initial: Value?, Assumptions) throws -> InvariantReport

  init(
    _ name: String, _ summary: String, _ operations: [CatalogueModel.Operation], claims: [String],
    starts: String? = nil, allowsKeys: Bool = false,
    _ decide: @escaping @Sendable (_ history: History, _ claim: String, _ initial: Value?) throws -> InvariantReport
  ) {
    self.init(name, summary, operations, claims: claims, starts: starts, allowsKeys: allowsKeys, assumes: []) {
      history, claim, initial, _ in try decide(history, claim, initial)
    }
  }

  init(
    _ name: String, _ summary: String, _ operations: [CatalogueModel.Operation], claims: [String],
    starts: String? = nil, allowsKeys: Bool = false, assumes: [Assumptions.Name],
    _ decide: @escaping @Sendable (History, _ claim: String, _ initial: Value?, Assumptions) throws -> InvariantReport
  ) {
    (self.name, self.summary, self.operations, self.claims) = (name, summary, operations, claims)
    (self.starts, self.allowsKeys, self.assumes, self.decide) = (starts, allowsKeys, assumes, decide)
  }

  /// - Parameters:
  ///   - claim: one of `claims`.
  ///   - initial: as `starts` says; nil for what the history tells.
  ///   - assumptions: those of `assumes` count, and are among the statistics of the report.
  /// - Throws: `PairingError`, `MalformedHistory`, `InvalidInitialState`, `MisplacedAssumption`.
  public func report(
    _ history: History, claim: String, initial: Value? = nil, assumptions: Assumptions = Assumptions()
  ) throws -> InvariantReport {
    if initial != nil, starts == nil {
      throw InvalidInitialState(message: "the first state of \(name) cannot be chosen")
    }
    try assumptions.requireMeaning(assumes, of: name)
    if assumptions.quiescence ?? 0 > 0, let event = history.firstWithoutTime {
      throw MalformedHistory(index: event, message: "--quiescence needs events with times")
    }
    var report = try decide(history, claim, initial, assumptions)
    report.statistics += assumptions.statistics(of: assumes)
    return report
  }

  /// Claims, by the names that plans and results have for them.
  public enum Claim {
    public static let totalConserved = "total-conserved"
    public static let totalConservedWithDebt = "total-conserved-with-debt"
    public static let noLongFork = "no-long-fork"
    public static let noCausalReverse = "no-causal-reverse"
    public static let noDoubleInsert = "no-double-insert"
    public static let noLostUpdates = "no-lost-updates"
    public static let noStaleReads = "no-stale-reads"
  }

  /// In the order in which they are listed: a new one is a file of its own, and a line here.
  public static let all: [InvariantModel] =
    [bank, longFork, causalReverse, setFull, set, insertPairs] + queues + convergence

  private static let bank = InvariantModel(
    BankChecker.name, "accounts that money is moved between, read all at once",
    [
      .init("transfer", .any, #"{"from": a, "to": b, "amount": n}"#),
      .init("read", .null, "null, or the accounts → balances, by account or as a list"),
      .init("txn", .any, #"[["w", a, balance], …]: opens the accounts, if the history says how they began"#),
    ],
    claims: [Claim.totalConserved, Claim.totalConservedWithDebt],
    starts: "the total, or the balances by account or as a list"
  ) { history, claim, initial in
    var options = BankChecker.Options(allowsNegativeBalances: claim == Claim.totalConservedWithDebt)
    if let initial {
      guard let baseline = BankChecker.Baseline(initial) else {
        throw InvalidInitialState(message: "bank starts from its total or its balances, integers, not from \(initial)")
      }
      options.baseline = baseline
    }
    return try BankChecker.report(history, options)
  }

  private static let longFork = InvariantModel(
    LongForkChecker.name, "keys that are written once each, and read in groups",
    [
      .init("write", .microOperations, #"[["w", k, v]]"#),
      .init("read", .microOperations, #"[["r", k, null], …] → the same with what was read"#),
      .init("txn", .microOperations, "either of them"),
    ],
    claims: [Claim.noLongFork]
  ) { history, _, _ in try LongForkChecker.report(history) }

  private static let causalReverse = InvariantModel(
    CausalReverseChecker.name, "values that are written once, and read all at once",
    [.init("write", .any, "v"), .init("read", .null, "null → [v, …]", answer: .list)],
    claims: [Claim.noCausalReverse], allowsKeys: true
  ) { history, _, _ in try CausalReverseChecker.report(history) }

  private static let setFull = InvariantModel(
    SetFullChecker.name, "a set that only grows, read whole: the fate of every element",
    [.init("add", .any, "v"), .init("read", .null, "null → [v, …]", answer: .list)],
    claims: [Claim.noLostUpdates, Claim.noStaleReads], allowsKeys: true
  ) { history, claim, _ in
    try SetFullChecker.report(history, .init(isLinearizable: claim == Claim.noStaleReads))
  }

  private static let set = InvariantModel(
    "set", "the same, where the last read alone counts",
    [.init("add", .any, "v"), .init("read", .null, "null → [v, …]", answer: .list)],
    claims: [Claim.noLostUpdates], allowsKeys: true
  ) { history, _, _ in try SetFullChecker.report(history, .init(usesLastReadOnly: true)) }

  private static let insertPairs = InvariantModel(
    InsertPairChecker.name, "pairs of inserts, each made only if the other's row is not there",
    [.init("insert", .any, "[key, [id of the first row, or null, id of the second]]")],
    claims: [Claim.noDoubleInsert]
  ) { history, _, _ in try InsertPairChecker.report(history) }
}
