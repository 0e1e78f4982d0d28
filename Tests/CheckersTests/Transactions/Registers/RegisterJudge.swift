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
    if let circle = untrueCircle(in: anomaly.summary) { return "not true: \(circle) of \(anomaly)" }
    if anomaly.steps.isEmpty { return nil }
    if anomaly.steps.count != involved.count { return "\(anomaly): another number of steps than of transactions" }
    for (place, step) in anomaly.steps.enumerated() {
      if step.source != place || step.target != (place + 1) % involved.count { return "\(anomaly): no cycle" }
      if !isTrue(step, involved[step.source], involved[step.target]) { return "not true: \(step) of \(anomaly)" }
    }
    return nil
  }

  // MARK: Proofs

  /// The first circle of a proof, `event 2 wr 0→ 4 rw 1→ 2`, that does not close or has a step that cannot be one.
  private func untrueCircle(in text: String) -> Substring? {
    text.split(separator: "there is the circle event ").dropFirst().lazy.map { $0.prefix { $0 != ";" && $0 != "]" } }
      .first { !isCircle($0) }
  }

  private func isCircle(_ text: Substring) -> Bool {
    let parts = text.split(separator: "→ ").map { $0.split(separator: " ") }
    let events = parts.compactMap { Int($0[0]) }
    guard parts.count > 2, events.count == parts.count, events.first == events.last else { return false }
    return zip(parts, zip(events, events.dropFirst())).allSatisfy { part, ends in
      guard let source = transactions[ends.0], let target = transactions[ends.1] else { return false }
      return isPossible(part[1...].map(String.init), source, target)
    }
  }

  /// Whether there may be such a step under some order of the versions.
  private func isPossible(_ step: [String], _ source: Operation, _ target: Operation) -> Bool {
    if step == ["process"] { return source.process == target.process && source.invocation < target.invocation }
    if step == ["realtime"] { return source.outcome == .ok && (source.completion ?? .max) < target.invocation }
    guard step.count == 2 else { return false }
    let keys = Set((micro(source) + micro(target)).map { $0[1] })
    guard let key = keys.first(where: { $0.description == step[1] || $0.json == step[1] }) else { return false }
    switch step[0] {
    case "ww": return !writes(source, key).isEmpty && !writes(target, key).isEmpty
    case "wr": return writes(source, key).last.map(reads(target, key).contains) ?? false
    case "rw": return !reads(source, key).isEmpty && !writes(target, key).isEmpty
    default: return false
    }
  }

  // MARK: Steps

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
      return writes(source, key).contains { value in
        reads(target, key).contains(value) && step.reason.contains("read \(value) of key \(key)")
      }
    case ("ww", let key?):
      guard let first = writes(source, key).last, let second = writes(target, key).last else { return false }
      return step.reason.contains("wrote \(first) to key \(key) before") && step.reason.contains("wrote \(second): ")
    case ("rw", let key?):
      guard let later = writes(target, key).last else { return false }
      return reads(source, key).contains { read in
        read != later
          && step.reason.contains(
            read.isNull ? "read the initial value of key \(key)" : "read \(read) of key \(key), after")
          && step.reason.contains("wrote \(later)")
      }
    default: return false
    }
  }
}
