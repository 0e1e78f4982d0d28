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
    minimums(history: history, functions: functions) + faults.flatMap { faultMinimums($0, records) }
      + [okAfterHeal(history, healed)]
  }

  /// Those that a history tells of by itself.
  func minimums(history: History, functions: [String]) -> [Minimum] {
    okMinimums(history, functions) + understoodMinimums(history, functions)
  }

  private func okMinimums(_ history: History, _ functions: [String]) -> [Minimum] {
    var counts: [String: Int] = [:]
    var errors: [String: [String: Int]] = [:]
    for index in 0..<history.count where history.type(at: index) != .invoke && !history.process(at: index).isNemesis {
      let function = history.function(at: index)
      if history.type(at: index) == .ok {
        counts[function, default: 0] += 1
      } else if counts[function] == nil, let error = history[index].error {
        errors[function, default: [:]][error, default: 0] += 1
      }
    }
    return functions.map { function in
      let common = errors[function]?.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
      let seen = common.map { ", most often '\($0)'" } ?? ""
      return minimum(
        "ok{f=\(function)}", wanted.okPerFunction, counts[function] ?? 0,
        "too few '\(function)' succeeded\(seen): see the errors in vitals, or give the run more --time")
    }
  }

  /// Of each hundred completions of a function, those whose response a rule of the plan understood: a plan that
  /// misreads its system would otherwise make an almost empty history, in which everything holds.
  private func understoodMinimums(_ history: History, _ functions: [String]) -> [Minimum] {
    var counts: [String: (all: Int, strange: Int, example: String)] = [:]
    for index in 0..<history.count where history.type(at: index) != .invoke && !history.process(at: index).isNemesis {
      let event = history[index]
      counts[event.function, default: (0, 0, "")].all += 1
      guard let error = event.error, UnclassifiedResponse.isOne(error) else { continue }
      counts[event.function, default: (0, 0, "")].strange += 1
      counts[event.function, default: (0, 0, "")].example = error
    }
    return functions.compactMap { function in
      guard let (all, strange, example) = counts[function], strange > 0 else { return nil }
      return minimum(
        "understood-percent{f=\(function)}", wanted.understoodPercent, (all - strange) * 100 / all,
        "\(strange) of \(all) response\(all == 1 ? "" : "s") met no rule of the plan, such as '\(example)': see its outcomes"
      )
    }
  }

  private func faultMinimums(_ fault: String, _ records: [FaultRecord]) -> [Minimum] {
    let mine = records.filter { $0.fault == fault }
    let proven = mine.filter { $0.evidence?.took == true }
    let skipped = mine.compactMap(\.skipped).first
    let hint = skipped.map { "skipped: \($0)" }
    let lastEvidence = mine.last?.evidence?.summary ?? "it was never injected and healed: give the run more --time"
    return [
      minimum(
        "evidence{fault=\(fault)}", wanted.evidencePerFault, proven.count,
        hint ?? "nothing proves that '\(fault)' took effect (\(lastEvidence)): do the nodes talk to each other?"),
      minimum(
        "invocations{fault=\(fault)}", wanted.invocationsPerFault,
        (proven.isEmpty ? mine : proven).map(\.invocations).max() ?? 0,
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

/// Completions whose response no rule of the plan understood, by the errors that `OutcomeClassifier` gives them.
enum UnclassifiedResponse {
  static func isOne(_ error: String) -> Bool { error.hasPrefix("unclassified ") || error.hasPrefix("bad-response: ") }
}
