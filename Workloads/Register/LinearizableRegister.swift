import Checkers
import Histories

extension ClaimCheck {
  /// Every key's history can be ordered as one register's, each operation between its invocation and its completion.
  static let linearizableRegister = ClaimCheck(claim: "linearizable", checker: "cas-register") { history, budget in
    LinearizabilityChecker.check(history, model: CASRegister(initial: .null), budget: budget)
  }
}
