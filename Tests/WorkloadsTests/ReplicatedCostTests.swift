import Checkers
import Foundation
import Generators
import Histories
import Testing

@testable import Workloads

/// What it costs to judge a run of 30 s at 1,000 operations a second: printed, not asserted.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["FAULTLINE_COST"] == "1", "measures only if FAULTLINE_COST=1"))
struct ReplicatedCostTests {
  @Test(arguments: ["crdt-counter", "crdt-register", "crdt-set", "siblings"])
  func `seconds of a check`(name: String) throws {
    let instance = try instance(name, nodes: ReplicatedTests.nodes)
    let clock = ContinuousClock()
    var history = History()
    let simulated = clock.measure {
      let store = ReplicatedStore(name, seed: 1, lost: 0.05)
      history = run(instance, against: store, operations: 30_000, nodes: ReplicatedTests.nodes).history
    }
    print("\(name): \(history.count) events of \(history.keys.count) objects, simulated in \(simulated)")
    for check in instance.checks {
      var result: CheckResult?
      let time = clock.measure { result = check.run(history, CheckBudget()) }
      print("\(name) \(check.claim): \(result?.verdict.rawValue ?? "") in \(time); \(result?.reason ?? "")")
    }
  }
}
