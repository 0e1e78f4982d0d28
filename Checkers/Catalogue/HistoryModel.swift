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
  private static let modelNames = [
    "crdt-counter": ReplicatedType.pnCounter.modelName, "crdt-register": ReplicatedType.lwwRegister.modelName,
    "crdt-set": ReplicatedType.orSet.modelName, "write-skew": "list-append",
  ]

  /// A second model that judges what a workload's own says nothing of.
  private static let companions = ["log": ReplicatedLogChecker.name]

  /// The models that judge the histories of a bundled workload; the first where nobody names a claim.
  public static func models(ofWorkload workload: String) -> [HistoryModel] {
    let name = modelNames[workload] ?? workload
    let own =
      ModelCatalogue.model(ofWorkload: workload).map(object)
      ?? TransactionModel.all.first { $0.name == name }.map(transactions)
      ?? InvariantModel.all.first { $0.name == name }.map(invariant)
    return [own, companions[workload].flatMap(named)].compactMap(\.self)
  }

  /// The one of them that is checked for the claim; the first where none is, or no claim is given.
  public static func model(ofWorkload workload: String, claim: String?) -> HistoryModel? {
    let models = models(ofWorkload: workload)
    return models.first { model in claim.map { model.claim(named: $0) != nil } ?? true } ?? models.first
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
    case .object(let model):
      ["linearizable", "sequential"]
        + (model.isRegister ? Self.registerClaims : [])
    case .transactions:
      [TransactionModel.defaultClaim.rawValue]
        + IsolationLevel.allCases.filter { $0 != TransactionModel.defaultClaim }.map(\.rawValue)
    case .invariant(let model): model.claims
    }
  }

  private static let registerClaims =
    RegisterConsistency.levels.reversed().map(\.rawValue) + [WeakCausalChecker.claim, StalenessChecker.claim]

  /// - Throws: `MisplacedAssumption` for the first assumption that is given and says nothing of the model.
  public func requireMeaning(of assumptions: Assumptions) throws(MisplacedAssumption) {
    var names: [Assumptions.Name] = []
    if case .invariant(let model) = self { names = model.assumes }
    try assumptions.requireMeaning(names, of: name)
  }

  /// The claim as results have it, if the model has it: isolation levels have other names too.
  public func claim(named name: String) -> String? {
    let claims = claims
    if claims.contains(name) { return name }
    return (try? IsolationLevel(claim: name)).flatMap { claims.contains($0.rawValue) ? $0.rawValue : nil }
  }

  /// Every claim of some model, each once.
  public static let claims: [String] = all.flatMap(\.claims).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }

  /// Of the clients' events.
  public static func functions(of history: History) -> Set<String> {
    Set(
      (0..<history.count).lazy.filter { !history.process(at: $0).isNemesis }.map { history.function(at: $0) })
  }
}
