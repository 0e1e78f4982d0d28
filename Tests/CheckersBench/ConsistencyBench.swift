import Checkers
import Generators
import Histories

/// Times what registers promise below linearizability: staleness, guarantees to sessions and causal consistency.
///
/// The histories are of replicas that lag behind one log of writes, each with its clients: sequentially consistent, not
/// linearizable, so that no check ends with the first order that it tries.
struct ConsistencyBench {
  /// What is decided, and what of the lagging replicas is known to come out.
  private struct Row: Sendable {
    var claim: String
    var isBroken: Bool
    /// The verdict, and whether it is for the planted reason.
    var decide: @Sendable (History) throws -> (verdict: Verdict, anomalies: Set<String>)
  }

  private let operations: [Int]
  private let filter: String
  /// Rows whose verdict was not the known one.
  private(set) var wrong = 0

  init(quick: Bool, filter: String) {
    operations = quick ? [1_000, 10_000] : [10_000, 100_000, 1_000_000]
    self.filter = filter
  }

  private static let rows: [Row] =
    ["t<1h", "k<1000000"].map { bound in staleness(bound, isBroken: false) } + [staleness("t<1ns", isBroken: true)]
    + [false, true].flatMap { isBroken in
      [
        Row(claim: WeakCausalChecker.claim, isBroken: isBroken) { history in
          let report = try WeakCausalChecker.report(history)
          return (report.verdict, Set(report.findings.map(\.anomaly.rawValue)))
        },
        Row(claim: IsolationLevel.causal.rawValue, isBroken: isBroken) { history in
          let result = try RegisterConsistency.result(history, claim: .causal)
          return (result.verdict, Set(result.findings.map(\.anomaly)))
        },
      ]
    }

  private static func staleness(_ bound: String, isBroken: Bool) -> Row {
    Row(claim: "\(StalenessChecker.claim) \(bound)", isBroken: isBroken) { history in
      guard let bound = StalenessBound(bound) else { fatalError("no bound: \(bound)") }
      let report = try StalenessChecker.report(history, .init(bound: bound))
      return (report.verdict, Set(report.findings.map(\.anomaly.rawValue)))
    }
  }

  mutating func run() throws {
    for count in operations {
      for row in Self.rows {
        let isPlanted = row.isBroken && !row.claim.hasPrefix(StalenessChecker.claim)
        let name = "register, \(count / 1000)k, replicas that lag\(isPlanted ? ", one read that forgot" : "")"
        guard filter.isEmpty || "\(name) \(row.claim)".contains(filter) else { continue }
        try measure(row, name, LaggingReplicas(operations: count, forgets: isPlanted).history())
      }
    }
  }

  private mutating func measure(_ row: Row, _ name: String, _ history: History) throws {
    var outcome: (verdict: Verdict, anomalies: Set<String>)?
    let before = IsolationBench.memory("VmRSS:")
    IsolationBench.resetPeak()
    let time = try IsolationBench.best { outcome = try row.decide(history) }
    let isExpected =
      outcome?.verdict == (row.isBroken ? .invalid : .valid) && outcome?.anomalies.isEmpty == !row.isBroken
    if !isExpected { wrong += 1 }
    print(
      padded(name, 66) + padded(row.claim, 28) + padded("\(history.count / 2)", 12) + padded(fixed(time.wall, 3), 9)
        + padded(fixed(time.cpu, 3), 9)
        + padded("\(before)", 11) + "\(IsolationBench.memory("VmHWM:"))"
        + (isExpected ? "" : "  WRONG: \(String(describing: outcome))"))
    showNow()
  }
}

/// Ten clients of three replicas: a client writes at the end of the log, which its replica then has; the others are
/// behind by some writes, never more than before.
private struct LaggingReplicas {
  private static let clients = 9
  private static let replicas = 3
  private static let keys = 100
  private static let lagMax = 50

  let operations: Int
  /// The last read but a few shows what its session has seen replaced.
  let forgets: Bool

  func history() -> History {
    var history = History(keyed: true)
    var random = RandomStreams(seed: 1).stream("bench/replicas")
    var log: [(key: Int, value: Int64)] = []
    // By replica: how much of the log it has, and by key what it shows.
    var applied = [Int](repeating: 0, count: Self.replicas)
    var shown = [[Int64]](repeating: [Int64](repeating: 0, count: Self.keys), count: Self.replicas)
    func apply(_ replica: Int, upTo end: Int) {
      for place in applied[replica]..<max(end, applied[replica]) { shown[replica][log[place].key] = log[place].value }
      applied[replica] = max(applied[replica], end)
    }
    func append(_ client: Int, _ function: String, _ key: Int, _ value: Int64) {
      let shown = value == 0 ? Value.null : .int(value)
      for type in [EventType.invoke, .ok] {
        let input = type == .invoke && function == "read" ? Value.null : shown
        history.append(
          Event(
            index: history.count, time: Int64(history.count) * 1000, process: ProcessID(Int32(client)), type: type,
            function: function, value: [.int(Int64(key)), input]))
      }
    }
    for _ in 0..<operations {
      let (client, key) = (random.below(Self.clients), random.below(Self.keys))
      let replica = client % Self.replicas
      if random.below(2) == 0 {
        log.append((key, Int64(log.count + 1)))
        apply(replica, upTo: log.count)
        append(client, "write", key, Int64(log.count))
      } else {
        apply(replica, upTo: log.count - random.below(Self.lagMax))
        append(client, "read", key, shown[replica][key])
      }
    }
    if forgets, let last = log.last, let old = log.dropLast().last(where: { $0.key == last.key }) {
      // Both writes are in the causal past of the second read.
      append(0, "read", last.key, old.value)
      append(0, "write", last.key, Int64(log.count + 1))
      append(0, "read", last.key, old.value)
    }
    return history
  }
}
