import Checkers
import Histories

/// Times the checkers of workloads with an invariant, on one processor.
struct WorkloadBench {
  let rows: [WorkloadRow]
  /// Rows whose verdict, or anomaly, was not the known one.
  private(set) var wrong = 0

  init(quick: Bool, filter: String) {
    rows = (WorkloadRow.queues(quick: quick) + WorkloadRow.replicas(quick: quick)).filter {
      filter.isEmpty || "\($0.model) \($0.name)".contains(filter)
    }
  }

  mutating func run() throws {
    print(
      padded("history", 66) + padded("claim", 28) + padded("operations", 12) + padded("seconds", 9) + padded("cpu", 9)
        + padded("MB before", 11) + "peak MB")
    for row in rows { try measure(row) }
    print("\nthe same loop at the end of it: \(fixed(Measurement.noise(), 3)) s")
  }

  private mutating func measure(_ row: WorkloadRow) throws {
    guard let model = InvariantModel.all.first(where: { $0.name == row.model }) else {
      fatalError("no model \(row.model)")
    }
    let history = row.history()
    let operations = (0..<history.count).count { history.type(at: $0) == .invoke }
    var report: InvariantReport?
    let before = IsolationBench.memory("VmRSS:")
    IsolationBench.resetPeak()
    let time = try IsolationBench.best {
      report = try model.report(history, claim: row.claim, assumptions: row.assumptions)
    }
    let found = Set((report?.findings ?? []).map(\.anomaly))
    let expected: Verdict = row.isUndecidable ? .unknown : row.planted == nil ? .valid : .invalid
    let isExpected = report?.verdict == expected && (row.planted.map(found.contains) ?? found.isEmpty)
    if !isExpected { wrong += 1 }
    print(
      padded("\(row.model), \(row.name)", 66) + padded(row.claim, 28) + padded("\(operations)", 12)
        + padded(fixed(time.wall, 3), 9) + padded(fixed(time.cpu, 3), 9) + padded("\(before)", 11)
        + "\(IsolationBench.memory("VmHWM:"))" + (isExpected ? "" : "  WRONG"))
    showNow()
  }
}
