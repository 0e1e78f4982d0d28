import Histories

extension InvariantModel.Claim {
  public static let converges = "converges"
  public static let convergesInRealTime = "converges-in-real-time"
  public static let noResurrection = "no-resurrection"
}

extension InvariantModel {
  /// Replicated data types, by what their replicas agree on.
  static let convergence: [InvariantModel] = ReplicatedType.allCases.map(replicated) + [map, siblings]

  /// Whether it is one of these: what a history must show to be taken for one is more than its functions.
  var isReplicated: Bool { Self.convergence.contains { $0.name == name } }

  private static func replicated(_ type: ReplicatedType) -> InvariantModel {
    InvariantModel(
      type.modelName, type.summary, type.operations + reads(type.stateText),
      claims: [Claim.converges, Claim.convergesInRealTime], allowsKeys: true, assumes: [.quiescence]
    ) { history, claim, _, assumptions in
      try ConvergenceChecker.report(history, type, options(claim, assumptions))
    }
  }

  private static func options(_ claim: String, _ assumptions: Assumptions) -> ConvergenceChecker.Options {
    ConvergenceChecker.Options(
      observesAcknowledged: claim == Claim.convergesInRealTime,
      quiescenceNanoseconds: assumptions.quiescence)
  }

  private static func reads(_ state: String) -> [CatalogueModel.Operation] {
    [
      .init("read", .null, "null → \(state)"),
      .init("local-read", .null, #"null → \#(state) of the replica on the event's "node""#),
    ]
  }

  private static let map = InvariantModel(
    ConvergenceChecker.mapName, "a map of replicated counters, sets and registers, by key",
    [
      .init("increment", .any, "[k, n]: a pn-counter"), .init("decrement", .any, "[k, n]"),
      .init("add", .any, "[k, v]: an or-set"), .init("remove", .any, "[k, v]"),
      .init("write", .any, "[k, v]: an mv-register if reads of the key are lists, else an lww-register"),
    ] + reads("{k: state, …}, or [k, null] → [k, state],"),
    claims: [Claim.converges, Claim.convergesInRealTime], assumes: [.quiescence]
  ) { history, claim, _, assumptions in try ConvergenceChecker.mapReport(history, options(claim, assumptions)) }

  private static let siblings = InvariantModel(
    SiblingsChecker.name, "values with causal contexts, where concurrent writes leave siblings",
    [
      .init("get", .null, #"null → {"values": [v, …], "context": c}"#),
      .init("local-get", .null, #"null → the same of the replica on the event's "node""#),
      .init("put", .any, #"{"value": v, "context": c}, or null for the v of a deletion, and for the c of a new key"#),
    ],
    claims: [Claim.noLostUpdates, Claim.noResurrection], allowsKeys: true, assumes: [.quiescence]
  ) { history, claim, _, assumptions in
    try SiblingsChecker.report(
      history, claim == Claim.noResurrection ? .noResurrection : .noLostUpdates,
      quiescenceNanoseconds: assumptions.quiescence ?? 0)
  }
}

extension ReplicatedType {
  fileprivate var summary: String {
    switch self {
    case .gCounter: "a replicated counter that only grows"
    case .pnCounter: "a replicated counter"
    case .gSet: "a replicated set that only grows"
    case .twoPhaseSet: "a replicated set whose removed elements stay away"
    case .orSet: "a replicated set whose removals take away what they have observed"
    case .lwwRegister: "a replicated register that keeps the write with the greatest timestamp"
    case .mvRegister: "a replicated register that keeps every write that no other has observed"
    }
  }

  fileprivate var operations: [CatalogueModel.Operation] {
    let reported =
      switch self {
      case .gCounter, .pnCounter, .gSet, .twoPhaseSet: ""
      case .orSet: #" (or {"value": v, "id": i, "context": [i, …]}, here or in the answer)"#
      case .lwwRegister: #" (or {"value": v, "timestamp": t}, here or in the answer)"#
      case .mvRegister: #" (or {"value": v, "context": [v, …]}, here or in the answer)"#
      }
    return updates.map { .init($0, .any, (state == .amount ? "n" : "v") + reported) }
  }

  fileprivate var stateText: String {
    switch state {
    case .amount: "n"
    case .elements: "[v, …]"
    case .value: "v"
    }
  }
}
