import Checkers
import Generators
import Histories

/// Times the isolation levels of rw-register histories, with every inference on: lowering and all levels, on one
/// processor.
struct RegisterBench {
  /// What a history is made as.
  private enum Kind: String, CaseIterable {
    case valid
    /// By a database with snapshot isolation, in which transactions skew each other's writes.
    case snapshot = "snapshot isolation"
    /// Valid but for one write skew near the end.
    case planted = "one write skew"

    func options(_ transactions: Int) -> SyntheticTransactions.Options {
      var options = SyntheticTransactions.Options(
        objects: .registers, transactions: transactions, clients: 20, activeKeys: 10, appendsPerKey: 256)
      if self == .snapshot { options.level = .snapshotIsolation }
      if self == .planted { options.planted = .antiDependencyCycle }
      return options
    }

    func isExpected(_ report: IsolationReport) -> Bool {
      if self == .valid { return report.strongestSatisfied == [.strictSerializable] && report.anomalies.isEmpty }
      return report.strongestSatisfied == [.strongSnapshotIsolation] && report.rung(.serializable)?.verdict == .invalid
        && report.anomalies.contains { $0.name == "G2-item" }
    }
  }

  let quick: Bool
  let filter: String
  /// Rows whose verdict was not the known one.
  private(set) var wrong = 0

  init(quick: Bool, filter: String) { (self.quick, self.filter) = (quick, filter) }

  mutating func run() throws {
    let rows = Kind.allCases.flatMap { kind in
      (quick ? [1_000, 10_000] : [10_000, 100_000, 1_000_000]).map {
        (name: "\($0) registers, \(kind.rawValue)", $0, kind)
      }
    }
    let chosen = rows.filter { filter.isEmpty || $0.name.contains(filter) }
    if chosen.isEmpty { return }
    print(
      "\n" + padded("rw-register history", 38) + padded("seconds", 9) + padded("txns/s", 10) + padded("committed", 11)
        + padded("MB before", 11) + padded("peak MB", 9) + "strongest that holds, and what is named")
    for (name, count, kind) in chosen { try measure(name, count, kind) }
  }

  private mutating func measure(_ name: String, _ count: Int, _ kind: Kind) throws {
    let history = try SyntheticTransactions(kind.options(count), seed: 1).history()
    let before = IsolationBench.memory("VmRSS:")
    IsolationBench.resetPeak()
    var seconds = Double.infinity
    var found: IsolationReport?
    for _ in 0..<3 {
      let start = ContinuousClock.now
      found = try RWRegisterChecker().report(history)
      seconds = min(seconds, (ContinuousClock.now - start).seconds)
    }
    guard let report = found else { return }
    let isWrong = !kind.isExpected(report)
    if isWrong { wrong += 1 }
    print(
      padded(name, 38) + padded(fixed(seconds, 3), 9) + padded("\(Int(Double(count) / seconds))", 10)
        + padded("\(report.committed)", 11) + padded("\(before)", 11)
        + padded("\(IsolationBench.memory("VmHWM:"))", 9)
        + report.strongestSatisfied.map(\.rawValue).joined(separator: ", ") + "; "
        + report.anomalies.map(\.name).joined(separator: ", ") + (isWrong ? "  WRONG" : ""))
    for rung in report.ladder where rung.verdict == .unknown {
      print("    \(rung.level.rawValue): unknown, \(rung.reason ?? "")")
    }
    showNow()
  }
}
