import Checkers
import Histories

extension ClaimCheck {
  /// What registers may promise below linearizability; `staleness` is what `bounded-staleness` allows.
  static func weakerRegister(_ staleness: StalenessBound) -> [ClaimCheck] {
    let sequential = reporting("sequential", checker: "cas-register") { history, budget in
      SequentialConsistencyChecker.check(history, model: CASRegister(initial: .null), budget: budget)
    }
    let levels = RegisterConsistency.levels.reversed().map { level in
      reporting(level.rawValue, checker: "cas-register") { history, budget in
        try RegisterConsistency.result(history, claim: level, budget: budget)
      }
    }
    let weak = reporting(WeakCausalChecker.claim, checker: WeakCausalChecker.name) { history, budget in
      try WeakCausalChecker.report(history, budget: budget).result
    }
    let stale = reporting(StalenessChecker.claim, checker: StalenessChecker.name) { history, _ in
      try StalenessChecker.report(history, .init(bound: staleness)).result
    }
    return [sequential] + levels + [weak, stale]
  }
}
