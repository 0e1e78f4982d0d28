import Checkers

/// Which anomalies each level forbids, as Docs/isolation.md has it: whatever breaks a level must be one of them.
enum ForbiddenNames {
  private static let cycles = ["G0", "G1c", "G-single", "G-nonadjacent", "G2-item"]

  private static func own(_ level: IsolationLevel) -> [String] {
    switch level {
    case .readUncommitted: ["G0", "duplicate-elements", "incompatible-order", "garbage-read"]
    case .readCommitted: ["G1a", "G1b", "G1c", "dirty-update"]
    case .cursorStability: ["lost-update"]
    case .monotonicAtomicView: ["observed-transaction-vanishes"]
    case .readAtomic: ["fractured-read", "internal", "future-read"]
    case .readYourWrites: ["missing-your-writes"]
    case .monotonicReads: ["non-monotonic-reads"]
    case .monotonicWrites: ["G0-process", "non-monotonic-writes"]
    case .writesFollowReads: ["G1c", "G1c-process", "missing-read-write-dependency"]
    case .pram: ["non-monotonic-writes"]
    case .causal: ["G1c-process", "missing-causal-write"]
    case .prefix: ["G-single", "G-nonadjacent"]
    case .parallelSnapshotIsolation: ["G-single"]
    case .snapshotIsolation: ["G-single", "G-nonadjacent"]
    case .updateSerializable, .repeatableRead, .serializable: cycles
    case .strongSessionSnapshotIsolation: cycles.dropLast().map { $0 + "-process" }
    case .strongSnapshotIsolation: cycles.dropLast().map { $0 + "-realtime" }
    case .strongSessionSerializable: cycles.map { $0 + "-process" }
    case .strictSerializable: cycles.map { $0 + "-realtime" }
    }
  }

  static func names(_ level: IsolationLevel) -> Set<String> {
    level.implications.reduce(into: []) { $0.formUnion(own($1)) }
  }

  /// A level that is said to be broken by what it does not forbid; nil if there is none.
  static func problem(with report: IsolationReport) -> String? {
    for rung in report.ladder {
      let names = names(rung.level)
      for witness in rung.witnesses where !names.contains(report.anomalies[witness].name) {
        return "\(rung.level.rawValue) does not forbid \(report.anomalies[witness].name)"
      }
    }
    // Prefix consistency forbids those of its cycles in which each anti-dependency comes after a read dependency.
    for witness in report.rung(.prefix)?.witnesses ?? [] {
      let links = report.anomalies[witness].steps.map(\.link)
      let isOther = zip(links.suffix(1) + links.dropLast(), links).contains { $0 != "wr" && $1 == "rw" }
      if ["G-single", "G-nonadjacent"].contains(report.anomalies[witness].name), isOther {
        return "prefix does not forbid \(links)"
      }
    }
    return nil
  }
}
