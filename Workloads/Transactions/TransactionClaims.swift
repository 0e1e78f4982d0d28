import Checkers
import Histories

extension ClaimCheck {
  /// A check of every isolation level: each claims that all transactions of the history satisfy it.
  ///
  /// - Parameter name: the model of the transactions, as `faultline check` calls it.
  /// - Throws: where there is no such model.
  static func isolationLevels(ofModel name: String) throws(WorkloadError) -> [ClaimCheck] {
    guard let model = TransactionModel.all.first(where: { $0.name == name }) else {
      throw WorkloadError(message: "there is no model of transactions '\(name)'")
    }
    return IsolationLevel.allCases.map { level in
      reporting(level.rawValue, checker: name) { history, budget in
        try model.report(history, budget: budget).result(claim: level, of: history)
      }
    }
  }

  /// A check of every claim that a model of an invariant knows.
  ///
  /// - Parameter name: the model, as `faultline check` calls it.
  /// - Throws: where there is no such model.
  static func invariants(
    ofModel name: String, assuming assumptions: Assumptions = Assumptions()
  ) throws(WorkloadError) -> [ClaimCheck] {
    guard let model = InvariantModel.all.first(where: { $0.name == name }) else {
      throw WorkloadError(message: "there is no model of an invariant '\(name)'")
    }
    return model.claims.map { claim in
      var check = reporting(claim, checker: name) { history, _ in
        try model.report(history, claim: claim, assumptions: assumptions).result
      }
      check.online = .invariant(model, claim: claim, assumptions: assumptions)
      return check
    }
  }

  /// A check that may find that the history is none of its workload.
  ///
  /// - Returns: its `run` answers `error` where `check` throws.
  static func reporting(
    _ claim: String, checker: String, _ check: @escaping @Sendable (History, CheckBudget) throws -> CheckResult
  ) -> ClaimCheck {
    ClaimCheck(claim: claim, checker: checker) { history, budget in
      do {
        return try check(history, budget)
      } catch {
        return CheckResult(verdict: .error, algorithm: checker, reason: "\(error)")
      }
    }
  }
}

extension Workload {
  /// The levels by name: what a workload of transactions can claim.
  static let isolationLevels = IsolationLevel.allCases.map(\.rawValue)
}
