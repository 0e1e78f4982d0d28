import Checkers
import Histories

/// Judges the evidence of a report on registers by the history alone: whether every cycle closes, every step that rests
/// on one read, a process or real time is true, and every broken level has a witness.
struct RegisterJudge {
  private let transactions: [Int: Operation]

  init(_ history: History) throws {
    let operations = try Operations(history)
    transactions = Dictionary(
      uniqueKeysWithValues: (0..<operations.count).map { (operations[$0].invocation, operations[$0]) })
  }

  /// What is wrong with the report; nil if nothing is.
  func problem(with report: IsolationReport) -> String? {
    for rung in report.ladder {
      if (rung.verdict == .invalid) == rung.witnesses.isEmpty {
        return "\(rung.level.rawValue): no witness, or one too many"
      }
      if rung.verdict == .unknown, rung.reason == nil { return "\(rung.level.rawValue): unknown for no reason" }
      if rung.witnesses.contains(where: { !report.anomalies.indices.contains($0) }) { return "a witness that is none" }
    }
    return report.anomalies.lazy.compactMap { problem(with: $0) }.first
  }

  private func problem(with anomaly: IsolationReport.Anomaly) -> String? {
    let involved = anomaly.transactions.compactMap { transactions[$0] }
    if involved.count != anomaly.transactions.count || involved.isEmpty { return "\(anomaly): unknown transactions" }
    if anomaly.steps.isEmpty { return nil }
    if anomaly.steps.count != involved.count { return "\(anomaly): another number of steps than of transactions" }
    for (place, step) in anomaly.steps.enumerated() {
      if step.source != place || step.target != (place + 1) % involved.count { return "\(anomaly): no cycle" }
      if !isTrue(step, involved[step.source], involved[step.target]) { return "not true: \(step) of \(anomaly)" }
    }
    return nil
  }

  private func micro(_ operation: Operation) -> [[Value]] {
    ((operation.outcome == .ok ? operation.output : operation.input).list ?? []).map { $0.list ?? [] }
  }

  private func writes(_ operation: Operation, _ key: Value) -> [Value] {
    micro(operation).filter { $0[0] == "w" && $0[1] == key }.map { $0[2] }
  }

  private func reads(_ operation: Operation, _ key: Value) -> [Value] {
    operation.outcome == .ok ? micro(operation).filter { $0[0] == "r" && $0[1] == key }.map { $0[2] } : []
  }

  private func isTrue(_ step: IsolationReport.Step, _ source: Operation, _ target: Operation) -> Bool {
    switch (step.link, step.key) {
    case ("process", nil): return source.process == target.process && source.invocation < target.invocation
    case ("realtime", nil): return source.outcome == .ok && (source.completion ?? .max) < target.invocation
    case ("wr", let key?):
      guard let last = writes(source, key).last else { return false }
      return reads(target, key).contains(last) && step.reason.contains("read \(last) of key \(key)")
    case ("ww", let key?):
      guard let first = writes(source, key).last, let second = writes(target, key).last else { return false }
      return step.reason.contains("wrote \(first) to key \(key) before") && step.reason.contains("wrote \(second): ")
    case ("rw", let key?):
      guard let later = writes(target, key).last else { return false }
      return reads(source, key).contains { read in
        read != later
          && step.reason.contains(read.isNull ? "found nothing in key \(key)" : "read \(read) of key \(key), after")
          && step.reason.contains("wrote \(later)")
      }
    default: return false
    }
  }
}
