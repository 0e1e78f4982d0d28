import Histories
import Plans
import RunStore

/// The minimums below which a run may not call anything valid (DESIGN 3): an empty run proves nothing.
public struct AntiVacuity {
  let wanted: Minimums

  public init(_ wanted: Minimums) { self.wanted = wanted }

  /// - Parameters:
  ///   - functions: the functions that the workload uses in this run, sorted.
  ///   - faults: the names of the plan's faults, in its order.
  ///   - healed: the time of the final heal; nil when there was none.
  public func minimums(
    history: History, functions: [String], faults: [String], records: [FaultRecord], healed: Int64?
  ) -> [Minimum] {
    okMinimums(history, functions) + faults.flatMap { faultMinimums($0, records) } + [okAfterHeal(history, healed)]
  }

  private func okMinimums(_ history: History, _ functions: [String]) -> [Minimum] {
    var counts: [String: Int] = [:]
    for index in 0..<history.count where history.type(at: index) == .ok && !history.process(at: index).isNemesis {
      counts[history.function(at: index), default: 0] += 1
    }
    return functions.map { function in
      minimum(
        "ok{f=\(function)}", wanted.okPerFunction, counts[function] ?? 0,
        "no '\(function)' succeeded: see the errors in vitals, or give the run more --time")
    }
  }

  private func faultMinimums(_ fault: String, _ records: [FaultRecord]) -> [Minimum] {
    let mine = records.filter { $0.fault == fault }
    let skipped = mine.compactMap(\.skipped).first
    let hint = skipped.map { "skipped: \($0)" }
    return [
      minimum(
        "evidence{fault=\(fault)}", wanted.evidencePerFault, mine.count { $0.evidence?.took == true },
        hint ?? "nothing proves that '\(fault)' took effect: give the run more --time or --rate"),
      minimum(
        "invocations{fault=\(fault)}", wanted.invocationsPerFault,
        mine.filter { $0.evidence?.took == true }.map(\.invocations).max() ?? 0,
        hint ?? "too few operations began while '\(fault)' lasted: raise --rate or hold"),
    ]
  }

  private func okAfterHeal(_ history: History, _ healed: Int64?) -> Minimum {
    var count = 0
    if let healed {
      for index in 0..<history.count
      where history.type(at: index) == .ok && history.time(at: index) > healed && !history.process(at: index).isNemesis
      {
        count += 1
      }
    }
    return minimum(
      "ok-after-heal", wanted.okAfterHeal, count, "hardly anything succeeded after the final heal: did it recover?")
  }

  private func minimum(_ name: String, _ wanted: Int, _ got: Int, _ hint: String) -> Minimum {
    Minimum(name: name, wanted: wanted, got: got, hint: got < wanted ? hint : nil)
  }
}
