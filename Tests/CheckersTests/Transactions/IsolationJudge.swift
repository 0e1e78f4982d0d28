import Checkers
import Histories

/// Judges the evidence of a report by the history alone: whether every step of every cycle is true, and whether the
/// cycle has the name that its steps give it.
struct IsolationJudge {
  private let history: History
  private let transactions: [Int: Operation]

  init(_ history: History) throws {
    self.history = history
    let operations = try Operations(history)
    transactions = Dictionary(
      uniqueKeysWithValues: (0..<operations.count).map { (operations[$0].invocation, operations[$0]) })
  }

  /// What is wrong with the report; nil if nothing is.
  ///
  /// - Parameter anomalies: those to judge, if not all.
  func problem(with report: IsolationReport, among anomalies: [IsolationReport.Anomaly]? = nil) -> String? {
    for rung in report.ladder {
      if (rung.verdict == .invalid) == rung.witnesses.isEmpty {
        return "\(rung.level.rawValue): no witness, or one too many"
      }
      if rung.verdict == .unknown, rung.reason == nil { return "\(rung.level.rawValue): unknown for no reason" }
      if rung.witnesses.contains(where: { !report.anomalies.indices.contains($0) }) { return "a witness that is none" }
    }
    return ForbiddenNames.problem(with: report)
      ?? (anomalies ?? report.anomalies).lazy.compactMap { problem(with: $0) }.first
  }

  private func problem(with anomaly: IsolationReport.Anomaly) -> String? {
    let involved = anomaly.transactions.compactMap { transactions[$0] }
    if involved.count != anomaly.transactions.count || involved.isEmpty { return "\(anomaly): unknown transactions" }
    if anomaly.steps.isEmpty { return nil }
    if Set(anomaly.transactions).count != involved.count { return "\(anomaly): meets a transaction twice" }
    if anomaly.steps.count != involved.count { return "\(anomaly): another number of steps than of transactions" }
    for (place, step) in anomaly.steps.enumerated() {
      if step.source != place || step.target != (place + 1) % involved.count { return "\(anomaly): no cycle" }
      let facts = sentences(step, involved[step.source], involved[step.target])
      if !facts.contains(step.reason) { return "not true: \(step), but \(facts.sorted())" }
    }
    let links = anomaly.steps.map(\.link)
    if let shapes = Self.missed[anomaly.name] { return shapes(links) ? nil : "\(anomaly): misnamed" }
    return anomaly.name == Self.name(links) ? nil : "\(anomaly): misnamed"
  }

  /// What the steps are of a read that misses a version, by what it should have shown it for.
  private static let missed: [String: @Sendable ([String]) -> Bool] = [
    "missing-your-writes": { $0 == ["rw", "process"] },
    "non-monotonic-reads": { [["rw", "wr", "process"], ["rw", "process"]].contains($0) },
    "non-monotonic-writes": { [["rw", "process", "wr"], ["rw", "process", "wr", "process"]].contains($0) },
    "missing-read-write-dependency": {
      [["rw", "wr"], ["rw", "wr", "wr"], ["rw", "process", "wr"], ["rw", "wr", "process", "wr"]].contains($0)
    },
    "lost-update": { $0.contains("rw") && Set($0).isSubset(of: ["ww", "wr", "rw"]) },
    "missing-causal-write": { $0.first == "rw" && $0.dropFirst().allSatisfy { ["wr", "process"].contains($0) } },
  ]

  /// The name of a cycle of these links: Adya's (1999, 4.1 to 4.4), with Elle's for the cases between, and its suffixes.
  static func name(_ links: [String]) -> String {
    let suffix = links.contains("realtime") ? "-realtime" : links.contains("process") ? "-process" : ""
    let next = links.dropFirst() + links.prefix(1)
    let name =
      switch links.count(where: { $0 == "rw" }) {
      case 0: links.contains("wr") ? "G1c" : "G0"
      case 1: "G-single"
      default: zip(links, next).contains { $0 == "rw" && $1 == "rw" } ? "G2-item" : "G-nonadjacent"
      }
    return name + suffix
  }

  // MARK: Facts

  /// A list as sentences have it: of more than nine elements the first and last four.
  private static func text(_ list: [Value]) -> String {
    let words = list.map(\.json)
    let left = words.count > 9 ? words.prefix(4) + ["…(\(words.count - 8) more)…"] + words.suffix(4) : words[...]
    return "[" + left.joined(separator: ", ") + "]"
  }

  private func micro(_ operation: Operation) -> [[Value]] {
    ((operation.outcome == .ok ? operation.output : operation.input).list ?? []).map { $0.list ?? [] }
  }

  private func appends(_ operation: Operation) -> [(key: Value, element: Value)] {
    micro(operation).filter { $0[0] == "append" }.map { ($0[1], $0[2]) }
  }

  private func reads(_ operation: Operation) -> [(key: Value, list: [Value])] {
    operation.outcome == .ok ? micro(operation).filter { $0[0] == "r" }.map { ($0[1], $0[2].list ?? []) } : []
  }

  /// What is longest of all that was read of the key, without the elements of transactions that failed.
  private func elements(_ key: Value) -> [Value] {
    let lists = transactions.values.flatMap { reads($0).filter { $0.key == key }.map(\.list) }
    let most = lists.map(\.count).max() ?? 0
    // Of several different ones, which no history with versions has, the first read.
    let longest = transactions.keys.sorted().lazy.compactMap { number -> [Value]? in
      guard let operation = self.transactions[number] else { return nil }
      return self.reads(operation).first { $0.key == key && $0.list.count == most }?.list
    }.first
    // An element that is shown again makes no version.
    let distinct = (longest ?? []).reduce(into: [Value]()) { if !$0.contains($1) { $0.append($1) } }
    return distinct.filter { element in
      transactions.values.contains {
        $0.outcome != .fail && appends($0).contains { $0.key == key && $0.element == element }
      }
    }
  }

  /// Every true sentence of this kind on these two.
  private func sentences(_ step: IsolationReport.Step, _ source: Operation, _ target: Operation) -> Set<String> {
    let (from, to) = ("T\(step.source + 1)", "T\(step.target + 1)")
    switch step.link {
    case "process":
      let isTrue = source.process == target.process && source.invocation < target.invocation
      return isTrue ? ["\(from) and \(to) ran in this order in one process"] : []
    case "realtime":
      let isTrue = source.outcome == .ok && (source.completion ?? .max) < target.invocation
      return isTrue ? ["\(from) had completed before \(to) was invoked"] : []
    case "ww": return Set(writeWrite(source, target, from, to))
    case "wr": return Set(writeRead(source, target, from, to))
    default:
      return Set(
        reads(source).flatMap { read in
          appends(target).filter { $0.key == read.key && !read.list.contains($0.element) }.map {
            "\(from) read key \(read.key) as \(Self.text(read.list)), without \($0.element), which \(to) appended"
          }
        })
    }
  }

  private func writeRead(_ source: Operation, _ target: Operation, _ from: String, _ to: String) -> [String] {
    reads(target).flatMap { read in
      appends(source).filter { $0.key == read.key && read.list.contains($0.element) }.flatMap { shown -> [String] in
        let own = appends(target).filter { $0.key == read.key }.map(\.element)
        let upTo = "\(to) read key \(read.key) up to \(shown.element), which \(from) appended"
        var sentences = [
          "\(to) read key \(read.key) as \(Self.text(read.list)), with \(shown.element), which \(from) appended"
        ]
        if read.list.last == shown.element { sentences.append(upTo) }
        if read.list.last != shown.element, read.list.last(where: { !own.contains($0) }) == shown.element {
          sentences.append(upTo + ", below its own appends")
        }
        return sentences
      }
    }
  }

  private func writeWrite(_ source: Operation, _ target: Operation, _ from: String, _ to: String) -> [String] {
    appends(target).flatMap { late in
      let elements = elements(late.key)
      let place = elements.firstIndex(of: late.element)
      return appends(source).filter { $0.key == late.key }.compactMap { early -> String? in
        guard let before = elements.firstIndex(of: early.element), before < place ?? .max else { return nil }
        let isCertain = source.outcome == .ok && target.outcome == .ok
        let between = elements[(before + 1)..<(place ?? elements.count)]
        // In between nothing but appends of the target itself.
        let others = between.filter { element in
          !appends(target).contains { $0.key == late.key && $0.element == element }
        }
        if !others.isEmpty {
          // Nothing but what may not have been committed: only then is this no consequence of other steps.
          let isUncertain = others.allSatisfy { element in
            transactions.values.contains {
              $0.outcome == .info && appends($0).contains { $0.key == late.key && $0.element == element }
            }
          }
          return isCertain && isUncertain
            ? "\(from) appended \(early.element) to key \(late.key) before \(to) appended \(late.element)" : nil
        }
        let seen = place == nil ? ", which no read shows yet" : ""
        return
          "\(from) appended \(early.element) to key \(late.key) right before \(to) appended \(late.element)\(seen)"
      }
    }
  }
}
