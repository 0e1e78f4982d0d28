import Checkers
import Histories

extension ClaimCheck {
  /// Every key's history can be ordered as one register's, each operation between its invocation and its completion.
  static let linearizableRegister = linearizable(checker: "cas-register", model: CASRegister(initial: .null))

  /// Every object's history can be ordered as the model's, each operation between its invocation and its completion.
  static func linearizable<Model: SequentialModel>(checker: String, model: Model) -> ClaimCheck {
    ClaimCheck(claim: "linearizable", checker: checker, online: .linearizable(model)) { history, budget in
      LinearizabilityChecker.check(history, model: model, budget: budget)
    }
  }
}
