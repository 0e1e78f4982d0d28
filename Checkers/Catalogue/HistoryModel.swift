import Histories

/// A model that `faultline check` can name: of objects, of transactions, or of a workload with an invariant.
public enum HistoryModel: Sendable {
  case object(CatalogueModel)
  case transactions(TransactionModel)
  case invariant(InvariantModel)

  /// In the order in which they are listed.
  public static let all =
    ModelCatalogue.all.map(object) + TransactionModel.all.map(transactions) + InvariantModel.all.map(invariant)

  public static func named(_ name: String) -> HistoryModel? { all.first { $0.name == name } }

  /// Workloads whose histories are judged by a model of another name.
  private static let modelNames = ["write-skew": "list-append"]

  /// The model that judges the histories of a bundled workload.
  public static func model(ofWorkload workload: String) -> HistoryModel? {
    let name = modelNames[workload] ?? workload
    return ModelCatalogue.model(ofWorkload: workload).map(object)
      ?? TransactionModel.all.first { $0.name == name }.map(transactions)
      ?? InvariantModel.all.first { $0.name == name }.map(invariant)
  }

  public var isTransactional: Bool {
    if case .transactions = self { true } else { false }
  }

  public var name: String {
    switch self {
    case .object(let model): model.name
    case .transactions(let model): model.name
    case .invariant(let model): model.name
    }
  }

  public var summary: String {
    switch self {
    case .object(let model): model.summary
    case .transactions(let model): model.summary
    case .invariant(let model): model.summary
    }
  }

  public var operations: [CatalogueModel.Operation] {
    switch self {
    case .object(let model): model.operations
    case .transactions(let model): model.operations
    case .invariant(let model): model.operations
    }
  }

  /// What can be claimed of its histories; the first where nobody says.
  public var claims: [String] {
    switch self {
    case .object: ["linearizable", "sequential"]
    case .transactions:
      [TransactionModel.defaultClaim.rawValue]
        + IsolationLevel.allCases.filter { $0 != TransactionModel.defaultClaim }.map(\.rawValue)
    case .invariant(let model): model.claims
    }
  }

  /// The claim as results have it, if the model has it: isolation levels have other names too.
  public func claim(named name: String) -> String? {
    if claims.contains(name) { return name }
    return isTransactional ? (try? IsolationLevel(claim: name))?.rawValue : nil
  }

  /// Every claim of some model, each once.
  public static let claims: [String] = all.flatMap(\.claims).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }

  /// The models that a history may be of, by its functions and, of transactions, by their micro-operations. More than one
  /// where these do not tell; of those that know the claim, if it is given and some do.
  public static func candidates(for history: History, claim: String?) -> [HistoryModel] {
    let (functions, micro) = (Self.functions(of: history), MicroFunctions.of(history))
    let transactional = TransactionModel.all.filter { model in
      functions.isSubset(of: ["txn", ""]) && !micro.isEmpty && micro.isSubset(of: model.microOperations)
    }
    var fitting = ModelCatalogue.candidates(for: functions.sorted()).map(object) + transactional.map(transactions)
    // A list is no value that registers of transactions are given one element at a time.
    if micro.contains("append") { fitting = transactional.map(transactions) }
    // What objects can be decided for in full is not taken for a workload whose invariant says less, unless that is claimed.
    let invariants = InvariantModel.all.filter { functions.isSubset(of: $0.operations.map(\.function)) }
    if fitting.isEmpty || claim.map({ claim in invariants.contains { $0.claims.contains(claim) } }) ?? false {
      fitting += invariants.filter { claim.map($0.claims.contains) ?? true }.map(invariant)
    }
    // A name of two models is most of all the one of its own.
    let known = fitting.filter { model in claim.map { model.claims.contains($0) } ?? true }
    let claiming =
      known.isEmpty ? fitting.filter { model in claim.map { model.claim(named: $0) != nil } ?? true } : known
    return claiming.isEmpty ? fitting : claiming
  }

  /// Of the clients' events.
  public static func functions(of history: History) -> Set<String> {
    Set(
      (0..<history.count).lazy.filter { !history.process(at: $0).isNemesis }.map { history.function(at: $0) })
  }
}

/// Which micro-operations the transactions of a history are made of.
private enum MicroFunctions {
  /// Transactions that are looked at.
  private static let transactionsMax = 1_000

  static func of(_ history: History) -> Set<String> {
    var found: Set<String> = []
    let invocations = (0..<history.count).lazy.filter {
      history.type(at: $0) == .invoke && !history.process(at: $0).isNemesis
    }
    for index in invocations.prefix(transactionsMax) {
      for word in history.values.list(history.word(at: index)) ?? [] {
        guard let parts = history.values.list(word), parts.count == 3, let name = history.values.string(parts[0]) else {
          return []
        }
        found.insert(name)
      }
    }
    return found
  }
}
