import Histories

/// Collects findings: counts all of them, and makes sentences of the first few of each kind only.
struct FindingLog {
  private let history: History
  /// Anomalies that break nothing that is claimed.
  private let harmless: Set<InvariantAnomaly>
  /// Anomalies that break what is claimed whichever events are missing.
  private let survivors: Set<InvariantAnomaly>
  private var findings: [InvariantReport.Finding] = []
  private var counts: [InvariantAnomaly: Int] = [:]

  init(
    _ history: History, harmless: Set<InvariantAnomaly> = [],
    survivors: Set<InvariantAnomaly> = InvariantAnomaly.survivors
  ) {
    self.history = history
    self.harmless = harmless
    self.survivors = survivors
  }

  /// One more of the anomaly.
  ///
  /// - Parameter describe: called only if the finding is kept, so it may look for what the decision did not need.
  mutating func add(
    _ anomaly: InvariantAnomaly, key: Value? = nil,
    _ describe: (Witnesses) -> (summary: String, operations: [Int], events: [Int])
  ) {
    let count = counts[anomaly, default: 0]
    counts[anomaly] = count + 1
    guard count < InvariantReport.findingsPerAnomalyMax else { return }
    let (summary, operations, events) = describe(Witnesses(history))
    let place = key.map { "key \($0): " } ?? ""
    findings.append(
      InvariantReport.Finding(
        anomaly: anomaly, key: key, summary: place + summary, operations: operations,
        events: Set(events).sorted(), survivesMissingEvents: survivors.contains(anomaly)))
  }

  /// So many more of the anomaly, of which nothing is said.
  mutating func add(_ anomaly: InvariantAnomaly, times: Int) {
    if times > 0 { counts[anomaly, default: 0] += times }
  }

  /// - Parameter unknown: why nothing can be said, unless something was found.
  func report(
    checker: String, algorithm: String, unknown: String?, statistics: [(name: String, value: Value)]
  ) -> InvariantReport {
    let order = InvariantAnomaly.allCases
    let sorted = order.flatMap { anomaly in findings.filter { $0.anomaly == anomaly } }
    let broken = sorted.filter { !harmless.contains($0.anomaly) }
    let verdict = !broken.isEmpty ? Verdict.invalid : unknown == nil ? .valid : .unknown
    return InvariantReport(
      checker: checker, algorithm: algorithm, verdict: verdict, reason: verdict == .unknown ? unknown : nil,
      findings: broken, observations: sorted.filter { harmless.contains($0.anomaly) },
      counts: order.compactMap { anomaly in
        counts[anomaly].map { InvariantReport.Count(anomaly: anomaly, count: $0) }
      },
      statistics: statistics.map { Statistic(name: $0.name, value: $0.value) })
  }
}

/// Names operations in sentences, so that a reader finds them in the history.
struct Witnesses {
  let history: History
  /// Whether the events say when they were.
  private let hasTimes: Bool

  init(_ history: History) {
    self.history = history
    hasTimes = history.count > 0 && history.time(at: history.count - 1) != 0
  }

  /// `process 3's read (events 12–15, 11.341 s)`; the time is that of the completion, if there is one.
  func name(_ invocation: Int, _ completion: Int?) -> String {
    let events = completion.map { "events \(invocation)–\($0)" } ?? "event \(invocation)"
    return "process \(history.process(at: invocation))'s \(history.function(at: invocation)) "
      + "(\(events)\(time(completion ?? invocation)))"
  }

  /// `, 11.341 s`; nothing where no times are known.
  private func time(_ event: Int) -> String {
    guard hasTimes else { return "" }
    return ", \(Self.seconds(history.time(at: event)))"
  }

  /// `0.250 s later`, or `later` where no times are known.
  func later(by nanoseconds: Int64) -> String { hasTimes ? "\(Self.seconds(nanoseconds)) later" : "later" }

  /// Nanoseconds as seconds with three decimals, cut off.
  static func seconds(_ nanoseconds: Int64) -> String {
    let milliseconds = abs(nanoseconds / 1_000_000)
    let decimals = String(1000 + milliseconds % 1000).dropFirst()
    return "\(nanoseconds <= -1_000_000 ? "-" : "")\(milliseconds / 1000).\(decimals) s"
  }
}
